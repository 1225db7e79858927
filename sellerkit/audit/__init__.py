"""Histories → findings: who wrote what when, what was owed, and what that means."""

from sellerkit.audit.run import Audit, audit, contacts_and_obligations, instant

__all__ = ["Audit", "audit", "contacts_and_obligations", "instant"]
