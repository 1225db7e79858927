"""The command line: each command opens, calls one function, prints.

A command is a function in a module of this folder, added to `app` below. The module imports pandas
and the rest of sellerkit only inside its functions (see `light`), so that help and a slip in an
option are told at once.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from sellerkit import __version__
from sellerkit.cli import fetch_amazon, fetch_imap  # noqa: F401  (add their commands to fetch_app)
from sellerkit.cli.diff import diff
from sellerkit.cli.doctor import doctor
from sellerkit.cli.draft import draft
from sellerkit.cli.due import due
from sellerkit.cli.fetch import fetch_app
from sellerkit.cli.init import init
from sellerkit.cli.light import load_help
from sellerkit.cli.lint import lint
from sellerkit.cli.mapping import app as mapping_app
from sellerkit.cli.mapping import mapped
from sellerkit.cli.marking import mark, unmark
from sellerkit.cli.new_report import new_report
from sellerkit.cli.options import (
    AccountFilter,
    AsJson,
    AsOf,
    CompareWith,
    LakeOption,
    LakeVersion,
    PolicyOption,
    Since,
    Until,
    context_of,
    now,
    pair,
)
from sellerkit.cli.policy import app as policy_app
from sellerkit.cli.printed import err as _err
from sellerkit.cli.printed import harmless, harmless_json, plain, print_ingest, print_summary, warn
from sellerkit.cli.printed import out as _out
from sellerkit.cli.purge import purge
from sellerkit.cli.report import print_pages, report
from sellerkit.cli.run import run
from sellerkit.cli.schedule import schedule
from sellerkit.cli.show import show
from sellerkit.cli.verify import verify
from sellerkit.cli.why import why
from sellerkit.errors import SellerkitError, UsageError

app = typer.Typer(
    name="sellerkit",
    help="Did the seller write to his buyers when Amazon obliges him to?",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,  # `main` says every error in a sentence
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(fetch_app)

app.add_typer(mapping_app)

app.add_typer(policy_app)

_NEWEST = 0


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"sellerkit {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", is_eager=True, callback=_print_version
        ),
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error arose.")] = False,
) -> None:
    pass


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", metavar="DIR")] = Path("sellerkit-demo"),
    reports: Annotated[Path | None, typer.Option("--reports", metavar="DIR")] = None,
) -> None:
    """Make a sample shop's files, read them, audit them and build every report.

    Example: [bold]sellerkit demo --out sample[/]
    """
    from sellerkit.read.ingest import ingest as read_files
    from sellerkit.read.source import Context
    from sellerkit.report.run import build_reports
    from sellerkit.sample import write_sample

    sample = write_sample(out / "histories")
    _err.print(f"sample files of {sample.account}: {sample.folder}")
    lake = out / "lake"
    context = Context(sample.account, own_addresses=frozenset(sample.own_addresses))
    with _err.status("reading …"):
        report = read_files([sample.folder], lake, context)
    print_ingest(report.as_dict())
    parameters = {"lake": str(lake), "as_of": sample.as_of, "timezone": sample.zone}
    with _err.status("writing the reports …"):
        built = build_reports(["all"], reports or out / "reports", parameters=parameters)
    print_pages(built, reports or out / "reports")


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…")],
    lake: LakeOption,
    account: Annotated[str, typer.Option("--account", metavar="NAME", help="The seller account.")],
    marketplace: Annotated[
        str, typer.Option("--marketplace", metavar="CC", help="Store of rows that name none: DE.")
    ] = "",
    form: Annotated[
        str, typer.Option("--format", metavar="F", help="Read every file as this format.")
    ] = "",
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", metavar="FILE", help="Read every file as this TOML says."),
    ] = None,
    own_address: Annotated[
        list[str] | None,
        typer.Option("--own-address", metavar="ADDR", help="A mail address of the seller's."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read files, folders, archives and mailboxes into the lake.

    Example: [bold]sellerkit ingest Takeout.zip reports/ --lake lake --account "My shop"[/]
    """
    from sellerkit.read.ingest import ingest as read_files

    if mapping and form:
        raise UsageError("--mapping and --format: give one of them")
    context = context_of(account, marketplace, own_address or [])
    with _err.status("reading …") as status:
        report = read_files(
            paths,
            lake,
            context,
            format_name=form or None,
            chosen=mapped(mapping) if mapping else None,
            on_file=lambda name: status.update(plain(f"reading {name} …")),
        )
    for warning in report.warnings:
        warn(warning)
    if as_json:
        print(harmless_json(json.dumps(report.as_dict(), ensure_ascii=False)))
    else:
        print_ingest(report.as_dict())


