"""All runs of all accounts: the newest of each side by side, then each account's own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pandas as pd

from sellerkit.show.display import Html, render
from sellerkit.show.figures import cells_of, sentence_of
from sellerkit.show.portfolio import reached_words
from sellerkit.show.spark import Scale, spark
from sellerkit.show.words import format_day, format_list, format_moment, format_plural

_REPORTS = {"compliance": "Compliance", "atoz": "A-to-z", "due": "Due", "dossier": "Dossiers"}

_DAY = dt.timedelta(days=1)


def anchor(number: int) -> str:
    """Return where the section of an account stands, by its place in the list by name."""
    return f"account-{number}"


def headline_runs(accounts: Sequence[Any]) -> Html:
    """Say how many accounts are at or above their target, and of how many the figures are old.

    Parameters
    ----------
    accounts : sequence of AccountRuns
        By name.
    """
    good = [account.last_good.figures for account in accounts if account.last_good]
    sides = [cells_of(figures)["side"] for figures in good]
    old = sum(_is_old(account) for account in accounts)
    looks = [look for account in accounts for look in account.looks]
    failed = sum(bool(look.failed) for look in looks)
    zones = sorted({account.zone for account in accounts})
    zone = zones[0] if len(zones) == 1 else "UTC"
    runs = f"{len(looks):,}" + (f", of them {failed:,} failed" if failed else "")
    newest = (
        format_moment(_at(accounts[0].newest_of_all), zone, weekday=True, year=True)
        if accounts
        else ""
    )
    said = (
        reached_words(sides, {figures.target for figures in good})
        if good
        else "No report is published yet."
    )
    return render(
        "mast_list",
        question="Which accounts answer their buyers in time?",
        answer=f"{said} {_old_words(old, len(accounts))}".strip(),
        action="",
        target="",
        meta=[("Newest look", f"{newest} {zone}")] * bool(accounts)
        + [("Accounts", f"{len(accounts):,}"), ("Runs", runs)],
    )  # fmt: skip


def _is_old(account: Any) -> bool:
    return bool(account.stale or not account.looks[0].figures)


def _old_words(old: int, total: int) -> str:
    if not old:
        return ""
    if total == 1:
        return "Its figures are old."
    return f"For {old:,} of the {total:,} accounts the figures are old."


def table_newest(accounts: Sequence[Any]) -> Html:
    """Show the newest figures of each account, what needs a look first, and its trend.

    Parameters
    ----------
    accounts : sequence of AccountRuns
        By name.
    """
    trends = [account.trend for account in accounts]
    moments = [at for trend in trends for at, _ in trend]
    targets = [a.last_good.figures.target for a in accounts if a.last_good]
    scale = Scale.of([share for trend in trends for _, share in trend] + targets)
    rows = [
        _newest(account, number, scale, (min(moments), max(moments)) if moments else None)
        for number, account in enumerate(accounts, 1)
    ]
    rows.sort(key=lambda row: row["rank"])
    return render("newest", rows=rows, scale=scale.said)


def _newest(
    account: Any, number: int, scale: Scale, span: tuple[dt.datetime, dt.datetime] | None
) -> dict[str, Any]:
    good = account.last_good
    row = {
        "name": account.name,
        "anchor": anchor(number),
        "stores": ", ".join(account.stores),
        "state": _state(account),
        "old": _is_old(account),
        "spark": None,
        "cells": cells_of(good.figures) if good else None,
        "rank": _rank(account),
    }
    if good is None or span is None or all(share is None for _, share in account.trend):
        return row
    first, last = span
    wide = (last - first) or _DAY
    # of one run there is no line; its dot stands at the right, where the newest are
    points = [((at - first) / wide if last > first else 1.0, share) for at, share in account.trend]
    said = f"On-time share of the last {format_plural(len(points), 'run')} of {account.name},"
    target = good.figures.target
    return row | {"spark": spark(points, scale, target=target, said=said, hollow=_is_old(account))}


def _rank(account: Any) -> tuple[int, float, str]:
    """Return what puts an account before others: a failed run, then a low share, then its name."""
    good = account.last_good
    if good is None or not account.looks[0].figures:
        return 0, 0.0, account.name
    share = good.figures.bound.lowest if good.figures.bound else good.figures.on_time_share
    return 1, 2.0 if share is None else share, account.name


def _state(account: Any) -> tuple[str, str]:
    """Return the badge of an account: its tone and its words."""
    newest = account.looks[0]
    if not newest.figures:
        return "bad", "run failed"
    if newest.failed:
        return "bad", "a report failed"
    if account.stale:
        return "non", f"{_days(account.age)} old"
    if newest.figures.holes:
        return "mid", f"{newest.figures.holes:,} unknown"
    if newest.figures.overdue:
        return "mid", f"{newest.figures.overdue:,} overdue"
    side = cells_of(newest.figures)["side"]
    if side == "below":
        return "mid", "below target"
    return ("ok", "all good") if side == "above" else ("non", "no share yet")


def _days(age: dt.timedelta) -> str:
    return format_plural(max(1, round(age / _DAY)), "day")


def table_runs(account: Any, *, limit: int = 8) -> Html:
    """Show the runs of one account, newest first, with what is wrong with the newest.

    Parameters
    ----------
    account : AccountRuns
    limit : int
        How many runs are shown.
    """
    newest, good = account.looks[0], account.last_good
    day = format_day(good.as_of, year=True) if good else ""
    shown = account.looks[:limit]
    return render(
        "runs",
        name=account.name,
        said=sentence_of(good.figures, day if _is_old(account) else "") if good else
        "No run of this account has been published yet.",
        failed=[_REPORTS.get(name, name) for name in sorted(newest.failed)],
        where=[newest.failed[name] for name in sorted(newest.failed)],
        published=bool(newest.figures),
        good=day,
        stale=_days(account.age) if account.stale and newest.figures else "",
        usual=_days(account.usual),
        clear=bool(newest.figures) and not account.stale and not _owes(newest.figures),
        rows=[_look(look, account.zone) for look in shown],
        older=len(account.looks) - len(shown),
    )  # fmt: skip


def _owes(figures: Any) -> bool:
    return bool(figures.overdue or figures.due_soon or figures.to_answer or figures.holes)


def _look(look: Any, zone: str) -> dict[str, Any]:
    remarks = [f"{_REPORTS.get(name, name)} failed" for name in sorted(look.failed)]
    if look.figures and look.figures.holes:
        remarks.append(f"mail is missing: {look.figures.holes:,} inquiries unknown")
    gone = [_REPORTS.get(name, name) for name, link in sorted(look.pages.items()) if link is None]
    if gone:
        remarks.append(f"{format_list(gone)} removed")
    at = _at(look.as_of)
    order = {name: place for place, name in enumerate(_REPORTS)}
    pages = sorted(look.pages.items(), key=lambda pair: (order.get(pair[0], 99), pair[0]))
    return {
        "day": format_day(_at(look.until).tz_convert(zone), year=True),
        "at": f"as of {format_moment(at, zone)}",
        "days": look.days,
        "pages": [(_REPORTS.get(name, name), link) for name, link in pages if link],
        "cells": cells_of(look.figures) if look.figures else None,
        "remark": format_list(remarks),
    }


def _at(moment: dt.datetime) -> pd.Timestamp:
    return pd.Timestamp(moment)


def table_portfolios(rows: Sequence[tuple[Any, str]], *, limit: int = 12) -> Html:
    """List the pages on which the accounts stand side by side, newest first.

    Parameters
    ----------
    rows : sequence of (Record, str)
        Each with the address of its page.
    limit : int
        How many are shown.
    """
    shown = [
        {"day": format_day(record.until, year=True), "link": link,
         "at": format_moment(_at(record.as_of), "UTC")}
        for record, link in rows[:limit]
    ]  # fmt: skip
    return render("portfolios", rows=shown, older=len(rows) - len(shown))


def footer_runs(accounts: Sequence[Any], records: Sequence[Any], unread: int, version: str) -> Html:
    """Say what the list was made of, and what of it could not be read."""
    policies = sorted({record.policy for record in records})
    return render(
        "made_runs", version=version, policies=format_list(policies) or "none", unread=unread,
        records=len(records), accounts=len(accounts),
    )  # fmt: skip
