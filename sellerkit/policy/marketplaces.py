"""Amazon's stores: country code, domain, marketplace id, currency and time zone."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class Marketplace:
    """One store. `zone` is the IANA zone in which its days are counted."""

    code: str
    id: str
    domain: str
    currency: str
    zone: str


@functools.cache
def marketplaces() -> dict[str, Marketplace]:
    """Return every store by its country code (``DE``, ``UK``, …)."""
    text = files(__package__).joinpath("marketplaces.toml").read_text("utf-8")
    return {code: Marketplace(code, **row) for code, row in tomllib.loads(text).items()}


@functools.cache
def by_domain() -> dict[str, str]:
    """Return country codes by domain (``amazon.de`` → ``DE``)."""
    return {store.domain: store.code for store in marketplaces().values()}


@functools.cache
def by_id() -> dict[str, str]:
    """Return country codes by Amazon's marketplace id."""
    return {store.id: store.code for store in marketplaces().values()}


def zone_of(marketplace: object = None, currency: object = None) -> str:
    """Return the IANA zone in which a date without a time is meant.

    The marketplace decides; where it is not known, the currency does (the euro's stores share
    Central European Time but for Ireland); where neither is known, UTC.
    """
    stores = marketplaces()
    if isinstance(marketplace, str) and marketplace in stores:
        return stores[marketplace].zone
    if currency == "EUR":
        return stores["DE"].zone
    for store in stores.values():
        if store.currency == currency:
            return store.zone
    return "UTC"
