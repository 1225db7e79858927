"""Histories → findings: who wrote what when, what was owed, and what that means."""

from sellerkit.audit.run import Audit, audit, instant

__all__ = ["Audit", "audit", "instant"]
