"""What commands show on a terminal: accounts and figures as tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Column, Table

out = Console()
err = Console(stderr=True)


def print_ingest(account: dict[str, Any]) -> None:
    """Show what became of the files; of many small ones only those that need a look."""
    files = account["files"]
    telling = [f for f in files if f["format"] != "eml" or f["quarantined"]]
    table = Table(
        _folded("file"), "format", *(_right(n) for n in ("read", "used", "skipped", "quarantined"))
    )
    for file in telling[:40]:
        counts = (file["read"], file["used"], sum(file["skipped"].values()), file["quarantined"])
        table.add_row(file["source"], file["format"] or "–", *(f"{n:,}" for n in counts))
    out.print(table)
    if len(files) > len(telling[:40]):
        out.print(f"and {len(files) - len(telling[:40]):,} more files", highlight=False)
    totals = account["totals"]
    for reason, count in totals["skipped"].items():
        out.print(f"skipped {count:,}: {reason}", highlight=False, markup=False)
    for name, counts in totals["tables"].items():
        words = ", ".join(f"{counts[w]:,} {w}" for w in ("new", "updated", "same"))
        out.print(f"{name}: {words}", highlight=False)
    out.print(f"lake version {account['lake_version']}", highlight=False)


def _folded(name: str) -> Any:
    return Column(name, overflow="fold")


def _right(name: str) -> Any:
    return Column(name, justify="right")


def print_summary(summary: dict[str, Any], folder: Path | None) -> None:
    """Show the headline figures of an audit, and where its files are."""
    table = Table("", *(_right(n) for n in ("window", "7 days", "30 days", "90 days")))
    contacts = summary["contacts"]
    periods = [contacts[n] for n in ("window", "last_7_days", "last_30_days", "last_90_days")]
    for name in ("contacts", "on_time_share", "no_response_share", "median_hours", "open"):
        table.add_row(name, *(_figure(period[name]) for period in periods))
    out.print(table)
    owed = Table("obligation", *(_right(n) for n in ("met", "late", "missed", "open", "coverage")))
    for kind, row in summary["obligations"].items():
        owed.add_row(
            kind, *(_figure(row[n]) for n in ("met", "late", "missed", "open", "coverage"))
        )
    out.print(owed)
    claims = ", ".join(
        f"{_figure(n)} {name}" for name, n in summary["claims"].items() if isinstance(n, int)
    )
    out.print(f"claims: {claims}", highlight=False)
    window = f"{summary['window']['since']} to {summary['window']['until']}"
    out.print(f"window {window}, lake version {summary['lake_version']}", highlight=False)
    if folder is not None:
        out.print(f"written to {folder}", highlight=False, markup=False)


def _figure(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


def print_rows(rows: Any, count: int) -> None:
    """Show the first rows of a frame, each as a list of the columns that are not null."""
    for number, (_, row) in enumerate(rows.head(count).iterrows(), 1):
        out.print(f"[bold]row {number}[/]", highlight=False)
        for name, value in row.dropna().items():
            text = " ".join(str(value).split())
            out.print(f"  {name:20} {text[:200]}", highlight=False, markup=False, soft_wrap=True)
