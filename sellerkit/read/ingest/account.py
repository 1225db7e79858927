"""What became of each file, in its own units and in rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sellerkit.errors import printable
from sellerkit.lake import Lake
from sellerkit.read.source import Parsed, Rows


@dataclass
class FileAccount:
    """What became of one file. ``read == used + skipped + quarantined``.

    Attributes
    ----------
    tables : dict
        For each table ``rows``, ``new``, ``updated``, ``same``; rows is the sum of the others.
    parsed : Parsed or None
        What was read; null for a file that the lake has read before.
    """

    source: str
    sha256: str
    format: str | None
    read: int
    skipped: dict[str, int]
    quarantined: int
    seconds: float
    tables: dict[str, dict[str, int]] = field(default_factory=dict)
    parsed: Parsed | None = None

    def take_rows(self, table: str) -> Rows:
        """Hand over the rows of a table: a large file's are most of the memory."""
        return self.parsed.tables.pop(table, []) if self.parsed else []

    def count(self, table: str, outcome: str, size: int) -> None:
        """Add what became of rows of a table."""
        counts = self.tables.setdefault(table, {"rows": 0, "new": 0, "updated": 0, "same": 0})
        counts[outcome] += size
        counts["rows"] += size

    def as_dict(self) -> dict[str, object]:
        """Return the account as cli.md writes it."""
        return {
            "source": self.source,
            "format": self.format,
            "sha256": self.sha256,
            "read": self.read,
            "used": self.read - sum(self.skipped.values()) - self.quarantined,
            "skipped": dict(sorted(self.skipped.items())),
            "quarantined": self.quarantined,
            "tables": self.tables,
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True)
class IngestReport:
    """The account of an ingest: each file's, the warnings, and the lake's version after it."""

    files: list[FileAccount]
    lake: Lake

    @property
    def warnings(self) -> list[str]:
        """Sentences for the user, in the order of the files."""
        given = (account.parsed.warnings for account in self.files if account.parsed)
        return [printable(warning) for warnings in given for warning in warnings]

    def as_dict(self) -> dict[str, object]:
        """Return the report as cli.md writes it."""
        files = [account.as_dict() for account in self.files]
        return {"files": files, "totals": self.totals(), "lake_version": self.lake.version}

    def totals(self) -> dict[str, object]:
        """Return the sums over all files."""
        files: list[dict[str, Any]] = [account.as_dict() for account in self.files]
        skipped: Counter[str] = Counter()
        by_table: dict[str, Counter[str]] = {}
        for account in self.files:
            skipped.update(account.skipped)
            for name, counts in account.tables.items():
                by_table.setdefault(name, Counter()).update(counts)
        return {
            "files": len(self.files),
            **{name: sum(file[name] for file in files) for name in ("read", "used")},
            "skipped": dict(sorted(skipped.items())),
            "quarantined": sum(a.quarantined for a in self.files),
            "tables": {name: dict(by_table[name]) for name in sorted(by_table)},
            "seconds": round(sum(a.seconds for a in self.files), 3),
        }
