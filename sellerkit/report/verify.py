"""Does a page still hold: it is made anew from what it names, and compared byte for byte.

The page may be anybody's. Nothing that it names is opened but the lake that the caller gives; a
file of rules is read only where the caller names it; its parameters are checked as a command's are.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sellerkit.errors import InputError, ReportError, SellerkitError, UsageError
from sellerkit.lake import Lake
from sellerkit.report.catalogue import entry
from sellerkit.report.exporter import notebook_path
from sellerkit.report.findings import write_findings
from sellerkit.report.load import Run, load_run
from sellerkit.report.pieces import differences
from sellerkit.report.provenance import (
    PLACES,
    Provenance,
    code_of,
    parts_of,
    provenance_of,
    read_provenance,
)
from sellerkit.report.run import REPORTS, check_parameters, render_report
from sellerkit.report.verdict import Verdict, judge, newer

_BEGIN = '<script type="application/json" id="sellerkit-run">'
_END = "</script>"
_MOST_BYTES = 32_000_000
_EARLIER = "earlier.findings"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

#: What the policy of a page without scripts says, and no other page does.
_STATIC = "script-src &#39;none&#39;"
#: A cell with links to other pages, which hang on where the page lies.
_LINK = re.compile(r'<th scope="col">Pages</th>|<td class="lk">.*?</td>')

#: The section that rests on another run, by its address in the page.
_SINCE = re.compile(r'<section id="since-the-last-run">.*?</section>', re.DOTALL)
#: What that section is made of where it cannot be made anew; anything else in it is no table.
_HARMLESS = re.compile(
    r"(?:[^<>]++|</?(?:section|h2|p|table|caption|thead|tbody|tr|th|td|div|dl|dt|dd|code|span|b)"
    r"(?: (?:class|id|scope|role|tabindex|aria-label)=\"[^\"<>]*\")*>)*"
)


def verify(page: Path, lake: str, *, policy: str = "", reports_dir: Path | None = None) -> Verdict:
    """Make a page anew from the lake version and the rules that it names, and compare.

    Parameters
    ----------
    page : Path
        An HTML page that a report published.
    lake : str
        Folder or address of the lake; a page does not say where it lies.
    policy : str
        The user's file of rules, where the page was made with one; several with commas between.
    reports_dir : Path, optional
        Where notebooks of one's own lie: none is run but where this names their folder.

    Returns
    -------
    Verdict

    Raises
    ------
    UsageError
        The page was made with files of rules and others, or none, are named.
    InputError
        The page cannot be read, is cut off, is none of sellerkit's, or names what is not there.
    """
    text = _text(page)
    said = page_provenance(text, str(page))
    report, rules = _report(said, str(page), reports_dir), _rules(said, policy)
    with _named_by(page), tempfile.TemporaryDirectory(prefix="sellerkit-verify-") as name:
        folder = Path(name)
        values = check_parameters(report, said.parameters)
        run = _run(said, lake, rules)
        asked = values | {"lake": lake, "policy": rules, "lake_version": run.lake_version}
        why = _make_earlier(said.earlier, lake, policy, folder / _EARLIER)
        if said.earlier and not why:
            asked["earlier"] = str(folder / _EARLIER)
        failed, static = folder / "failed.ipynb", _STATIC in text
        now = render_report(report, run, asked, folder, failed, static=static, like=said)
        newest = _newest(said, lake, rules)
    unchecked = []
    if why:
        text, now = _without_since(text, now)
        unchecked = [f"Since the last run: {why}"]
    if "reports" in values:
        text, now = _LINK.sub("", text), _LINK.sub("", now)
        unchecked += ["the links to other pages: where those lie is not known"]
    mine = provenance_of(run, report=said.report, parameters=asked, figures=True)
    verdict = judge(said, mine, differences(text, now))
    return replace(
        verdict,
        unchecked=unchecked,
        notes=_notes(said, report),
        newest=newest.lake.version if newest else run.lake_version,
        newer=newer(mine, newest) if newest else [],
    )


def page_provenance(text: str, where: str) -> Provenance:
    """Read from a page what it rests on.

    Raises
    ------
    InputError
        The page is cut off, is none of sellerkit's, or not as sellerkit writes it.
    """
    begin = text.find(_BEGIN)
    if not text.rstrip().endswith("</html>"):
        ours = text.startswith("<!doctype html>")
        what = "the page is cut off: its end is missing" if ours else "no page of sellerkit’s"
        raise InputError(f"{where}: {what}; nothing of it can be checked")
    if begin < 0 or text.count(_BEGIN) != 1:
        raise InputError(f"{where}: no page of sellerkit’s, since it does not say what it rests on")
    end = text.find(_END, begin)
    if end < 0:
        raise InputError(f"{where}: the page is cut off within what it says of itself")
    said = read_provenance(text[begin + len(_BEGIN) : end], where)
    places = sorted(set(said.parameters) & set(PLACES))
    if places:
        raise InputError(f"{where}: it names a place ({places[0]}), which no page of ours does")
    return said


def _report(said: Provenance, where: str, folder: Path | None) -> str:
    """Return the report that a page is of: one of ours, or a notebook in the caller's folder."""
    name = str(said.report)
    own = None if name in REPORTS or folder is None else folder / f"{name}.ipynb"
    if name not in REPORTS and (own is None or not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name)):
        raise InputError(
            f"{where}: a report {name[:40]!r} is not known here; there are {', '.join(REPORTS)}, "
            "and for one of your own --reports-dir DIR names the folder of its notebook"
        )
    if own is not None and not own.is_file():
        raise InputError(f"{own}: no such notebook, so the page cannot be made anew")
    return str(own) if own is not None else name


