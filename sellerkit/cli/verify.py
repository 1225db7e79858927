"""`verify`: does a page still hold."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sellerkit.cli.dossier import check_zip
from sellerkit.cli.light import at_hand
from sellerkit.cli.options import AsJson
from sellerkit.cli.printed import err, harmless, harmless_json
from sellerkit.errors import UsageError

if TYPE_CHECKING:
    from sellerkit.report.verdict import Verdict

#: So many of a kind are printed; `--json` has all.
_SHOWN = 20


def verify(
    page: Annotated[
        Path, typer.Argument(metavar="PAGE", help="A page of a report, or the zip of a dossier.")
    ],
    lake: Annotated[
        str,
        typer.Option("--lake", metavar="DIR", help="The lake; a page does not say where it lies."),
    ] = "",
    policy: Annotated[
        str,
        typer.Option("--policy", metavar="FILE", help="The rule file that the page was made with."),
    ] = "",
    reports_dir: Annotated[
        Path | None,
        typer.Option("--reports-dir", metavar="DIR", help="Where notebooks of your own lie."),
    ] = None,
    seal: Annotated[
        str, typer.Option("--seal", metavar="SHA256", help="Of a zip: as it was told when packed.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Make a page anew from what it names and say which figure, if any, no longer holds.

    Of a zip each member is compared with the manifest, and with --lake the
    page in it is made anew, too.

    Exit code 0: it holds; 1: it does not; 3: it cannot be read, is cut off or none of ours.

    Example: [bold]sellerkit verify reports/shop/compliance/2026-10-05.html --lake lake[/]
    """
    packed = page.suffix.lower() == ".zip"
    if not lake and not packed:
        raise UsageError("a page does not say where its lake lies: name it with --lake DIR")
    # one JSON object is printed: that of the page tells more, where there is a lake to check it by
    whole = not packed or check_zip(page, seal, as_json=as_json, quiet=as_json and bool(lake))
    if lake and whole:
        whole = _checked(page, lake, policy, reports_dir, as_json, packed=packed)
    if not whole:
        raise typer.Exit(1)


def _checked(
    page: Path, lake: str, policy: str, reports_dir: Path | None, as_json: bool, *, packed: bool
) -> bool:
    with at_hand(), tempfile.TemporaryDirectory(prefix="sellerkit-verify-") as folder:
        from sellerkit.report.sealed import page_in
        from sellerkit.report.verify import verify as checked

        opened = page
        if packed:
            opened = Path(folder) / "page.html"
            opened.write_bytes(page_in(page))
        with err.status("making the page anew …"):
            found = checked(opened, lake, policy=policy, reports_dir=reports_dir)
    if as_json:
        print(harmless_json(json.dumps({"page": str(page), **found.as_dict()}, ensure_ascii=False)))
    else:
        print(harmless(_told(page, found)))
    return found.holds


def _told(page: Path, found: Verdict) -> str:
    rests = f"lake version {found.lake_version} and the rules {found.policy}"
    lines = [
        f"{page}: it holds, made anew from {rests}"
        if found.holds
        else f"{page}: it does not hold, made anew from {rests}"
    ]
    lines += [f"not checked: {what}" for what in found.unchecked]
    lines += [f"note: {what}" for what in found.notes]
    lines += _lines("rules that changed", [(r.name, r.page, r.now) for r in found.rules])
    lines += _lines("figures that changed", [(f.name, f.page, f.now) for f in found.figures])
    lines += _lines("findings that changed", [(f.name, f.page, f.now) for f in found.findings])
    lines += _lines(
        "places of the page that are not as they are made now",
        [(_place(p.section, p.figure), p.page, p.now) for p in found.places],
    )
    if found.newest > found.lake_version:
        lines.append(_at_newest(found))
        lines += _lines("figures that would differ", [(f.name, f.page, f.now) for f in found.newer])
    return "\n".join(lines)


def _at_newest(found: Verdict) -> str:
    told = f"the lake has a newer version, {found.newest}"
    return f"{told}, at which no figure would differ" if not found.newer else f"{told}"


def _place(section: str, figure: str) -> str:
    return f"{section}: {figure}" if figure else section


def _lines(title: str, rows: Sequence[tuple[str, Any, Any]]) -> list[str]:
    if not rows:
        return []
    lines = [f"{title}:"]
    lines += [
        f"  {name}: page {_value(was)}, now {_value(now)}" for name, was, now in rows[:_SHOWN]
    ]
    if len(rows) > _SHOWN:
        lines.append(f"  and {len(rows) - _SHOWN:,} more; --json has all")
    return lines


def _value(value: Any) -> str:
    if isinstance(value, str):
        return value or "nothing"
    return json.dumps(value, ensure_ascii=False)
