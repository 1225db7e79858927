"""Whose an address is, by its domain, which is compared to its very end."""

from __future__ import annotations

import functools
from typing import NamedTuple

from sellerkit.policy import by_domain

#: Senders of Amazon's whose mails are about no order and no buyer.
IGNORED = frozenset(
    {
        "seller-answers", "community-help", "fba-noreply", "fba-ship-confirm",
        "payments-messages", "seller-performance",
    }
)  # fmt: skip
CLAIM_SENDERS = frozenset({"atoz-guarantee-no-reply", "seller-guarantee"})
_SYSTEM = frozenset({"no-reply", "noreply", "donotreply", "do-not-reply"})


class Address(NamedTuple):
    """An address: its local part, and which of Amazon's it is.

    Attributes
    ----------
    local : str
        Lower case, without ``+`` and what follows.
    store : str or None
        Country code, where the domain is one of Amazon's.
    is_relay : bool
        A buyer's alias at ``marketplace.amazon.TLD``.
    is_system : bool
        Amazon's own ``no-reply@marketplace.amazon.TLD``.
    """

    local: str
    store: str | None = None
    is_relay: bool = False
    is_system: bool = False


@functools.lru_cache(maxsize=65536)
def address(text: str) -> Address:
    """Tell whose an address is."""
    local, _, domain = text.strip().lower().rpartition("@")
    local = local.partition("+")[0]
    store = _store(domain)
    if not store or not local:
        return Address(local)
    at_marketplace = domain.startswith("marketplace.amazon.")
    system = local in _SYSTEM
    return Address(local, store, at_marketplace and not system, at_marketplace and system)


def relay(texts: list[str]) -> Address | None:
    """Return the first buyer's alias among addresses."""
    return next((found for found in map(address, texts) if found.is_relay), None)


def _store(domain: str) -> str | None:
    """Return the store of ``amazon.TLD`` or a host below it."""
    at = domain.rfind("amazon.")
    if at < 0 or (at > 0 and domain[at - 1] != "."):
        return None
    return by_domain().get(domain[at:].rstrip("."))
