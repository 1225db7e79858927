"""Histories → findings: who wrote what when, what was owed, and what that means."""

from sellerkit.audit.conflicts import conflicts
from sellerkit.audit.not_credited import not_credited
from sellerkit.audit.run import Audit, audit, contacts_and_obligations, instant
from sellerkit.audit.why import Derivation, derive, explain

__all__ = [
    "Audit",
    "Derivation",
    "audit",
    "conflicts",
    "contacts_and_obligations",
    "derive",
    "explain",
    "instant",
    "not_credited",
]
