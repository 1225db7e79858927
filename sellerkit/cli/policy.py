"""`policy`: the dated rules, one of them, a file of a user's own, and all as a page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Column, Table

from sellerkit.cli.options import AsJson
from sellerkit.cli.printed import harmless, harmless_json, out, plain
from sellerkit.errors import UsageError

if TYPE_CHECKING:
    from sellerkit.policy import Holiday, Policy, Rule

app = typer.Typer(
    name="policy",
    help="The dated rules: what held when, in which store, says who, and how sure it is.",
    invoke_without_command=True,
)

_With = Annotated[
    str,
    typer.Option("--policy", metavar="FILE or DATE", help="With the rows of a file of yours."),
]


@app.callback()
def list_(context: typer.Context, policy: _With = "", as_json: AsJson = False) -> None:
    """List the dated rules, or see below for one of them and for files of your own.

    Example: [bold]sellerkit policy[/]

    Example: [bold]sellerkit policy show crt.window_hours --at 2015-12-05 --marketplace DE[/]
    """
    if context.invoked_subcommand:
        if policy or as_json:
            raise UsageError(f"give --policy and --json after {context.invoked_subcommand}")
        return
    rules = _policy(policy)
    rows = [rules.row(i, rules.day) for i in _ids(rules)] if rules.day is not None else rules.rules
    if as_json:
        told = {
            "policy": rules.name,
            "rules": [_told(row, rules) for row in rows],
            "holidays": [holiday.model_dump(mode="json") for holiday in rules.holidays],
            "events": [event.model_dump(mode="json") for event in rules.events],
        }
        print(harmless_json(json.dumps(told, ensure_ascii=False)))
    else:
        _print_table(rows, rules)


@app.command()
def show(
    rule: Annotated[str, typer.Argument(metavar="ID", help="As crt.window_hours.")],
    at: Annotated[
        str, typer.Option("--at", metavar="T", help="Only what held then; ISO 8601.")
    ] = "",
    marketplace: Annotated[
        str, typer.Option("--marketplace", metavar="CC", help="Only what holds in this store: DE.")
    ] = "",
    policy: _With = "",
    as_json: AsJson = False,
) -> None:
    """Show one rule: every row of it, or the one that held at an instant in a store.

    The name of a row, as findings have it (crt.window@2012-02-01), will do too.

    Example: [bold]sellerkit policy show crt.window_hours --at 2015-12-05[/]
    """
    from sellerkit.audit import instant

    rules = _policy(policy)
    store = _store(marketplace)
    rows = rules.rows(rule.strip())
    when = instant(at, "--at") if at else rules.day
    if when is not None:
        rows = [rules.row(rows[0].id, when, store)]
    elif store:
        rows = [row for row in rows if not row.marketplaces or store in row.marketplaces]
    if as_json:
        told = {
            "policy": rules.name,
            "id": rows[0].id,
            "at": None if when is None else when.isoformat().replace("+00:00", "Z"),
            "marketplace": store,
            "rows": [_told(row, rules) for row in rows],
        }
        print(harmless_json(json.dumps(told, ensure_ascii=False)))
        return
    for row in rows:
        _print_row(row, rules)
    if when is not None and when.date() < rows[0].from_:
        print("It is the first row there is: before it, the limit is taken to have been the same.")


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A TOML file of rows of yours.")],
    as_json: AsJson = False,
) -> None:
    """Say whether a rule file of yours is right, and what it changes.

    Example: [bold]sellerkit policy check mine.toml[/]
    """
    from sellerkit.policy import Policy

    ours = Policy.default()
    theirs = ours.with_file(file)
    own = [row for row in theirs.rules if row.layer]
    seasons = theirs.holidays[len(ours.holidays) :]
    if as_json:
        told = {
            "policy": theirs.name,
            "rules": [_told(row, theirs) for row in own],
            "holidays": [season.model_dump(mode="json") for season in seasons],
        }
        print(harmless_json(json.dumps(told, ensure_ascii=False)))
        return
    for row in own:
        print(harmless(_change(row, ours, theirs)))
    for season in seasons:
        print(harmless(_season(season)))
    rows, also = _counted(len(own), "rule"), _counted(len(seasons), "return season")
    print(harmless(f"{file}: {rows} and {also}, nothing wrong"))


@app.command()
def page(policy: _With = "") -> None:
    """Print the whole timeline as Markdown.

    Example: [bold]sellerkit policy page > policy.md[/]
    """
    from sellerkit.policy.timeline import page as written

    print(harmless(written(_policy(policy))), end="")


def _policy(what: str) -> Policy:
    from sellerkit.policy import Policy

    return Policy.of(what or None)


def _ids(rules: Policy) -> list[str]:
    return list(dict.fromkeys(rule.id for rule in rules.rules))


def _store(code: str) -> str | None:
    from sellerkit.cli.options import context_of

    return context_of("", code, ()).marketplace


def _told(row: Rule, rules: Policy) -> dict[str, Any]:
    """Return a row as JSON has it; `to` is the first day on which it no longer holds, or null."""
    from sellerkit.policy import MARKS
    from sellerkit.policy.timeline import until

    end = until(row, rules.rules)
    return {
        "id": row.id,
        "name": row.name,
        "value": row.value,
        "unit": row.unit,
        "from": row.from_.isoformat(),
        "to": end.isoformat() if end else None,
        "marketplaces": list(row.marketplaces),
        "mark": row.mark,
        "how_sure": MARKS[row.mark],
        "source": row.source,
        "note": row.note or None,
        "doubt": row.doubt or None,
        "own": row.layer > 0,
    }


def _print_table(rows: Sequence[Rule], rules: Policy) -> None:
    """Print rows as a table on a terminal, as aligned plain text in a pipe."""
    from sellerkit.policy.timeline import in_force, stores, value_words

    head = ("id", "value", "in force", "stores", "mark", "source")
    table = [
        (row.id, value_words(row), in_force(row, rules.rules), stores(row), row.mark,
         f"{'yours: ' if row.layer else ''}{row.source}")
        for row in rows
    ]  # fmt: skip
    if out.is_terminal:
        names = (Column(name, no_wrap=name in ("id", "in force", "mark")) for name in head)
        drawn = Table(*names)
        for line in table:
            drawn.add_row(*(plain(cell) for cell in line))
        out.print(drawn)
        return
    lines = [[harmless(" ".join(cell.split())) for cell in cells] for cells in (head, *table)]
    widths = [max(len(cells[place]) for cells in lines) for place in range(len(head) - 1)]
    for *padded, last in lines:
        cells = [cell.ljust(width) for cell, width in zip(padded, widths, strict=True)]
        print("  ".join([*cells, last]))


def _print_row(row: Rule, rules: Policy) -> None:
    from sellerkit.policy import MARKS
    from sellerkit.policy.timeline import in_force, stores, value_words

    print(harmless(f"{row.id}  {value_words(row)}"))
    said = {
        "row": f"{row.name}{', yours' if row.layer else ''}",
        "in force": in_force(row, rules.rules),
        "stores": stores(row) + ("" if row.marketplaces else " without a row of their own"),
        "how sure": MARKS[row.mark],
        "source": row.source,
        "note": row.note,
        "in doubt": row.doubt,
    }
    for name, words in said.items():
        if words:
            print(harmless(f"  {name:10}{' '.join(words.split())}"))


def _change(row: Rule, ours: Policy, theirs: Policy) -> str:
    """Return in words what a user's row says, and what would hold without it on its first day."""
    import pandas as pd

    from sellerkit.policy.timeline import in_force, stores, value_words

    store = row.marketplaces[0] if row.marketplaces else None
    before = ours.row(row.id, pd.Timestamp(row.from_, tz="UTC"), store)
    told = f"{row.id}: {value_words(row)} {in_force(row, theirs.rules)}, stores: {stores(row)}"
    return f"{told} (without it {value_words(before)}, {before.name})"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _season(season: Holiday) -> str:
    from sellerkit.policy.timeline import stores

    bought = f"{season.basis} {season.first} to {season.last}"
    return f"return season: {bought}, returnable until {season.returns_until}, {stores(season)}"
