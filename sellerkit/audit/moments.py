"""The histories as they were at `as_of`: nothing later is seen, and bare dates get their time.

See rules.md, Time. An event later than `as_of` has not happened, so its column reads as null, and
so does what hangs on it (who canceled, how much was refunded). Deadlines are no events and stay.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sellerkit.audit.pairing import (
    DAY,
    HOUR,
    NAT,
    NONE,
    Timeline,
    codes_of,
    instants_of,
    micro,
    micros_of,
    pick,
)
from sellerkit.policy import zone_of

#: For each history its event columns, and the columns that say something only once it happened.
EVENTS: dict[str, dict[str, tuple[str, ...]]] = {
    "messages": {"sent_at": ()},
    "orders": {
        "purchased_at": (),
        "shipped_at": (),
        "delivered_at": ("signature",),
        "canceled_at": ("canceled_by", "cancel_reason"),
    },
    "returns": {
        "requested_at": (),
        "authorized_at": ("authorized_by",),
        "closed_at": (),
        "refunded_at": ("refund_amount",),
    },
    "claims": {
        "filed_at": (),
        "responded_at": (),
        "decided_at": ("outcome",),
        "appealed_at": (),
    },
    "calls": {"started_at": ()},
    "solicitations": {"sent_at": ()},
    "notices": {"sent_at": ()},
}

#: What a status that has not been reached yet hangs on.
_STATUS_EVENTS = {"shipped": "shipped_at", "canceled": "canceled_at"}

_QUARTER = HOUR // 4  # every zone's days end on one

#: Which notice from Amazon tells the time of which event.
_NOTICES = (
    ("returns", "requested_at", "return"),
    ("returns", "refunded_at", "refund"),
    ("claims", "filed_at", "claim"),
)


def as_they_were(
    histories: dict[str, pd.DataFrame], as_of: pd.Timestamp
) -> dict[str, pd.DataFrame]:
    """Return the histories as they were at an instant; the given frames are left as they are.

    Parameters
    ----------
    histories : dict of str to pd.DataFrame
        By the names of `sellerkit.tables.AUDITED`, with their columns.
    as_of : pd.Timestamp
        UTC. What happened at this very instant is seen.

    Returns
    -------
    dict of str to pd.DataFrame
        The same tables, fresh range indexes, in the order given.
    """
    seen = dict(histories)
    for name in ("messages", "orders"):
        seen[name] = _masked(histories[name], name, as_of)
    for name in ("returns", "claims"):
        seen[name] = _in_own_zone(seen[name], list(EVENTS[name]), seen["orders"])
    for name, column, topic in _NOTICES:
        seen[name] = _timed_by_notice(seen[name], column, topic, seen)
    for name in ("returns", "claims", "calls", "solicitations", "notices"):
        seen[name] = _masked(seen[name], name, as_of)
    # a claim whose filing is still to come is none yet, whatever else its row says
    seen["claims"] = seen["claims"][seen["claims"]["filed_at"].notna()].reset_index(drop=True)
    return seen


def _masked(frame: pd.DataFrame, name: str, as_of: pd.Timestamp) -> pd.DataFrame:
    events, now = EVENTS[name], micro(as_of)
    micros = {column: micros_of(frame[column]) for column in events} if len(frame) else {}
    later = {column: at > now for column, at in micros.items() if at.max() > now}
    frame = frame.reset_index(drop=True)
    if not later:
        return frame
    # one that has no event at all is on file, and one of which any is over has begun
    begun = np.logical_or.reduce([(at <= now) & (at != NAT) for at in micros.values()])
    begun |= np.logical_and.reduce([at == NAT for at in micros.values()])
    frame = frame if begun.all() else frame[begun].reset_index(drop=True)
    for column, is_later in later.items():
        unseen = is_later[begun]
        if unseen.any():
            if name == "orders":
                reached = (frame["status"].map(_STATUS_EVENTS) == column).to_numpy(bool)
                frame["status"] = frame["status"].mask(unseen & reached)
            for other in (column, *events[column]):
                frame[other] = frame[other].mask(unseen)
    return frame


def day_of(instants: pd.Series, zones: pd.Series) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for each instant its day's first and last microsecond, and whether it is a bare date.

    A bare date is read as the last microsecond of its day in the store's zone, so an instant that
    is just that had no time on file.

    Returns
    -------
    tuple of np.ndarray
        ``int64`` micros of the day's start and end in the row's zone, and ``bool``; of an instant
        that ends no day in any zone both are 0.
    """
    start = np.full(len(instants), 0, dtype="int64")
    end, micros = start.copy(), micros_of(instants)
    may = _may_be_bare(micros)
    for zone in zones[may].unique():
        here = may & (zones == zone).to_numpy(bool)
        # naive days: a calendar day has no zone until its edges are placed in one
        days = instants[here].dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
        edges = [days, days + pd.Timedelta(days=1)]
        start[here], end[here] = (micros_of(_placed(edge, zone)) for edge in edges)
        end[here] -= 1
    return start, end, may & (micros == end)


def _may_be_bare(micros: np.ndarray) -> np.ndarray:
    return np.asarray((micros != NAT) & ((micros + 1) % _QUARTER == 0))


def _placed(local: pd.Series, zone: str) -> pd.Series:
    """Place naive local midnights in a zone; one that does not exist is the first instant after."""
    placed = local.dt.tz_localize(
        zone, nonexistent="shift_forward", ambiguous=np.ones(len(local), dtype=bool)
    )
    return placed.dt.tz_convert("UTC")


