"""Did the seller write to his buyers when Amazon obliges him to, and can he show it.

The public face, for notebooks and scripts. What is named here is loaded when it is first used:
importing sellerkit brings in neither pandas nor plotly nor papermill.

Examples
--------
>>> import sellerkit as sk
>>> histories = sk.open_lake("data/demo/lake").histories()      # doctest: +SKIP
>>> found = sk.audit(histories, as_of="2026-10-05T06:00Z")       # doctest: +SKIP
>>> found.findings["obligations"]                                # doctest: +SKIP

In a notebook, from files to a chart:

>>> sk.ingest(["data/sample"], "lake", sk.Context("My shop"))     # doctest: +SKIP
>>> sk.lab.trend(sk.load_run("lake", as_of="2026-10-05"))         # doctest: +SKIP
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sellerkit.audit import Audit as Audit
    from sellerkit.audit import audit as audit
    from sellerkit.audit.phone import call_views as call_views
    from sellerkit.audit.phone import calls_missing as calls_missing
    from sellerkit.lake import Lake as Lake
    from sellerkit.policy import Policy as Policy
    from sellerkit.read.ingest import ingest as ingest
    from sellerkit.read.source import Context as Context
    from sellerkit.report.dossier import load_dossier as load_dossier
    from sellerkit.report.due import drafts_due as drafts_due
    from sellerkit.report.due import due as due
    from sellerkit.report.due import warnings_of as warnings_of
    from sellerkit.report.load import Run as Run
    from sellerkit.report.load import load_run as load_run
    from sellerkit.report.load import load_runs as load_runs
    from sellerkit.report.portfolio import portfolio as portfolio

__version__ = "0.1.0"

_HOMES = {
    "Audit": "sellerkit.audit",
    "Context": "sellerkit.read.source",
    "Lake": "sellerkit.lake",
    "Policy": "sellerkit.policy",
    "Run": "sellerkit.report.load",
    "audit": "sellerkit.audit",
    "call_views": "sellerkit.audit.phone",
    "calls_missing": "sellerkit.audit.phone",
    "drafts_due": "sellerkit.report.due",
    "due": "sellerkit.report.due",
    "ingest": "sellerkit.read.ingest",
    "load_dossier": "sellerkit.report.dossier",
    "load_run": "sellerkit.report.load",
    "load_runs": "sellerkit.report.load",
    "portfolio": "sellerkit.report.portfolio",
    "warnings_of": "sellerkit.report.due",
}

#: Modules by the name by which a notebook calls them.
_MODULES = {
    "lab": "sellerkit.report.lab",
    "measure": "sellerkit.measure",
    "policy": "sellerkit.policy",
    "show": "sellerkit.show",
    "tables": "sellerkit.tables",
}

__all__ = ["open_lake", *_HOMES, *_MODULES]


def open_lake(address: str, version: int | None = None) -> Lake:
    """Open a lake for reading, at its newest version or at one of the past."""
    from sellerkit.lake import Lake

    return Lake.open(address, version)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    if name in _MODULES:
        return importlib.import_module(_MODULES[name])
    raise AttributeError(f"module 'sellerkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Face(ModuleType):
    """The package, in which a function may bear the name of its folder: ``sellerkit.audit``."""

    def __setattr__(self, name: str, value: Any) -> None:
        """Bind a name; where the import system binds a folder over a function, the function."""
        if isinstance(value, ModuleType) and _HOMES.get(name) == value.__name__:
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face
