"""Figures as words: numbers, shares, hours, money, days and names, worded in one place only.

What is undefined is a dash. A narrow space stands before a unit, a comma between thousands.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

#: Shown where a figure is undefined.
DASH = "–"

#: The narrow space before a unit, which does not break.
NARROW = "\u202f"

#: Below so many, a share gives way to "3 of 4".
FEW = 10

KINDS = {
    "inquiry": "Inquiry",
    "return": "Return request",
    "order_problem": "Order problem",
    "claim": "A-to-z claim",
}

KINDS_MANY = {
    "inquiry": "Inquiries",
    "return": "Return requests",
    "order_problem": "Order problems",
    "claim": "A-to-z claims",
}

PROBLEMS = {
    "out_of_stock": "out of stock",
    "late_shipment": "shipped late",
    "late_delivery": "delivered late",
}

REASONS = {
    "not_received": "not received",
    "not_as_described": "not as described",
    "refund_not_issued": "refund not issued",
    "other": "other reason",
}

CHECKS = {
    "order_on_file": "Order on file",
    "tracking": "Carrier and tracking number",
    "shipped_on_time": "Shipped on time",
    "delivery_proof": "Delivery proved",
    "contacted_before": "Wrote before the claim",
    "inquiries_answered": "Inquiries answered in time",
    "no_silence": "No long silence",
    "return_answered": "Return answered in time",
    "problem_notified": "Order problem announced",
    "claim_answered": "Claim answered in time",
    "refund_recorded": "Refund recorded",
}

_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹"}
_WHOLE = {"JPY"}  # currencies without a smaller coin


def known(value: Any) -> bool:
    """Tell whether a scalar is there: not None, NaN, NaT or NA."""
    return value is not None and bool(pd.notna(value))


def format_count(value: Any) -> str:
    """Return a whole number with commas: ``1,284``."""
    return f"{int(value):,}" if known(value) else DASH


def format_plural(count: int, one: str, many: str = "") -> str:
    """Return a number with its noun: ``1 reply``, ``7 replies``."""
    return f"{format_count(count)} {one if count == 1 else many or one + 's'}"


def format_share(value: Any, digits: int = 1) -> str:
    """Return a share as per cent: ``91.4 %``; never 100 where something is lacking, nor 0."""
    number = format_percent(value, digits)
    return f"{number}{NARROW}%" if known(value) else number


def format_percent(value: Any, digits: int = 1) -> str:
    """Return a share as a number of per cent, without its sign."""
    if not known(value):
        return DASH
    step = Decimal(1).scaleb(-digits)
    rounded = (Decimal(str(float(value))) * 100).quantize(step, ROUND_HALF_UP)
    if rounded == 100 and value < 1:
        rounded -= step
    if rounded == 0 and value > 0:
        rounded += step
    return f"{rounded}"


def format_part(part: int, whole: int) -> str:
    """Return a share of few as ``3 of 4``, of many as per cent."""
    if not whole:
        return DASH
    if whole < FEW:
        return f"{part} of {whole}"
    return format_share(part / whole)


def format_points(value: Any) -> str:
    """Return a difference of shares in points, with its sign: ``−4.1``; ``0`` where it is none."""
    if not known(value):
        return DASH
    return f"{value:+.1f}".replace("-", "−") if value else "0"


def format_hours(value: Any) -> str:
    """Return hours with one decimal: ``6.1 h``."""
    return f"{float(value):,.1f}{NARROW}h" if known(value) else DASH


def format_limit(value: Any, unit: str = "hours") -> str:
    """Return a limit without needless decimals: ``24 hours``, ``1.5 hours``."""
    return f"{float(value):g} {unit.removesuffix('s') if value == 1 else unit}"


def format_span(span: Any) -> str:
    """Return a time left or over in its two largest units: ``2 h 20 min``, ``19 d 12 h``."""
    if not known(span):
        return DASH
    minutes = max(0, int(span.total_seconds() // 60))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days >= 3:
        return f"{days:,}{NARROW}d {hours}{NARROW}h" if hours else f"{days:,}{NARROW}d"
    if days or hours:
        whole = f"{days * 24 + hours}{NARROW}h"
        return f"{whole} {minutes}{NARROW}min" if minutes else whole
    return f"{minutes}{NARROW}min"


def format_money(amount: Any, currency: Any = None) -> str:
    """Return money in its currency: ``€46.00``, ``PLN 46.00``; ``unknown`` without an amount."""
    if not known(amount):
        return "unknown"
    code = str(currency) if known(currency) else ""
    number = f"{abs(float(amount)):,.{0 if code in _WHOLE else 2}f}"
    minus = "−" if amount < 0 else ""
    if code in _SIGNS:
        return f"{minus}{_SIGNS[code]}{number}"
    return f"{minus}{code} {number}" if code else f"{minus}{number}"


def format_sums(sums: Iterable[tuple[Any, Any]]) -> str:
    """Return (currency, amount) pairs as words; currencies are never added together."""
    return format_list([format_money(amount, currency) for currency, amount in sums]) or DASH


def format_list(words: Sequence[str], last: str = "and") -> str:
    """Return words as a sentence lists them: ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def format_day(day: dt.date, *, year: bool = False) -> str:
    """Return a day: ``5 Oct``, with its year where asked for."""
    return f"{day.day} {day:%b %Y}" if year else f"{day.day} {day:%b}"


def format_moment(moment: Any, zone: str, *, weekday: bool = False, year: bool = False) -> str:
    """Return an instant as the local clock shows it: ``Mon 5 Oct 06:52``."""
    if not known(moment):
        return DASH
    local = moment.tz_convert(zoneinfo.ZoneInfo(zone))
    return f"{f'{local:%a} ' if weekday else ''}{format_day(local, year=year)} {local:%H:%M}"


def format_kind(kind: str, problem: Any = None) -> str:
    """Return what is owed in words: ``Order problem, shipped late``."""
    return f"{KINDS[kind]}, {PROBLEMS[problem]}" if known(problem) else KINDS[kind]


def format_excerpt(body: Any, length: int = 240) -> str:
    """Return the beginning of a message on one line, cut at a word; plain text, not yet escaped."""
    if not known(body):
        return ""
    # cut before splitting: a body may be megabytes
    line = " ".join(str(body)[: length * 4].split())
    return line if len(line) <= length else f"{line[:length].rsplit(' ', 1)[0]} …"
