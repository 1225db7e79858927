"""`sellerkit purge`: buyers' data goes when its time is over, and the figures stay."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sellerkit.cli.options import AsJson, AsOf, now
from sellerkit.cli.printed import err, harmless_json, out, plain
from sellerkit.errors import UsageError

if TYPE_CHECKING:
    from sellerkit.purge import Purge

_MOST_HELD = 20


@dataclass(frozen=True)
class _What:
    """What is to be purged, from options and a configuration file."""

    lakes: list[str]
    days: int | None
    beside: list[Path]
    originals: list[Path]


def purge(
    lake: Annotated[str, typer.Option("--lake", metavar="DIR", help="The lake.")] = "",
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", metavar="FILE", help="sellerkit.toml: all that it names."),
    ] = None,
    as_of: AsOf = "",
    days: Annotated[
        int | None,
        typer.Option(
            "--retention-days",
            metavar="N",
            min=0,
            help="Days after the delivery. Default: of the file, else of the policy (30).",
        ),
    ] = None,
    findings: Annotated[
        list[Path] | None,
        typer.Option("--findings", metavar="DIR", help="Findings, or the reports beside them."),
    ] = None,
    originals: Annotated[
        list[Path] | None,
        typer.Option("--originals", metavar="DIR", help="Files as they were read or fetched."),
    ] = None,
    hold: Annotated[str, typer.Option("--hold", metavar="ORDER", help="Keep it whole.")] = "",
    release: Annotated[
        str, typer.Option("--release", metavar="ORDER", help="Keep it no longer than others.")
    ] = "",
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why: of --hold and --release.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say it, and write nothing.")] = False,
    report: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the report there too.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Remove buyers' data past its retention from a lake, and keep what the figures need.

    Names, ids and texts go, from all versions; what the audit asks of a text was
    told before, so that every figure stays to the last digit. Older versions of
    the lake cannot be opened any more. An order with an open claim or appeal, or
    on which a mail is owed, stays whole until then.

    Example: [bold]sellerkit purge --lake lake --dry-run[/]

    Example: [bold]sellerkit purge --config sellerkit.toml[/]

    Example: [bold]sellerkit purge --lake lake --hold 305-1234567-1234567 --reason "in court"[/]
    """
    from sellerkit.purge import purge

    wanted = _wanted(lake, config, days, findings or [], originals or [])
    moment = now(as_of)
    if hold or release:
        _note(wanted.lakes, hold, release, reason, moment, dry_run=dry_run)
    elif reason:
        raise UsageError("--reason: of which order? Name it with --hold or --release")
    done = []
    for place in wanted.lakes:
        with err.status(f"purging {plain(place)} …"):
            done.append(
                purge(
                    place, as_of=moment, days=wanted.days, dry_run=dry_run, beside=wanted.beside,
                    originals=wanted.originals,
                )
            )  # fmt: skip
    _say(done, report, as_json=as_json)


def _wanted(
    lake: str, config: Path | None, days: int | None, findings: list[Path], originals: list[Path]
) -> _What:
    if config is None:
        if not lake:
            raise UsageError("name the lake with --lake, or a configuration with --config")
        return _What([lake], days, findings, [*originals, *_kept(lake)])
    from sellerkit.config import load

    said = load(config)
    lakes = [lake] if lake else list(dict.fromkeys(a.lake for a in said.accounts))
    beside = [*findings, *([said.reports.out] if said.reports.out.is_dir() else [])]
    named = [
        source.keep
        for account in said.accounts
        for source in account.fetch
        if source.keep is not None and source.keep.is_dir()
    ]
    kept = [*originals, *named, *(folder for each in lakes for folder in _kept(each))]
    chosen = days if days is not None else said.pii_retention_days
    return _What(lakes, chosen, beside, list(dict.fromkeys(kept)))


def _kept(lake: str) -> list[Path]:
    """Return the folder where `sellerkit fetch imap` keeps the mails of a lake, if it is there."""
    folder = Path(lake.rstrip("/\\") + ".mail")
    return [folder] if folder.is_dir() else []


def _note(
    lakes: list[str], hold: str, release: str, reason: str, moment: str, *, dry_run: bool
) -> None:
    from sellerkit.purge.filed import add_hold

    if hold and release:
        raise UsageError("--hold and --release: give one of them")
    if not reason.strip():
        raise UsageError("say why with --reason: it is what stands on file for whoever asks")
    if len(lakes) > 1:
        raise UsageError("--hold and --release: name the one lake with --lake")
    if dry_run:
        raise UsageError("--hold and --release write to the lake: leave out --dry-run")
    add_hold(lakes[0], hold or release, "hold" if hold else "release", reason.strip(), moment)


def _say(done: list[Purge], report: Path | None, *, as_json: bool) -> None:
    from sellerkit.purge.filed import write

    said = [each.as_dict() for each in done]
    whole = said[0] if len(said) == 1 else {"lakes": said}
    if report is not None:
        try:
            write(report, whole)
        except OSError as error:
            raise UsageError(f"--out {report}: cannot be written: {error.strerror}") from error
    if as_json:
        print(harmless_json(json.dumps(whole, ensure_ascii=False)))
        return
    for each in done:
        _print(each)


def _print(done: Purge) -> None:
    would = "would be purged" if done.dry_run else "purged"
    out.print(
        plain(
            f"{done.lake}, version {done.lake_version}, as of {done.as_of}: {done.purged:,} rows "
            f"{would}, kept {done.retention_days} days after the delivery"
        )
    )
    for name, counts in done.tables.items():
        if counts["purged"]:
            moved = counts.get("delta_version")
            told = f" (Delta version {moved['from']} → {moved['to']})" if moved else ""
            out.print(plain(f"  {name}: {counts['purged']:,} of {counts['rows']:,}{told}"))
    for each in done.held[:_MOST_HELD]:
        which = each["order_id"] or f"thread {each['thread_id']}"
        out.print(plain(f"  held: {which}: {each['reason']}"))
    if len(done.held) > _MOST_HELD:
        out.print(f"  and {len(done.held) - _MOST_HELD:,} more held; --json lists them")
    _print_around(done)


def _print_around(done: Purge) -> None:
    if done.files_removed:
        out.print(f"  {done.files_removed:,} files of older versions removed", highlight=False)
    for file, rows in done.findings.items():
        out.print(plain(f"  {file}: {rows:,} rows purged"))
    mails, emptied = done.originals.get("mails", 0), done.originals.get("emptied", 0)
    if mails or emptied:
        out.print(f"  originals: {mails:,} mails taken out, {emptied:,} files emptied")
    for file in done.originals.get("left", []):
        out.print(plain(f"  left: {file} holds purged rows beside others; see to it yourself"))
    if done.pages:
        out.print(
            f"  {len(done.pages):,} pages are published and were not changed; --json lists them"
        )
