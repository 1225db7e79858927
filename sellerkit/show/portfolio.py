"""Many accounts side by side: how each does, what each owes, what it may cost."""

from __future__ import annotations

from typing import Any

from sellerkit.show.display import Html, render
from sellerkit.show.figures import cells_of
from sellerkit.show.spark import Scale, spark
from sellerkit.show.words import format_day, format_list, format_moment, format_plural, format_share

_REPORTS = {"compliance": "Compliance", "atoz": "A-to-z", "due": "Due"}


def headline_portfolio(portfolio: Any) -> Html:
    """Say how many of the accounts are at or above the target, and what is owed in all.

    Parameters
    ----------
    portfolio : Portfolio
        As `sellerkit.portfolio` gives it.
    """
    every = [account.figures for account in portfolio.accounts]
    first, last = portfolio.since, portfolio.until
    days = (last - first).days
    zones = sorted({account.zone for account in portfolio.accounts})
    zone = zones[0] if len(zones) == 1 else "UTC"
    return render(
        "mast_list",
        question="Which accounts answer their buyers in time?",
        answer=reached_words([cells_of(figures)["side"] for figures in every], _targets(every)),
        action=_owed(every),
        target="#owed-and-at-risk",
        meta=[
            ("Window", f"{format_day(first.tz_convert(zone))} to "
             f"{format_day(last.tz_convert(zone), year=True)}, {days} days"),
            ("As of", f"{format_moment(portfolio.as_of, zone, weekday=True, year=True)} {zone}"),
            ("Accounts", str(len(every))),
            ("Buyers", "none is named; no message text in this page"),
        ],
    )  # fmt: skip


def _targets(every: list[Any]) -> set[float | None]:
    return {figures.target for figures in every}


def reached_words(sides: list[str], targets: set[float | None]) -> str:
    """Return how many of several accounts are at or above their target, as a sentence."""
    known = [side for side in sides if side != "unknown"]
    if not known:
        return "No account has a share that could be set beside a target yet."
    above, unclear = known.count("above"), known.count("unclear")
    values = {value for value in targets if value is not None}
    what = f"the target of {format_share(min(values), 0)}" if len(values) == 1 else "their target"
    if len(known) == 1 and not unclear:
        words = f"The account is {'at or above' if above else 'below'} {what}"
    elif above == len(known):
        words = f"{'Both' if above == 2 else f'All {above}'} accounts are at or above {what}"
    elif not above and not unclear:
        words = f"{'Both' if len(known) == 2 else f'All {len(known)}'} accounts are below {what}"
    elif not above:
        words = f"None of the {len(known)} accounts is surely at or above {what}"
    else:
        words = (
            f"{above} of {len(known)} accounts {'is' if above == 1 else 'are'} at or above {what}"
        )
    more = f"; of {unclear} it is unclear, since mail is missing" if unclear else ""
    silent = len(sides) - len(known)
    none = f" {format_plural(silent, 'other has', 'others have')} no share yet." if silent else ""
    return f"{words}{more}.{none}"


def _owed(every: list[Any]) -> str:
    over, soon = sum(f.overdue for f in every), sum(f.due_soon for f in every)
    words = [f"{over:,} overdue" if over else "", f"{soon:,} due within 24 hours" if soon else ""]
    said = format_list([word for word in words if word])
    return f"Mails owed: {said}." if said else ""


def table_portfolio(portfolio: Any) -> Html:
    """Show a row for each account, the worst first, with thirteen weeks on one scale."""
    accounts = portfolio.accounts
    scale = scale_of(accounts)
    rows = [
        cells_of(account.figures)
        | {
            "name": account.name,
            "stores": ", ".join(account.stores),
            "spark": _weeks(account, scale),
            "links": [(_REPORTS[kind], link) for kind, link in account.links.items()],
        }
        for account in accounts
    ]
    linked = any(row["links"] for row in rows)
    return render("portfolio", rows=rows, scale=scale.said, linked=linked,
                  note={"count": len(rows)})  # fmt: skip


def scale_of(accounts: list[Any]) -> Scale:
    """Return the one scale of all accounts' weeks."""
    shares = [share for account in accounts for _, share in account.weeks]
    return Scale.of([*shares, *(account.figures.target for account in accounts)])


def _weeks(account: Any, scale: Scale) -> dict[str, Any] | None:
    if all(share is None for _, share in account.weeks):
        return None
    last = max(1, len(account.weeks) - 1)
    points = [(n / last, share) for n, (_, share) in enumerate(account.weeks)]
    said = f"On-time share of {account.name} by week,"
    return spark(points, scale, target=account.figures.target, said=said,
                 hollow=account.weeks[-1][1] is None)  # fmt: skip


def table_at_risk(portfolio: Any) -> Html:
    """Show what each account owes, and the claims that are not ready to be defended."""
    rows = [cells_of(a.figures) | {"name": a.name} for a in portfolio.accounts]
    owing = [row for row in rows if row["overdue"] or row["soon"] or row["claims"]]
    clear = [row["name"] for row in rows if row not in owing]
    return render("at_risk", rows=owing, clear=format_list(clear), many=len(clear) > 1)


def limits_portfolio(portfolio: Any) -> Html:
    """Say what the list of accounts cannot tell."""
    limits = [
        ("Accounts differ.",
         "Buyers of one shop ask other things than those of another; a lower share is no proof of "
         "worse work. Where two intervals overlap, the order of the two may be chance."),
        ("Money is never added across currencies.", "Nor is it converted: no rate is on file."),
        ("Each account is judged alone.",
         "An agent who answers for several accounts is counted in each."),
        ("Only what is on file is judged.",
         "A reply written on a system that was not read looks like no reply."),
    ]  # fmt: skip
    return render("limits", limits=limits)
