"""Days and deadlines in Amazon's notices, in the languages of its stores."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterator
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sellerkit.read.mail.wording import says, wording
from sellerkit.text.words import fold

_FIRST_YEAR, _LAST_YEAR = 1995, 2100
_LONGEST_DAYS = 366
_SENTENCE_END = re.compile(r"[.!?](?= |$)|[。！？]")
_BLANK = re.compile(r"\{n\}| ?\??\{unit\}")
_NUMBER = r"(?:[a-z]{2,12} )?\(?(\d{1,3})\)?"
#: Stores that write the month first.
_MONTH_FIRST = ("US",)


class _Day(NamedTuple):
    start: int
    day: dt.date


def day_in(text: str, marketplace: str | None) -> dt.date | None:
    """Return the first day that a folded text names.

    ``3/4/2026`` is March 4 in the US and April 3 in every other store; where the store is not known
    and both could be, it is no day.
    """
    return next((found.day for found in _days(text, marketplace)), None)


def end_of_day(day: dt.date, zone: str) -> dt.datetime:
    """Return the last microsecond of a day in a zone, in UTC."""
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), ZoneInfo(zone))
    return midnight.astimezone(dt.UTC) - dt.timedelta(microseconds=1)


def respond_by(
    text: str, sent_at: dt.datetime, zone: str, marketplace: str | None
) -> dt.datetime | None:
    """Return until when a notice asks the seller to answer; null where it does not say.

    Parameters
    ----------
    text : str
        Folded.
    sent_at : datetime
        When the notice was sent: ``within 3 calendar days`` counts from then, by the clock.
    zone : str
        IANA zone of the store: ``by March 3, 2026`` is the last microsecond of that day there.
    marketplace : str or None

    Notes
    -----
    Only a sentence that speaks of answering is read, so that a day of delivery or the time for a
    refund is none. Of several deadlines the earliest counts. Working days give none.
    """
    found = [
        moment
        for sentence in _SENTENCE_END.split(text)
        if says(sentence, "deadline", "answering")
        for moment in _moments(sentence, sent_at, zone, marketplace)
    ]
    return min(found, default=None)


def _moments(
    sentence: str, sent_at: dt.datetime, zone: str, marketplace: str | None
) -> Iterator[dt.datetime]:
    for words, unit, pattern in _within():
        for match in pattern.finditer(sentence) if words in sentence else ():
            length = dt.timedelta(**{unit: int(match[1])})
            if dt.timedelta(0) < length <= dt.timedelta(days=_LONGEST_DAYS):
                yield sent_at + length
    for start, day in _days(sentence, marketplace):
        if _by_day().search(sentence[max(start - 24, 0) : start]):
            yield end_of_day(day, zone)


def _days(text: str, marketplace: str | None) -> Iterator[_Day]:
    for match in _day_pattern().finditer(text):
        day = _day(match, marketplace)
        if day:
            yield _Day(match.start(), day)


def _day(match: re.Match[str], marketplace: str | None) -> dt.date | None:
    if match["a"]:
        return _date(match["year"], *_ordered(match, marketplace))
    year = match["y1"] or match["y2"] or match["y3"] or match["y4"]
    month = match["m1"] or match["m2"] or _months()[match["m3"] or match["m4"]]
    return _date(year, month, match["d1"] or match["d2"] or match["d3"] or match["d4"])


def _ordered(match: re.Match[str], marketplace: str | None) -> tuple[str, str]:
    """Return month and day of a date in figures; zeros where it could be either way."""
    first, second = match["a"], match["b"]
    if match["sign"] == "." or int(first) > 12:
        return second, first
    if marketplace is None and int(second) <= 12 and int(first) != int(second):
        return "0", "0"
    month_first = marketplace in _MONTH_FIRST or int(second) > 12
    return (first, second) if month_first else (second, first)


def _date(year: str, month: int | str, day: str) -> dt.date | None:
    try:
        found = dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if _FIRST_YEAR <= found.year <= _LAST_YEAR else None


@functools.cache
def _months() -> dict[str, int]:
    lists = wording()["months"].values()
    return {fold(name): number for names in lists for number, name in enumerate(names, 1)}


@functools.cache
def _day_pattern() -> re.Pattern[str]:
    month = "|".join(sorted(_months(), key=len, reverse=True))
    return re.compile(
        r"(?<!\d)(?:"
        r"(?P<y1>\d{4})[-/](?P<m1>\d{1,2})[-/](?P<d1>\d{1,2})(?!\d)"
        r"|(?P<y2>\d{4})年 ?(?P<m2>\d{1,2})月 ?(?P<d2>\d{1,2})日"
        rf"|(?<![a-z])(?P<m3>{month}) (?P<d3>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y3>\d{{4}})(?!\d)"
        rf"|(?P<d4>\d{{1,2}})(?:\.|er|o)? (?:de )?(?P<m4>{month}),?(?: de)? (?P<y4>\d{{4}})(?!\d)"
        r"|(?P<a>\d{1,2})(?P<sign>[./-])(?P<b>\d{1,2})(?P=sign)(?P<year>\d{4})(?!\d))"
    )


@functools.cache
def _within() -> list[tuple[str, str, re.Pattern[str]]]:
    """Compile what says how long, each with its unit and with words that always stand in it."""
    words = wording()["deadline"]
    return [
        (max(_BLANK.split(phrase), key=len), unit, re.compile(_edged(phrase, words[unit])))
        for phrase in map(fold, words["within"])
        for unit in ("hours", "days")
    ]


def _edged(phrase: str, unit: str) -> str:
    unit = re.sub(r"\((?!\?)", "(?:", fold(unit))
    whole = phrase.replace("{n}", _NUMBER).replace("{unit}", unit)
    # Japanese has no word edges
    return (r"(?<!\d)" if phrase.startswith("{") else r"\b") + whole + r"(?![a-z])"


@functools.cache
def _by_day() -> re.Pattern[str]:
    words = "|".join(map(re.escape, wording()["deadline"]["by_day"]))
    return re.compile(rf"\b(?:{words}) (?:[a-z]{{3,9}}, )?$")
