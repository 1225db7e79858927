"""Entries for schedulers: what has `sellerkit run` started by itself."""

from sellerkit.schedule.entries import SCHEDULERS, Entry, Here, entries
from sellerkit.schedule.plan import Plan, When, plan_of

__all__ = ["SCHEDULERS", "Entry", "Here", "Plan", "When", "entries", "plan_of"]
