"""`draft`: texts for owed mails, to paste or to open in a mail program. Nothing is sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sellerkit.cli.options import (
    AccountFilter,
    AsJson,
    AsOf,
    LakeVersion,
    PolicyOption,
    Since,
    now,
)
from sellerkit.cli.printed import err, harmless, harmless_json, warn
from sellerkit.errors import UsageError

if TYPE_CHECKING:
    from sellerkit.draft import Draft, Templates
    from sellerkit.report.load import Run

_WIDTH = 72


def draft(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID…", help="Ids of obligations or orders.")
    ] = None,
    lake: Annotated[str, typer.Option("--lake", metavar="DIR", help="The lake.")] = "",
    as_of: AsOf = "",
    everything: Annotated[
        bool, typer.Option("--all-due", help="Every mail that is owed, the most urgent first.")
    ] = False,
    hours: Annotated[
        float | None,
        typer.Option("--hours", metavar="N", min=0, help="Of those not late yet, due within N."),
    ] = None,
    since: Since = "",
    account: AccountFilter = "",
    policy: PolicyOption = "",
    lake_version: LakeVersion = 0,
    template: Annotated[
        str, typer.Option("--template", metavar="NAME", help="Use this text, as check_in.")
    ] = "",
    templates: Annotated[
        Path | None, typer.Option("--templates", metavar="DIR", help="Your own, edited texts.")
    ] = None,
    write_templates: Annotated[
        Path | None,
        typer.Option("--write-templates", metavar="DIR", help="Copy the texts out, to edit."),
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A value of a text, as new_date."),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--eml", metavar="DIR", help="Write a mail file for each.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write texts for mails that are owed, in the buyer's language. Nothing is sent.

    Read each before you send it: what is not on file stands there as a gap
    to fill in, and is listed above the text. --eml writes mails that your
    mail program opens as unsent, to the buyer's address at Amazon.
    --all-due takes what was triggered in the last 30 days, or --since.

    Example: [bold]sellerkit draft --all-due --lake lake --eml drafts[/]

    Example: [bold]sellerkit draft 302-1234567-1234567 --lake lake --template check_in[/]
    """
    if write_templates is not None:
        _copy_templates(write_templates)
        return
    if not lake:
        raise UsageError("say which lake with --lake DIR")
    if bool(ids) == everything:
        raise UsageError("give ids of obligations or orders, or --all-due")
    if hours is not None and not everything:
        raise UsageError("--hours goes with --all-due")
    texts, values = _texts(templates, template, given or [])
    from sellerkit.report.load import load_run

    run = load_run(
        lake,
        version=lake_version,
        account=account,
        as_of=now(as_of),
        since=since,
        policy=policy,
    )
    found = _drafts(run, ids or [], hours, texts, template, values)
    warnings = _warnings(run, found)
    files = _files(found, folder)
    rows = [_row(one, said, file) for one, said, file in zip(found, warnings, files, strict=True)]
    if as_json:
        whole = {"as_of": run.audit.as_of.isoformat(), "lake_version": run.lake_version}
        print(harmless_json(json.dumps(whole | {"drafts": rows}, ensure_ascii=False)))
    else:
        _print(rows)


def _copy_templates(folder: Path) -> None:
    from sellerkit.draft import write_templates

    for path in write_templates(folder):
        print(path)


def _texts(folder: Path | None, name: str, given: list[str]) -> tuple[Templates, dict[str, str]]:
    """Return the templates and the values of the command line."""
    from sellerkit.draft import TEMPLATES, Templates, own_values

    if name and name not in TEMPLATES:
        raise UsageError(f"--template {name}: there are {', '.join(TEMPLATES)}")
    pairs = [text.partition("=") for text in given]
    for text, (_, sign, _) in zip(given, pairs, strict=True):
        if not sign:
            raise UsageError(f"--set {text}: write it as NAME=VALUE")
    values = own_values({key.strip(): value for key, _, value in pairs}, "--set")
    return Templates.load(folder), values


