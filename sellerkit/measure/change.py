"""A change of a share between two windows, split into rules, mix and behaviour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sellerkit.measure.shares import in_window, wilson
from sellerkit.tables import KINDS

_CLOSED = ["met", "late", "missed"]
_COUNTED = [*_CLOSED, "open"]
_CELL = ["kind", "topic", "marketplace"]

#: Figure and kind (None: contacts) → the statuses of its numerator, over met + late + missed.
FIGURES: dict[tuple[str, str | None], list[str]] = {
    ("on_time_share", None): ["met"],
    ("late_share", None): ["late", "missed"],
    ("no_response_share", None): ["missed"],
    **{("coverage", kind): ["met"] for kind in KINDS},
    **{("written_share", kind): ["met", "late"] for kind in KINDS},
}

#: What moved a share, in the order of the axes below: whose rules, whose mix, whose behaviour.
PARTS = ["due_to_rules", "due_to_mix", "due_to_behaviour"]

_BY_CELL = {
    **dict.fromkeys(["figure", "kind", "topic", "marketplace"], "str"),
    **dict.fromkeys(["n_before", "n_now"], "int64"),
    **dict.fromkeys(["before", "now", *PARTS], "float64"),
}

# Shapley's weights of three parts: how often, among the six orders in which they can change, none,
# one certain or both of the other two have changed before.
_ORDERS = np.array([[1 / 3, 1 / 6], [1 / 6, 1 / 3]])


class Tallies(NamedTuple):
    """Two windows as `tally_cells` counts them, each by its own rules and by the other's.

    Attributes
    ----------
    before, now : pd.DataFrame
        Each window by the rules of its own time.
    before_by_now, now_by_before : pd.DataFrame
        What was done before, judged by the rules of now; and the other way round.
    """

    before: pd.DataFrame
    now: pd.DataFrame
    before_by_now: pd.DataFrame
    now_by_before: pd.DataFrame


def tally_cells(
    contacts: pd.DataFrame,
    obligations: pd.DataFrame,
    *,
    since: pd.Timestamp,
    until: pd.Timestamp,
) -> pd.DataFrame:
    """Duties of a window by kind, topic and marketplace, one row per cell that has one.

    Parameters
    ----------
    contacts, obligations : pd.DataFrame
        The findings of these names, any order; all of them up to `as_of`, or those of the window.
    since, until : pd.Timestamp
        The window ``[since, until)``.

    Returns
    -------
    pd.DataFrame
        Index `kind`, `topic`, `marketplace` (``str``, the empty one where it is not known);
        `met`, `late`, `missed`, `open` (``int64``). Inquiries are the counted contacts, by their
        topic; order problems are by what went wrong; returns and claims have no topic.
    """
    asked = in_window(contacts[contacts["counted"]], "sent_at", since, until)
    owed = in_window(obligations[obligations["kind"] != "inquiry"], "trigger_at", since, until)
    rows = pd.concat(
        [asked.assign(kind="inquiry"), owed.assign(topic=owed["problem"])], ignore_index=True
    )
    keys = [rows[name].fillna("").astype("str") for name in _CELL]
    flags = pd.DataFrame({name: rows["status"] == name for name in _COUNTED})
    return flags.groupby(keys).sum().astype("int64")


def split_change(tallies: Tallies) -> pd.DataFrame:
    """Change of each headline share between two windows, and what it is due to, one row each.

    Parameters
    ----------
    tallies : Tallies

    Returns
    -------
    pd.DataFrame
        `figure` (`on_time_share`, `late_share`, `no_response_share` of contacts; `coverage`,
        `written_share` of each kind of obligation), `kind` (null for contacts), `before`, `now`,
        `change`, its 95 % interval `low` to `high`, `due_to_rules`, `due_to_mix`,
        `due_to_behaviour` (``float64``, 0 to 1; ``NaN`` where undefined), `n_before`, `n_now`
        (met, late and missed ones: what the share is of), `open_before`, `open_now` (in none),
        and `why_null`: `none_before`, `none_now`, or `none_by_other_rules` where a window has
        no duty that was met, late or missed, by its own rules or by those of the other.

    Notes
    -----
    A share is ``Σ weight × share`` over cells of topic and marketplace: the weights are the mix,
    the shares are behaviour, and both are counted by some rules. With each of the three of one
    window or of the other there are eight shares; a part is its mean effect over the six orders
    in which rules, mix and behaviour can change (Shapley value). So
    ``due_to_rules + due_to_mix + due_to_behaviour = change``, whatever is named first.
    A cell that one window lacks has no share there: it is taken to be that of the other window,
    so that what comes and goes counts as mix. The interval is Newcombe's, of two independent
    shares: windows that overlap move less by chance.

    Source
    ------
    Shapley 1953, as in Shorrocks 2013 (decomposition); Newcombe 1998, method 10.
    """
    cells = _cells_by_kind(tallies)
    rows = [
        {"figure": figure, "kind": kind, **_row(cells[kind or "inquiry"].counts, hits)}
        for (figure, kind), hits in FIGURES.items()
    ]
    counts = dict.fromkeys(["n_before", "n_now", "open_before", "open_now"], "int64")
    shares = dict.fromkeys(["before", "now", "change", "low", "high", *PARTS], "float64")
    words = dict.fromkeys(["figure", "kind", "why_null"], "str")
    return pd.DataFrame(rows).astype({**words, **shares, **counts})


def change_by_cell(tallies: Tallies) -> pd.DataFrame:
    """Where a change comes from: one row per figure and cell of topic and marketplace.

    Parameters
    ----------
    tallies : Tallies

    Returns
    -------
    pd.DataFrame
        `figure`, `kind`, `topic`, `marketplace` (null where not known), `n_before`, `n_now`,
        `before`, `now` (the cell's shares), `due_to_rules`, `due_to_mix`, `due_to_behaviour`.
        Only figures whose change can be split; of each they add up to the parts of
        `split_change`.

    Notes
    -----
    A cell's part of the mix is how its weight changed × how far its share lies from the mean of
    the two windows' shares: more of what is answered worse than most lowers the share.
    """
    cells = _cells_by_kind(tallies)
    frames = []
    for (figure, kind), hits in FIGURES.items():
        index, counts = cells[kind or "inquiry"]
        if not _why_null(counts):
            frame = _by_cell(counts, hits).set_axis(index)
            frames.append(frame.reset_index().assign(figure=figure, kind=kind))
    rows = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=_BY_CELL)
    rows = rows[list(_BY_CELL)].astype(_BY_CELL)
    for name in ("topic", "marketplace"):
        rows[name] = rows[name].where(rows[name] != "")
    return rows


def points(change: float, parts: Sequence[float], digits: int = 1) -> tuple[float, list[float]]:
    """Write a change and its parts in points of per cent, rounded so that they add up.

    Parameters
    ----------
    change : float
        -1 to 1; the sum of the parts.
    parts : sequence of float
    digits : int
        After the point.

    Returns
    -------
    tuple
        The change rounded, and the parts, each the next number below or above its own; what is
        exactly 0 stays 0.

    Examples
    --------
    >>> points(-0.0412, [0.0, -0.0123, -0.0289])
    (-4.1, [0.0, -1.2, -2.9])
    """
    scale = 10**digits
    exact = np.array(parts, float) * 100 * scale
    below = np.floor(exact)
    whole = round(change * 100 * scale)
    up = np.argsort(below - exact, kind="stable")[: int(whole - below.sum())]
    below[up] += 1
    return whole / scale, [float(unit) / scale + 0.0 for unit in below]


class _Cells(NamedTuple):
    """Cells of one kind, and their counts: whose rules, whose window (0 before, 1 now), status."""

    index: pd.MultiIndex
    counts: np.ndarray


def _cells_by_kind(tallies: Tallies) -> dict[str, _Cells]:
    before, now, before_by_now, now_by_before = tallies
    index = before.index
    for tally in tallies[1:]:
        index = index.union(tally.index, sort=True)
    grid = [[before, now_by_before], [before_by_now, now]]
    filled = [[tally.reindex(index, fill_value=0)[_COUNTED] for tally in row] for row in grid]
    counts = np.moveaxis(np.array(filled), 2, 3)
    kinds = index.get_level_values("kind")
    places = {kind: np.flatnonzero((kinds == kind) & counts.any((0, 1, 2))) for kind in KINDS}
    cells = index.droplevel("kind")
    return {kind: _Cells(cells[at], counts[..., at]) for kind, at in places.items()}


def _sum_of(counts: np.ndarray, statuses: list[str]) -> np.ndarray:
    """Return how many there are of some statuses: whose rules, whose window, cell."""
    return np.asarray(counts[:, :, [_COUNTED.index(status) for status in statuses]].sum(axis=2))


def _row(counts: np.ndarray, hits: list[str]) -> dict[str, Any]:
    own = [0, 1]  # each window by its own rules
    n, k, still = (
        _sum_of(counts, names).sum(axis=-1)[own, own] for names in (_CLOSED, hits, ["open"])
    )
    share = np.divide(k, n, out=np.full(2, np.nan), where=n > 0)
    why = _why_null(counts)
    parts = np.full(len(PARTS), np.nan) if why else _parts(counts, hits).sum(axis=-1)
    low, high = _newcombe(share, k, n)
    return {
        "before": share[0], "now": share[1], "change": share[1] - share[0],
        "low": low, "high": high, **dict(zip(PARTS, parts, strict=True)),
        "n_before": n[0], "n_now": n[1], "open_before": still[0], "open_now": still[1],
        "why_null": why,
    }  # fmt: skip


def _why_null(counts: np.ndarray) -> str | None:
    """Say why a change cannot be split: which of the windows has no share to split it by."""
    closed = _sum_of(counts, _CLOSED).sum(axis=-1) > 0
    if closed.all():
        return None
    if not closed[0, 0]:
        return "none_before"
    return "none_by_other_rules" if closed[1, 1] else "none_now"


def _newcombe(share: np.ndarray, k: np.ndarray, n: np.ndarray) -> tuple[float, float]:
    """Return the interval of a difference, made of the two shares' own Wilson intervals."""
    (low, low_now), (high, high_now) = wilson(k, n)
    before, now = share
    down = np.hypot(now - low_now, high - before)
    up = np.hypot(high_now - now, before - low)
    return now - before - down, now - before + up


def _own_shares(counts: np.ndarray, hits: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return how many each cell has, and of them the share: whose rules, whose window, cell."""
    n = _sum_of(counts, _CLOSED)
    share = np.divide(_sum_of(counts, hits), n, out=np.full(n.shape, np.nan), where=n > 0)
    return n, share


def _parts(counts: np.ndarray, hits: list[str]) -> np.ndarray:
    """Return what rules, mix and behaviour (first axis) did to the share by each cell."""
    n, own = _own_shares(counts, hits)
    share = np.where(np.isnan(own), own[:, ::-1], own)
    weight = n / n.sum(axis=-1, keepdims=True)
    middle = sum(np.nansum(weight[at, at] * own[at, at]) for at in (0, 1)) / 2
    # a cell that both windows lack has no share, and no weight either
    away = np.nan_to_num(share - middle)
    # axes: whose rules, whose mix, whose behaviour, cell; weights add up to 1, so that measuring
    # shares from their middle moves no sum, and gives each cell the sign of what it does
    value = weight[:, :, None] * away[:, None, :]
    steps = [np.diff(value, axis=axis).squeeze(axis) for axis in range(len(PARTS))]
    return np.array([(step * _ORDERS[:, :, None]).sum(axis=(0, 1)) for step in steps])


def _by_cell(counts: np.ndarray, hits: list[str]) -> pd.DataFrame:
    n, share = _own_shares(counts, hits)
    own = {"n_before": n[0, 0], "n_now": n[1, 1], "before": share[0, 0], "now": share[1, 1]}
    return pd.DataFrame({**own, **dict(zip(PARTS, _parts(counts, hits), strict=True))})
