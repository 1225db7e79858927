"""Histories kept: Delta Lake tables, merged by key, read at any version."""

from sellerkit.lake.lock import holder_of, holding, patient
from sellerkit.lake.log import INGESTS, QUARANTINE
from sellerkit.lake.merge import ORDER_PARTS, Merged, merge, merge_orders, stands_alone
from sellerkit.lake.store import Lake, Writer, accounts_of

__all__ = [
    "INGESTS",
    "ORDER_PARTS",
    "QUARANTINE",
    "Lake",
    "Merged",
    "Writer",
    "accounts_of",
    "holder_of",
    "holding",
    "merge",
    "merge_orders",
    "patient",
    "stands_alone",
]