def _text(page: Path) -> str:
    try:
        with page.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise InputError(f"{page}: larger than 32 MB, so no page of sellerkit’s")
        return data.decode("utf-8")
    except OSError as error:
        raise InputError(f"{page}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{page}: no page of sellerkit’s: byte {error.start} is no UTF-8"
        ) from error


def _rules(said: Provenance, policy: str) -> str:
    """Return the rules to be asked for: the caller's files, and the page's own day."""
    asked = said.policy.asked
    days = [part for part in asked if _DAY.fullmatch(part)]
    files = [part for part in asked if not _DAY.fullmatch(part)]
    given = [part for part in parts_of(policy) if not _DAY.fullmatch(part)]
    if len(files) != len(given):
        named = " and ".join(repr(name) for name in files)
        raise UsageError(
            f"the page was made with rules of {named}; name the file by --policy FILE"
            if len(files) > len(given)
            else "the page was made without a file of rules, and --policy names one"
            if not files
            else f"the page was made with rules of {named}, and --policy names more files"
        )
    return ",".join([*given, *days])


@contextmanager
def _named_by(page: Path) -> Iterator[None]:
    """Say that what is wrong stands in the page: whoever gave the command did nothing wrong."""
    try:
        yield
    except (UsageError, ReportError) as error:
        raise InputError(f"{page}: it names what cannot be: {error}") from error


def _run(said: Provenance, lake: str, policy: str, version: int | None = None) -> Run:
    if said.lake.version < 1:
        raise UsageError(f"lake version {said.lake.version}")
    names = ("account", "as_of", "since", "until", "timezone")
    asked = {name: str(said.parameters.get(name, "")) for name in names}
    return load_run(
        lake, version=said.lake.version if version is None else version, policy=policy, **asked
    )


def _newest(said: Provenance, lake: str, policy: str) -> Provenance | None:
    """Make the run at the lake's newest version; None where the page is of that version."""
    if Lake.open(lake).version == said.lake.version:
        return None
    return provenance_of(_run(said, lake, policy, version=0), figures=True)


def _notes(said: Provenance, report: str) -> list[str]:
    here = code_of(notebook_path(entry(report)[1]))
    if here == said.code:
        return []
    which = " and its notebook" if here.notebook != said.code.notebook else ""
    return [
        f"made by sellerkit {said.code.version} ({said.code.package[:8]}), checked by "
        f"{here.version} ({here.package[:8]}): the code{which} changed, and a difference may "
        "come from that"
    ]


def _make_earlier(earlier: Provenance | None, lake: str, policy: str, folder: Path) -> str:
    """Make the findings anew with which the page compares; return why not, if that fails."""
    if earlier is None:
        return ""
    try:
        run = _run(earlier, lake, _rules(earlier, policy))
        made = provenance_of(run)
        if made.findings != earlier.findings or made.policy.sha256 != earlier.policy.sha256:
            return "the earlier findings are not what the lake and the rules give now"
        write_findings(run, folder, code=earlier.code)
    except SellerkitError as error:
        return f"the earlier findings cannot be made anew: {error}"
    return ""


def _without_since(text: str, now: str) -> tuple[str, str]:
    """Leave out of both pages what rests on the earlier findings.

    What the page shows there is left out only if it is text and tables: a style or a script there
    could change how the rest is seen.
    """
    found = _SINCE.search(text)
    if found and _HARMLESS.fullmatch(found[0]):
        text = text[: found.start()] + text[found.end() :]
        now = _SINCE.sub("", now, count=1)
    return text, now
