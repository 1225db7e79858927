"""What is missing of an audit's mail, and between what its rates must lie for that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sellerkit.measure.bounds import bounds_of_contacts, bounds_of_duties
from sellerkit.measure.holes import find_holes
from sellerkit.measure.replies import (
    aliases_without_order,
    answered_mails,
    references_not_on_file,
    threads_without_beginning,
)
from sellerkit.measure.shares import in_window, spans_before
from sellerkit.measure.spans import clock_skew, order_gaps, spans
from sellerkit.tables import MAILS, empty


def missing_mail(
    histories: Mapping[str, pd.DataFrame],
    mails: pd.DataFrame | None,
    contacts: pd.DataFrame,
    obligations: pd.DataFrame,
    *,
    since: pd.Timestamp,
    until: pd.Timestamp,
    as_of: pd.Timestamp,
) -> dict[str, Any]:
    """Holes in the mail, what points to them, and the lowest and highest value of each rate.

    Parameters
    ----------
    histories : mapping of str to pd.DataFrame
        The seven histories as they were at `as_of`, by name.
    mails : pd.DataFrame or None
        `tables.MAILS`: what the mails themselves said; None where nothing came as mail.
    contacts : pd.DataFrame
        All contacts up to `as_of`.
    obligations : pd.DataFrame
        Those of the window.
    since, until, as_of : pd.Timestamp
        UTC; the window is ``[since, until)``.

    Returns
    -------
    dict
        `holes` (list of dicts, `holes.COLUMNS`), `weeks_with_holes` (Mondays of those that meet
        the window), `bounds` (`contacts`: by period; `obligations`: by kind),
        `threads_beginning_with_reply`, `references_not_on_file` (of the window),
        `aliases_without_order`, `spans`, `order_gaps` and `clock_skew`.

    Notes
    -----
    docs/completeness.md says how each is found.
    """
    messages, orders = histories["messages"], histories["orders"]
    said = empty(MAILS) if mails is None else in_window(mails, "sent_at", _EVER, _after(as_of))
    answered = answered_mails(messages, said, orders)
    holes = find_holes(messages, orders, contacts, answered, as_of=as_of)
    window = (since, until)
    names = references_not_on_file(said, messages)
    begun = threads_without_beginning(messages, said, names)
    return {
        "holes": holes.to_dict("records"),
        "weeks_with_holes": _weeks(holes, since, until),
        "bounds": _bounds(histories, contacts, obligations, holes, answered, (*window, as_of)),
        "threads_beginning_with_reply": len(in_window(begun, "sent_at", *window)),
        "references_not_on_file": len(in_window(names, "sent_at", *window)),
        "aliases_without_order": aliases_without_order(messages),
        "spans": spans(messages, orders),
        "order_gaps": order_gaps(orders, since=since, until=until, as_of=as_of),
        "clock_skew": clock_skew(said, since=since, until=until),
    }


_EVER = pd.Timestamp("1900-01-01", tz="UTC")


def _after(as_of: pd.Timestamp) -> pd.Timestamp:
    return as_of + pd.Timedelta(1, unit="us")


def _weeks(holes: pd.DataFrame, since: pd.Timestamp, until: pd.Timestamp) -> list[Any]:
    """Return the Mondays of the weeks of the window in which mail is missing."""
    over = holes[(holes["kind"] == "week") & (holes["since"] < until) & (holes["until"] > since)]
    return sorted({at.date() for at in over["since"]})


def _bounds(
    histories: Mapping[str, pd.DataFrame],
    contacts: pd.DataFrame,
    obligations: pd.DataFrame,
    holes: pd.DataFrame,
    answered: pd.DataFrame,
    times: tuple[pd.Timestamp, pd.Timestamp, pd.Timestamp],
) -> dict[str, Any]:
    since, until, as_of = times
    periods = {"window": (since, until), **spans_before(as_of)}
    of_contacts = {
        name: bounds_of_contacts(contacts, holes, answered, since=begin, until=end, as_of=as_of)
        for name, (begin, end) in periods.items()
    }
    files = histories["messages"]["source"].dropna().unique()
    told = histories["claims"]["source"].isin(files).any()
    of_duties = bounds_of_duties(
        obligations, of_contacts["window"], holes, since=since, until=until, as_of=as_of,
        by_mail=("return", "claim") if told else ("return",),
    )  # fmt: skip
    return {"contacts": of_contacts, "obligations": of_duties}