@app.command()
def formats() -> None:
    """List the formats that sellerkit reads, how each is recognised, and an example line."""
    from sellerkit.read.registry import FORMATS

    for form in FORMATS:
        _out.print(f"[bold]{form.name}[/]  {form.about}", highlight=False)
        _out.print(f"    recognised by: {form.recognised_by}", highlight=False, markup=False)
        _out.print(f"    example:       {form.example}", highlight=False, markup=False)


@app.command()
def audit(
    lake: LakeOption,
    as_of: AsOf = "",
    since: Since = "",
    until: Until = "",
    policy: PolicyOption = "",
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="For the files.")] = None,
    account: AccountFilter = "",
    lake_version: LakeVersion = _NEWEST,
    fail_under: Annotated[
        list[str] | None,
        typer.Option("--fail-under", metavar="FIGURE=LIMIT", help="Exit 1 below a limit."),
    ] = None,
    compare: CompareWith = "",
    as_json: AsJson = False,
) -> None:
    """Conclude the findings; write them and summary.json to a folder.

    Example: [bold]sellerkit audit --lake lake --as-of 2026-10-05 --out findings[/]

    Example: [bold]sellerkit audit --lake lake --as-of 2026-10-05 --compare previous[/]
    """
    from sellerkit.measure import to_json
    from sellerkit.report.compare import parse_window
    from sellerkit.report.findings import write_findings
    from sellerkit.report.load import load_run

    limits = [_limit(text) for text in fail_under or []]
    if compare:
        parse_window(compare)  # a slip in a date is told before the lake is read
    run = load_run(
        lake,
        version=lake_version,
        account=account,
        as_of=now(as_of),
        since=since,
        until=until,
        policy=policy,
    )
    compared = run.compared(compare) if compare else None
    if out is not None:
        write_findings(run, out, comparison=compared)
    said = run.summary | ({"comparison": compared.as_dict()} if compared else {})
    if as_json:
        print(harmless_json(to_json(said)), end="")
    else:
        print_summary(json.loads(to_json(said)), out)
    _enforce(limits, run.summary["contacts"]["window"])


for _command in (
    diff, doctor, draft, due, init, lint, mark, new_report, purge, report, run, schedule, unmark,
    show,
    verify, why,
):  # fmt: skip
    app.command()(_command)


def _limit(text: str) -> tuple[str, float]:
    name, value = pair(text)
    try:
        return name, float(value)
    except ValueError as error:
        raise UsageError(f"--fail-under {text}: the limit is no number") from error


def _enforce(limits: list[tuple[str, float]], figures: dict[str, Any]) -> None:
    for name, limit in limits:
        if not isinstance(figures.get(name), int | float | None) or name not in figures:
            known = [n for n, v in figures.items() if not isinstance(v, list)]
            raise UsageError(f"--fail-under {name}: no such figure; there are {', '.join(known)}")
        value = figures[name]
        if value is not None and value < limit:
            _err.print(f"{name} is {value:.4g}, under {limit:g}", highlight=False)
            raise typer.Exit(1)


def main() -> None:
    """Run the command line: an error is one sentence and an exit code, never a traceback."""
    words = sys.argv[1:]
    debug = "--debug" in words
    load_help()
    try:
        code = app(args=[w for w in words if w != "--debug"], standalone_mode=False)
    except SellerkitError as error:
        code = _fail(str(error), error.exit_code, debug)
    except TyperException as error:
        code = _fail(_said_by_typer(error), getattr(error, "exit_code", 2), debug)
    except (KeyboardInterrupt, typer.Abort):
        code = _fail("stopped", 130, debug)
    except BrokenPipeError:  # nobody reads on, so what is left goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:  # the last resort: a fault of ours, still one sentence
        what = f"{type(error).__name__}: {error}"
        code = _fail(f"this should not happen ({what}); --debug shows where", 4, debug)
    sys.stdout.flush()
    sys.stderr.flush()
    # Delta's and Arrow's native threads now and then abort a process that is being torn down;
    # all is written and every lock is released, so leave at once with the code that was earned
    os._exit(code if isinstance(code, int) else 0)


def _said_by_typer(error: TyperException) -> str:
    words = getattr(error, "format_message", lambda: str(error))()
    return f"{words.rstrip('.')} (see `sellerkit --help`)"


def _fail(sentence: str, code: int, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    _err.print(
        f"sellerkit: {harmless(sentence)}",
        style="red",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    return code
