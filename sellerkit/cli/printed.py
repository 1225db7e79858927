"""What commands show on a terminal: accounts and figures as tables."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.rule import Rule
from rich.segment import Segment
from rich.table import Column, Table
from rich.text import Text


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Stop quietly where nobody reads on (``| head``); Rich would exit 1, which says more."""
        raise BrokenPipeError

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterator[Segment]:
        """Render anything so that a terminal only shows it: strangers' words are in most of it."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(harmless(segment.text), segment.style)


out = _Console()
err = _Console(stderr=True)

#: What can move the cursor, colour the screen, set its title or turn text around: controls but for
#: tab and line feed, and the marks of writing direction.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def harmless(text: str) -> str:
    """Return text that a terminal only shows: what would command it stands there as a picture.

    What buyers wrote, and what files are called, is anybody's; ``ESC ] 0 ; title`` becomes
    ``\u241b]0;title``.
    """
    return _UNSAFE.sub(lambda found: _picture(ord(found[0])), text.replace("\r\n", "\n"))


def _picture(code: int) -> str:
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"\\u{code:04x}"


def plain(words: object) -> Text:
    """Return words as they are, harmless, and not read as markup: ``[Gmail]/All Mail``."""
    return Text(harmless(str(words)), overflow="fold")


def harmless_json(text: str) -> str:
    """Return JSON in which such characters stand escaped; it means the same."""
    # in JSON they can stand within strings only, but for the line ends of its own layout
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def warn(sentence: str) -> None:
    """Say a sentence on standard error, in yellow."""
    err.print(
        f"sellerkit: {harmless(sentence)}",
        style="yellow",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


def print_ingest(account: dict[str, Any]) -> None:
    """Show what became of the files; of many small ones only those that need a look."""
    files = account["files"]
    telling = [f for f in files if f["format"] != "eml" or f["quarantined"]]
    names = ("read", "used", "skipped", "quarantined")
    columns = (_folded("file"), _folded("format"), *(_right(name) for name in names))
    table = Table(*columns, box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    folder = _common([file["source"] for file in telling[:40]])
    for file in telling[:40]:
        counts = (file["read"], file["used"], sum(file["skipped"].values()), file["quarantined"])
        name = plain(file["source"][len(folder) :])
        table.add_row(name, file["format"] or "–", *(f"{n:,}" for n in counts))
    if folder:
        out.print(plain(f"files in {folder}"), highlight=False, soft_wrap=True)
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


def _common(sources: list[str]) -> str:
    """Return the folder that several files lie in, up to its last slash; empty where none is."""
    shared = os.path.commonprefix(sources) if len(sources) > 1 else ""
    return shared[: shared.rfind("/") + 1]


def _folded(name: str) -> Any:
    return Column(name, overflow="fold")


def _right(name: str) -> Any:
    return Column(name, justify="right")


_PERIODS = ("window", "last_7_days", "last_30_days", "last_90_days")


def print_summary(summary: dict[str, Any], folder: Path | None) -> None:
    """Show the headline figures of an audit, and where its files are."""
    table = Table("", *(_right(n) for n in ("window", "7 days", "30 days", "90 days")))
    contacts = summary["contacts"]
    periods = [contacts[n] for n in _PERIODS]
    bounds = summary["completeness"]["bounds"]
    of_periods = [bounds["contacts"][n] for n in _PERIODS]
    for name in ("contacts", "on_time_share", "no_response_share", "median_hours", "open"):
        pairs = zip(periods, of_periods, strict=True)
        table.add_row(name, *(_bounded(row[name], bound.get(name)) for row, bound in pairs))
    out.print(table)
    owed = Table("obligation", *(_right(n) for n in ("met", "late", "missed", "open", "coverage")))
    for kind, row in summary["obligations"].items():
        counts = (_figure(row[n]) for n in ("met", "late", "missed", "open"))
        bound = bounds["obligations"][kind]["coverage"]
        owed.add_row(kind, *counts, _bounded(row["coverage"], bound))
    out.print(owed)
    _print_holes(summary["completeness"])
    claims = ", ".join(
        f"{_figure(n)} {name}" for name, n in summary["claims"].items() if isinstance(n, int)
    )
    out.print(f"claims: {claims}", highlight=False)
    window = f"{summary['window']['since']} to {summary['window']['until']}"
    out.print(f"window {window}, lake version {summary['lake_version']}", highlight=False)
    if "comparison" in summary:
        _print_comparison(summary["comparison"])
    if folder is not None:
        out.print(f"written to {folder}", highlight=False, markup=False)


def _bounded(value: float | None, bound: dict[str, Any] | None) -> str:
    """Return a figure; of a share that is not known its lowest and its highest value."""
    if not bound or not bound["unknown"]:
        return _figure(value)
    return f"{_figure(bound['lowest'])}–{_figure(bound['highest'])}"


def _print_holes(completeness: dict[str, Any]) -> None:
    """Say when mail of the window is missing."""
    unknown = completeness["bounds"]["contacts"]["window"]["on_time_share"]["unknown"]
    weeks = ", ".join(completeness["weeks_with_holes"])
    if unknown:
        where = f" in the week from {weeks}" if weeks else ""
        words = f"mail is missing{where}: {unknown:,} inquiries are unknown"
        out.print(words, highlight=False, soft_wrap=True)


def _print_comparison(comparison: dict[str, Any]) -> None:
    """Show what changed since another window, in points of per cent, and what it is due to."""
    table = Table(
        "", *(_right(n) for n in ("before", "now", "change", "rules", "mix", "behaviour"))
    )
    for row in comparison["figures"]:
        if row["n_before"] or row["n_now"]:
            name = f"{row['figure']}, {row['kind']}" if row["kind"] else row["figure"]
            table.add_row(name, _figure(row["before"]), _figure(row["now"]), *_points(row))
    out.print(table)
    for change in comparison["rules_changed"]:
        stores = ", ".join(change["marketplaces"]) or "all stores"
        values = (_worded(change[name]) for name in ("before", "now"))
        out.print(plain(f"changed: {change['rule']}, {' → '.join(values)}, {stores}"))
    if not comparison["rules_changed"]:
        out.print("no rule behind these figures changed from one to the other", highlight=False)
    for name in ("before", "now"):
        look = comparison[name]
        words = f"{name}: {look['since']} to {look['until']}, as it stood at {look['as_of']}"
        out.print(words, highlight=False, soft_wrap=True)


def _points(row: dict[str, Any]) -> list[str]:
    """Return a change and its parts, rounded so that they add up; 0 is none at all."""
    from sellerkit.measure import points

    exact = [row[name] for name in ("change", "due_to_rules", "due_to_mix", "due_to_behaviour")]
    if None in exact:
        return ["–" if part is None else f"{part * 100:+.1f}" for part in exact]
    change, parts = points(exact[0], exact[1:])
    return [f"{n:+.1f}" if n else "0" for n in (change, *parts)]


def _worded(value: Any) -> str:
    return "none" if value is None else f"{value}"


def _figure(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


_MARKED = {
    "new": "marked",
    "updated": "marked further",
    "same": "was marked",
    "taken back": "taken back",
    "not marked": "was not marked",
}


def print_marks(said: dict[str, Any]) -> None:
    """Show what a list marked, or took back: each id, and how many messages on file it names."""
    table = Table(_folded("id"), "", "sent before", _right("messages"))
    for row in said["marks"][:40]:
        until = row["marked_at"][:16].replace("T", " ") if row["marked_at"] else "–"
        if row["kind"] == "message" or row["outcome"] == "not marked":
            until = ""
        count = f"{row['messages']:,}" if row["messages"] else "none yet"
        table.add_row(plain(row["marks"]), _MARKED[row["outcome"]], until, count)
    out.print(table if said["marks"] else "no marks")
    if len(said["marks"]) > 40:
        out.print(f"and {len(said['marks']) - 40:,} more; --json has all", highlight=False)
    for marks, size in list(said["still_marked"].items())[:40]:
        warn(f"{marks}: {size:,} still marked, by another mark or by the file they came from")
    if said["unmatched"]:
        some = f"{len(said['unmatched']):,} of {len(said['marks']):,}"
        out.print(f"{some} ids name no buyer's message on file yet", highlight=False)
    words = f"messages marked now: {said['messages_marked']:,}"
    out.print(f"{words} · lake version {said['lake_version']}", highlight=False)


def section(title: str) -> None:
    """Begin a part of what is shown."""
    out.print()
    rule(Text(title, "dim"), style="dim")


def rule(title: Text, style: str) -> None:
    """Show a title and a line behind it; an id may be longer than a line, which would cut it."""
    if len(title) > out.width - 6:
        out.print(title, overflow="fold")
        return
    out.print(Rule(title, align="left", style=style))


def print_rows(rows: Any, count: int) -> None:
    """Show the first rows of a frame, each as a list of the columns that are not null."""
    for number, (_, row) in enumerate(rows.head(count).iterrows(), 1):
        out.print(f"[bold]row {number}[/]", highlight=False)
        for name, value in row.dropna().items():
            text = harmless(" ".join(str(value).split())[:200])
            out.print(f"  {name:20} {text}", highlight=False, markup=False, soft_wrap=True)
