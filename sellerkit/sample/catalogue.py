"""The sample shop's standing data: stores, products, opening hours, and the texts by language."""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from random import Random
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

LANGUAGES = ("de", "en", "fr", "it", "es", "nl")


@dataclass(frozen=True)
class Store:
    """One of Amazon's stores, and what the shop's business there is like."""

    code: str
    marketplace_id: str
    domain: str
    currency: str
    zone: str
    language: str
    weight: int
    order_prefixes: list[str]
    transit_days: list[int]
    promise_days: int
    carriers: list[str]
    towns: list[list[str]]
    first: list[str]
    last: list[str]

    @property
    def clock(self) -> ZoneInfo:
        """The zone in which its buyers live."""
        return ZoneInfo(self.zone)


@dataclass(frozen=True)
class Product:
    """One thing that the shop sells. `names` are by language, `prices` by currency."""

    code: str
    sku: str
    asin: str
    title: str
    names: MappingProxyType[str, str]
    prices: MappingProxyType[str, float]


@dataclass(frozen=True)
class Texts:
    """What is written in one language: templates by situation."""

    mail: dict[str, Any]
    subject: dict[str, list[str]]
    notice: dict[str, list[str]]
    buyer: dict[str, list[str]]
    seller: dict[str, list[str]]


def read_toml(*path: str) -> dict[str, Any]:
    """Return a data file of this package."""
    return tomllib.loads(files(__package__).joinpath(*path).read_text("utf-8"))


@functools.cache
def profile() -> dict[str, Any]:
    """Return the shop as its file describes it: account, address, dates, opening hours, rhythm."""
    return read_toml("shop.toml")


@functools.cache
def stores() -> dict[str, Store]:
    """Return the stores in which the shop sells, by country code."""
    return {code: Store(code, **row) for code, row in profile()["stores"].items()}


@functools.cache
def products() -> dict[str, Product]:
    """Return what the shop sells, by a short code."""
    return {code: _product(code, row) for code, row in profile()["products"].items()}


def _product(code: str, row: dict[str, Any]) -> Product:
    prices = {currency: row[currency] for currency in ("EUR", "GBP", "USD")}
    return Product(
        code,
        row["sku"],
        row["asin"],
        row["title"],
        MappingProxyType(row["name"]),
        MappingProxyType(prices),
    )


@functools.cache
def texts(language: str) -> Texts:
    """Return the templates of one language."""
    return Texts(**read_toml("texts", f"{language}.toml"))


@dataclass(frozen=True)
class Service:
    """The customer service's opening hours, and how long an answer takes."""

    zone: ZoneInfo
    periods: tuple[dict[str, Any], ...]

    @classmethod
    def of_shop(cls) -> Service:
        """Return the sample shop's."""
        return cls(ZoneInfo(profile()["zone"]), tuple(profile()["service"]))

    def answer_at(self, random: Random, asked: dt.datetime) -> dt.datetime:
        """Return when a mail of that instant is answered: in the first shift that gets to it."""
        day = asked.astimezone(self.zone).date()
        while True:
            shift = self._shift(day)
            if shift is not None:
                opens, closes, chance = shift
                begun = max(opens, asked)
                done = begun + dt.timedelta(hours=random.lognormvariate(0.1, 0.8))
                if done < closes and random.random() < chance:
                    return done.replace(microsecond=0)
            day += dt.timedelta(days=1)

    def _shift(self, day: dt.date) -> tuple[dt.datetime, dt.datetime, float] | None:
        period = next((p for p in self.periods if day < p["until"]), self.periods[-1])
        name = {5: "saturday", 6: "sunday"}.get(day.weekday(), "weekday")
        if name not in period["shifts"]:
            return None
        opens, closes, chance = period["shifts"][name]
        midnight = dt.datetime.combine(day, dt.time(), self.zone)
        hours = [(midnight.replace(hour=hour)).astimezone(dt.UTC) for hour in (opens, closes)]
        return hours[0], hours[1], chance


def arrival(random: Random, after: dt.datetime, days: float, clock: ZoneInfo) -> dt.datetime:
    """Return when a buyer does something, some `days` after an instant, at an hour people do."""
    rhythm = profile()["rhythm"]
    earliest = after.astimezone(clock)
    while True:
        day = earliest + dt.timedelta(days=random.expovariate(1 / days))
        hour = random.choices(range(24), rhythm["hours"])[0]
        at = day.replace(
            hour=hour, minute=random.randrange(60), second=random.randrange(60), microsecond=0
        )
        keep = rhythm["days"][at.weekday()] / max(rhythm["days"])
        if at > earliest and random.random() < keep:
            return at.astimezone(dt.UTC)
