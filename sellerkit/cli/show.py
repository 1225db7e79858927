"""`show`: a row of the lake, where it came from, and the bytes that stand there."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sellerkit.cli.mapping import mapped
from sellerkit.cli.options import AccountFilter, AsJson, LakeOption, LakeVersion
from sellerkit.cli.printed import harmless, harmless_json
from sellerkit.errors import InputError, UsageError

if TYPE_CHECKING:
    from sellerkit.lake.records import Found, Record
    from sellerkit.read.original import Original, Originals


def show(
    wanted: Annotated[str, typer.Argument(metavar="ID", help="Of a message, order, claim, …")],
    lake: LakeOption,
    account: AccountFilter = "",
    lake_version: LakeVersion = 0,
    files: Annotated[
        list[Path] | None,
        typer.Option("--files", metavar="DIR", help="Look here, by name, for files that moved."),
    ] = None,
    mappings: Annotated[
        list[Path] | None,
        typer.Option("--mapping", metavar="FILE", help="The mapping file that files were read by."),
    ] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="Write the original bytes and nothing else.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what the lake has of a message or an order, and the original bytes of it.

    The file is looked for where it was read, then in each --files DIR. What
    it holds is shown only if its SHA-256 is that of then; where it is not,
    --raw exits 3. Of an order --raw writes each record that it was read from;
    a mail from a mailbox begins with its "From " line. What was read by a
    mapping file may be found by it alone: give it with --mapping.

    Example: [bold]sellerkit show 302-1234567-1234567 --lake lake[/]

    Example: [bold]sellerkit show MESSAGE-ID --lake lake --raw > mail.eml[/]
    """
    from sellerkit.cli.walk_back import print_found
    from sellerkit.lake import Lake
    from sellerkit.lake.records import find
    from sellerkit.read.original import Originals

    if raw and as_json:
        raise UsageError("--raw writes bytes and --json writes JSON; choose one")
    opened = Lake.open(lake, lake_version or None)
    found = find(opened, wanted.strip().strip("<>"), account or None)
    originals = Originals(files or [], [mapped(path) for path in mappings or []])
    if raw:
        _write(_bytes(found, originals))
    elif as_json:
        print(harmless_json(_json(wanted, opened.version, found, originals)))
    else:
        print_found(found, opened.version, lambda record: original_of(record, originals))


def original_of(record: Record, originals: Originals) -> Original | None:
    """Return what stands where a row came from; null where it names no file."""
    from sellerkit.read.source import Context

    row = record.row
    if "source" not in row or "source_sha256" not in row:
        return None
    context = Context(row["account"], row.get("marketplace"))
    pos = int(row.get("source_pos", 0))
    return originals.at(row["source"], row["source_sha256"], pos, form=record.form, context=context)


def _bytes(found: list[Found], originals: Originals) -> list[tuple[bytes, str]]:
    """Return the original bytes of a row, or of each record that an order was read from."""
    if len(found) > 1:
        places = " and ".join(f"{one.table} of {one.account}" for one in found)
        raise UsageError(f"the id stands in {places}; say whose with --account")
    records = found[0].of("order_parts") or found[0].records[:1]
    units: dict[tuple[Any, ...], tuple[bytes, str]] = {}
    for record in records:
        original = original_of(record, originals)
        if original is None:
            raise InputError(f"{record.table}: the row names no file that it came from")
        if original.data is None or original.text is None:
            raise InputError(original.why)
        place = (record.row["source_sha256"], record.row.get("source_pos"))
        units[place] = (original.data, original.text)
    return list(units.values())


def _write(units: list[tuple[bytes, str]]) -> None:
    """Write bytes as they are to a file or a pipe; to a terminal only what cannot command it."""
    is_terminal = sys.stdout.isatty()
    for number, (data, text) in enumerate(units, 1):
        written = harmless(text).encode("utf-8", "replace") if is_terminal else data
        sys.stdout.buffer.write(written)
        if (number < len(units) or is_terminal) and not written.endswith(b"\n"):
            sys.stdout.buffer.write(b"\n")
    sys.stdout.flush()


def _json(wanted: str, version: int, found: list[Found], originals: Originals) -> str:
    records = []
    for one in found:
        for record in one.records:
            row = {name: _plain(value) for name, value in record.row.items()}
            original = original_of(record, originals)
            said = {"table": record.table, "of": one.table, "account": one.account, "row": row}
            records.append(said | {"format": record.form, "original": _told(original)})
    return json.dumps(
        {"id": wanted, "lake_version": version, "records": records}, ensure_ascii=False
    )


def _told(original: Original | None) -> dict[str, Any] | None:
    if original is None:
        return None
    told = {name: getattr(original, name) for name in ("state", "why", "path", "unit")}
    if original.data is None:
        return told
    try:
        return told | {"bytes": len(original.data), "text": original.data.decode("utf-8")}
    except UnicodeDecodeError:
        packed = base64.b64encode(original.data).decode("ascii")
        return told | {"bytes": len(original.data), "base64": packed}


def _plain(value: Any) -> Any:
    moment = getattr(value, "isoformat", None)
    if moment:
        return moment()
    return value.item() if hasattr(value, "item") else value