def _in_own_zone(frame: pd.DataFrame, columns: list[str], orders: pd.DataFrame) -> pd.DataFrame:
    """Place bare dates that were read before their order was known at the end of its store's day.

    A reader knows no order, so it takes the zone of the store that the file's currency or its user
    names, else UTC: the calendar day is that of the zone in which the instant ends one.
    """
    if not any(_may_be_bare(micros_of(frame[name])).any() for name in columns):
        return frame
    of_frame, of_orders = codes_of(
        *([table["account"], table["order_id"]] for table in (frame, orders))
    )
    zones = zones_of(frame, of_frame, orders, of_orders)
    # all columns as one, since most of the work is one step for each zone
    instants = pd.concat([frame[name] for name in columns], ignore_index=True)
    zones, accounts = (
        pd.concat([each] * len(columns), ignore_index=True) for each in (zones, frame["account"])
    )
    placed = _placed_anew(instants, zones, _read_in(frame, orders), accounts)
    by_column = np.split(placed, len(columns))
    return frame.assign(
        **{n: instants_of(p).set_axis(frame.index) for n, p in zip(columns, by_column, strict=True)}
    )


def _read_in(frame: pd.DataFrame, orders: pd.DataFrame) -> list[tuple[str, set[str]]]:
    """Return zones that readers may have taken, likeliest first, and the accounts that know them.

    What one account sells says nothing of another's files: each is judged by its own.
    """
    money, stores = (
        table[["account", column]].drop_duplicates()
        for table, column in ((frame, "currency"), (orders, "marketplace"))
    )
    of_money = _accounts_by_zone(money["account"], [zone_of(None, c) for c in money["currency"]])
    of_stores = _accounts_by_zone(stores["account"], [zone_of(s) for s in stores["marketplace"]])
    everyone = {"UTC": set(frame["account"].unique())}
    of_money.pop("UTC", None)
    return [*of_money.items(), *everyone.items(), *of_stores.items()]


def _accounts_by_zone(accounts: pd.Series, zones: list[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for zone, account in sorted(zip(zones, accounts, strict=True)):
        found.setdefault(zone, set()).add(account)
    return found


def _placed_anew(
    instants: pd.Series,
    zones: pd.Series,
    read_in: list[tuple[str, set[str]]],
    accounts: pd.Series,
) -> np.ndarray:
    """Return ``int64`` micros of the instants, the ends of days of another zone moved."""
    _, _, bare = day_of(instants, zones)
    placed = micros_of(instants)
    rows = np.flatnonzero(~bare & _may_be_bare(placed))
    for zone, knowing in read_in:
        may = rows[accounts.iloc[rows].isin(knowing).to_numpy(bool)]
        if not len(may):
            continue
        left = instants.iloc[may]
        _, _, bare = day_of(left, pd.Series(zone, index=left.index))
        days = left[bare].dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
        placed[may[bare]] = _ends(days, zones.iloc[may[bare]])
        rows = np.setdiff1d(rows, may[bare], assume_unique=True)
    return placed


def _ends(days: pd.Series, zones: pd.Series) -> np.ndarray:
    """Return the last microsecond of each calendar day in its zone."""
    ends = np.zeros(len(days), dtype="int64")
    for zone in zones.unique():
        here = (zones == zone).to_numpy(bool)
        ends[here] = micros_of(_placed(days[here] + pd.Timedelta(days=1), zone)) - 1
    return ends


def _timed_by_notice(
    frame: pd.DataFrame, column: str, topic: str, histories: dict[str, pd.DataFrame]
) -> pd.DataFrame:
    """Give a bare date the time of Amazon's notice about it, of the same order and day."""
    messages, orders = histories["messages"], histories["orders"]
    if not _may_be_bare(micros_of(frame[column])).any():
        return frame
    notices = messages[(messages["sender"] == "amazon") & (messages["topic"] == topic)]
    if not len(notices):
        return frame
    of_frame, of_notices, of_orders = codes_of(
        *([table["account"], table["order_id"]] for table in (frame, notices, orders))
    )
    start, end, bare = day_of(frame[column], zones_of(frame, of_frame, orders, of_orders))
    micros = micros_of(notices["sent_at"])
    found = Timeline(of_notices, micros).first(of_frame, start)
    told = bare & (found != NONE)
    told &= np.where(found != NONE, micros[found], end + DAY) <= end
    if not told.any():
        return frame
    timed = np.where(told, micros[found], micros_of(frame[column]))
    return frame.assign(**{column: instants_of(timed).set_axis(frame.index)})


def zones_of(
    frame: pd.DataFrame, of_frame: np.ndarray, orders: pd.DataFrame, of_orders: np.ndarray
) -> pd.Series:
    """Return the zone of each row's store: its order's, else that of its currency, else UTC."""
    first = np.full(max(of_frame.max(initial=NONE), of_orders.max(initial=NONE)) + 2, NONE)
    first[of_orders[::-1]] = np.arange(len(of_orders))[::-1]
    first[NONE] = NONE
    store, stores = pd.factorize(pick(orders["marketplace"], first[of_frame]))
    money, currencies = pd.factorize(frame["currency"])
    # both coded from 0 on where they are missing
    pairs, place = np.unique((store + 1) * (len(currencies) + 1) + money + 1, return_inverse=True)
    known = [divmod(pair, len(currencies) + 1) for pair in pairs.tolist()]
    zones = [zone_of([None, *stores][s], [None, *currencies][c]) for s, c in known]
    return pd.Series(np.array(zones, dtype=object)[place], dtype="str")
