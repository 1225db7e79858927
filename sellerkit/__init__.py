"""Did the seller write to his buyers when Amazon obliges him to, and can he show it.

The public face, for notebooks and scripts. But for the audit itself, what is named here is loaded
when it is first used: importing sellerkit brings in neither plotly nor papermill.

Examples
--------
>>> import sellerkit as sk
>>> histories = sk.open_lake("data/demo/lake").histories()      # doctest: +SKIP
>>> found = sk.audit(histories, as_of="2026-10-05T06:00Z")       # doctest: +SKIP
>>> found.findings["obligations"]                                # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

# Named at once, since the function bears the name of its folder: later imports leave it alone.
from sellerkit.audit import Audit, audit

if TYPE_CHECKING:
    from sellerkit.audit.phone import call_views as call_views
    from sellerkit.audit.phone import calls_missing as calls_missing
    from sellerkit.lake import Lake as Lake
    from sellerkit.policy import Policy as Policy
    from sellerkit.read.ingest import ingest as ingest
    from sellerkit.read.source import Context as Context
    from sellerkit.report.due import drafts_due as drafts_due
    from sellerkit.report.due import due as due
    from sellerkit.report.due import warnings_of as warnings_of
    from sellerkit.report.load import Run as Run
    from sellerkit.report.load import load_run as load_run
    from sellerkit.report.load import load_runs as load_runs
    from sellerkit.report.portfolio import portfolio as portfolio

__version__ = "0.1.0"

_HOMES = {
    "Context": "sellerkit.read.source",
    "Lake": "sellerkit.lake",
    "Policy": "sellerkit.policy",
    "Run": "sellerkit.report.load",
    "call_views": "sellerkit.audit.phone",
    "calls_missing": "sellerkit.audit.phone",
    "drafts_due": "sellerkit.report.due",
    "due": "sellerkit.report.due",
    "ingest": "sellerkit.read.ingest",
    "load_run": "sellerkit.report.load",
    "load_runs": "sellerkit.report.load",
    "portfolio": "sellerkit.report.portfolio",
    "warnings_of": "sellerkit.report.due",
}

_FOLDERS = ("measure", "policy", "show", "tables")

__all__ = ["Audit", "audit", "open_lake", *_HOMES, *_FOLDERS]


def open_lake(address: str, version: int | None = None) -> Lake:
    """Open a lake for reading, at its newest version or at one of the past."""
    from sellerkit.lake import Lake

    return Lake.open(address, version)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    if name in _FOLDERS:
        return importlib.import_module(f"sellerkit.{name}")
    raise AttributeError(f"module 'sellerkit' has no attribute {name!r}")
