"""Cover hours: what a roster would have made of the window, and which hours to add."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sellerkit.show.display import NOTHING, Html, render
from sellerkit.show.words import format_part, format_percent, format_plural, format_share

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def table_cover(cover: dict[str, Any] | None, *, target: float | None) -> Html:
    """Show what a roster would have made of the window's inquiries, and the cheapest added hours.

    Parameters
    ----------
    cover : dict or None
        As measured: `roster` (as given), `contacts`, `late`, `late_share`, `low`, `high`,
        `seen_late`, `seen_closed` (what came of the same inquiries) and `added` (blocks of hours,
        or None without a target). None where no roster was asked about.
    target : float or None

    Returns
    -------
    Html of nothing without a roster.
    """
    if cover is None:
        return NOTHING
    added = cover["added"] if cover["added"] is not None else pd.DataFrame()
    rows = [
        {"day": _DAYS[int(row["weekday"])], "hours": f"{_clock(row['opens'])} to "
         f"{_clock(row['closes'])}", "cost": f"{row['cost']:g}",
         "share": format_share(row["on_time_share"])}
        for row in added.to_dict("records")
    ]  # fmt: skip
    reached = target is not None and 1 - (cover["late_share"] or 0) >= target
    ends = added["on_time_share"].iloc[-1] if rows else 0.0
    return render(
        "cover",
        roster=cover["roster"],
        contacts=cover["contacts"],
        late=format_part(cover["late"], cover["contacts"]),
        interval=f"{format_percent(cover['low'])} to {format_share(cover['high'])}"
        if cover["contacts"] else "",
        seen=format_part(cover["seen_late"], cover["seen_closed"]),
        few=cover["few"],
        target=None if target is None else format_share(target, 0),
        reached=reached,
        enough=target is not None and ends >= target,
        rows=rows,
        hours=format_plural(round(added["cost"].iloc[-1]), "hour") if rows else "",
    )  # fmt: skip


def _clock(hours: float) -> str:
    return f"{int(hours):02}:{round(hours % 1 * 60):02}"