def _drafts(
    run: Run,
    ids: list[str],
    hours: float | None,
    texts: Templates,
    template: str,
    values: dict[str, str],
) -> list[Draft]:
    from sellerkit.audit.return_window import return_ends
    from sellerkit.draft import all_owed, chosen, drafts

    found = run.audit
    owed = all_owed(found.obligations, found.as_of)
    if ids:
        orders = found.histories["orders"]
        duties = chosen(found.obligations, orders, ids, anyway=bool(template))
    else:
        duties = all_owed(found.findings["obligations"], found.as_of, hours)
        older = int((owed["trigger_at"] < found.since).sum())
        if older:
            warn(f"{older:,} owed mails were triggered before {found.since}; --since has them too")
    ends = return_ends(found.histories, duties, found.as_of, found.policy)
    return drafts(
        duties.assign(return_ends_at=ends),
        found.histories,
        texts,
        as_of=found.as_of,
        template=template or None,
        values=values,
        owed=owed,
    )


def _warnings(run: Run, found: list[Draft]) -> list[list[str]]:
    """Return what speaks against sending each draft as it is."""
    from sellerkit.audit import conflicts
    from sellerkit.draft import violations

    check_ins = run.audit.findings["check_ins"].set_index(["account", "order_id"])
    forbidden = conflicts(run.audit).groupby("obligation_id")["safe_way"].agg(list).to_dict()
    broken = violations(found)
    said = []
    for one, rules in zip(found, broken, strict=True):
        lines = [*forbidden.get(one.duty["obligation_id"], []), *rules]
        key = (one.duty["account"], one.duty["order_id"])
        if one.template == "check_in" and key in check_ins.index:
            row = check_ins.loc[key]
            if row["state"] != "due":
                lines.append(f"the check-in is {row['state'].replace('_', ' ')}: {row['why']}")
        said.append(lines)
    return said


def _files(found: list[Draft], folder: Path | None) -> list[str | None]:
    """Write the mail files where a folder is given, and return where each is."""
    from sellerkit.draft import write_eml

    if folder is None:
        return [None] * len(found)
    written = write_eml(found, folder)
    for path, is_new in written:
        if not is_new:
            warn(f"{path}: was there, and is left as it is")
    return [str(path) for path, _ in written]


def _row(one: Draft, warnings: list[str], file: str | None) -> dict[str, Any]:
    names = ("obligation_id", "kind", "problem", "account", "order_id", "thread_id", "status")
    duty = {name: _plain(one.duty[name]) for name in names}
    return duty | {
        "due_at": _plain(one.duty["due_at"]),
        "template": one.template,
        "language": one.to.language,
        "language_from": one.to.language_from,
        "to": one.to.address,
        "in_reply_to": one.to.replies_to,
        "subject": one.subject,
        "text": one.text,
        "gaps": one.gaps,
        "warnings": warnings,
        "also_owed": one.also_owed,
        "eml": file,
    }


def _plain(value: Any) -> str | None:
    moment = getattr(value, "isoformat", None)
    if moment is not None and value == value:  # NaT is no moment, and equals nothing
        return str(moment())
    return value if isinstance(value, str) and value else None


def _print(rows: list[dict[str, Any]]) -> None:
    """Show the texts as they are pasted; what is about them stands on lines that begin with #."""
    if not rows:
        err.print("no mail is owed", highlight=False)
    for row in rows:
        what = row["problem"] or row["kind"] or row["template"]
        about = " · ".join(
            str(part) for part in (what, row["status"], row["order_id"], row["account"]) if part
        )
        lines = [f"{'# ' + about + ' ':─<{_WIDTH}}"]
        due = f", due {row['due_at']}" if row["due_at"] else ""
        lines.append(f"# obligation {row['obligation_id'] or '–'}{due}")
        lines.append(f"# {row['template']} in {row['language']}, told by {row['language_from']}")
        lines.append(f"# To: {row['to'] or 'not on file; answer in Seller Central'}")
        lines.append(f"# Subject: {row['subject']}")
        lines += [f"# FILL IN: {gap}" for gap in row["gaps"]]
        lines += [f"# WARNING: {line}" for line in row["warnings"]]
        lines += [f"# the order also owes a mail for {other}" for other in row["also_owed"]]
        lines += [f"# written to {row['eml']}"] if row["eml"] else []
        print(harmless("\n".join(lines) + "\n\n" + row["text"]))
