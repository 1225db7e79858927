"""Hostile text in every field of every history, through every output: shown as text, or refused.

Pages are opened in a real browser, which counts the scripts that ran, the violations of the pages'
Content-Security-Policy, and whatever was to be loaded. What the notebooks themselves show is opened
without any policy, as a notebook's viewer would.
"""

from __future__ import annotations

import email
import itertools
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hostile_rows
import nbformat
import papermill
from icalendar import Calendar
from playwright.sync_api import Browser, Page, sync_playwright
from torture.measured import measured
from torture.rows import Row

from sellerkit.lake import Lake
from sellerkit.report.exporter import notebook_path
from sellerkit.report.run import build_reports
from sellerkit.tables import CLAIMS, MESSAGES, ORDERS

ACCOUNTS = (
    f"<script>{hostile_rows.RUN}</script> {{{{ 7*7 }}}} \u202e ../../x",
    "=1+1' \" ; touch x",
)
LAB = ("01_explore", "02_response_times", "03_obligations", "04_claims", "05_your_own_rules")

#: What would command a terminal. A line end is needed, a tab harmless.
COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

#: All that a draft's mail may have for a header.
HEADERS = {"x-unsent", "to", "subject", "in-reply-to", "references", "content-type",
           "content-transfer-encoding", "mime-version"}  # fmt: skip

#: Counts what a page does that it must not; before any script of its own.
WATCH = """window.violated = [];
document.addEventListener('securitypolicyviolation',
    (e) => violated.push(e.violatedDirective + ' ' + e.blockedURI));"""

FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run"]  # fmt: skip


def run(minutes: float) -> list[Row]:
    """Make the shop, and everything of it; the time is what it takes."""
    with tempfile.TemporaryDirectory(prefix="sellerkit-torture-") as name:
        folder = Path(name)
        rows = [terminal(folder), *browsed(folder)]
        rows[0].broken += [f"a file was made: {p}" for p in folder.rglob("owned")]
    return rows


def terminal(folder: Path) -> Row:
    """Run the commands; nothing of what they print commands a terminal."""
    row = Row("hostile text: commands, drafts, calendars", scripts=0, seconds=0.0, peak_mib=0.0)
    files = hostile_rows.write(folder / "in")
    for account in ACCOUNTS:
        tell(row, folder, "ingest", files, "--lake", "lake", "--account", account, "--marketplace",
             "DE")  # fmt: skip
    for words in commands(folder):
        tell(row, folder, *words)
    calendar = Calendar.from_ical((folder / "due.ics").read_bytes())
    kinds = {part.name for part in calendar.walk()}
    if kinds - {"VCALENDAR", "VEVENT", "VALARM"} or b"\nATTACH" in calendar.to_ical():
        row.broken.append(f"the calendar holds {kinds}")
    for path in (folder / "eml").glob("*.eml"):
        names = {name.lower() for name in email.message_from_bytes(path.read_bytes())}
        if names - HEADERS:
            row.broken.append(f"a draft has headers {names - HEADERS}")
    return row


def tell(row: Row, folder: Path, *words: object) -> None:
    """Run a command, and look at what it printed."""
    done = measured(*words, cwd=folder)
    row.tried += 1
    row.seconds, row.peak_mib = max(row.seconds, done.seconds), max(row.peak_mib, done.peak_mib)
    if found := COMMANDS.search(done.out + done.err):
        row.broken.append(f"{words[0]} prints {found[0]!r}")
    if done.code not in (0, 1, 2, 3) or "Traceback" in done.err:
        row.broken.append(f"{words[0]}: exit {done.code}: {done.err[-300:]}")


def commands(folder: Path) -> Iterator[tuple[object, ...]]:
    """Yield every command that shows something of a lake or a file."""
    lake = ("--lake", "lake")
    asked = (*lake, "--as-of", hostile_rows.AS_OF)
    yield from ((*words, *more) for words in (
        ("audit", *asked, "--out", "findings"),
        ("due", *asked, "--hours", "48", "--ics", "due.ics"),
        ("draft", "--all-due", *asked),
    ) for more in ((), ("--json",)))  # fmt: skip
    yield ("draft", "--all-due", *asked, "--eml", "eml")
    yield ("diff", "findings", "findings")
    yield ("mapping", "draft", folder / "in" / "messages.csv")
    for kind in ("terminal", "direction", "lines"):
        (folder / "draft.txt").write_text("\n".join(hostile_rows.TEXTS.values()), "utf-8")
        yield ("lint", "draft.txt", "--subject", hostile_rows.TEXTS[kind])
    for command, word in itertools.product(("why", "show"), ids(folder)):
        if command == "show":
            yield (command, *lake, "--", word)
        else:
            yield (command, *asked, "--texts", "--", word)


def ids(folder: Path) -> list[str]:
    """Return ids of messages, orders and claims: of each those that would do most here."""
    lake = Lake.open(folder / "lake")
    found = [lake.read(table)[table.key[-1]].tolist() for table in (MESSAGES, ORDERS, CLAIMS)]
    wanted = [hostile_rows.TEXTS[kind] for kind in ("terminal", "direction", "shell")]
    return [next(str(key) for key in keys if str(key).startswith(text))
            for keys in found for text in wanted]  # fmt: skip


def pages(folder: Path) -> list[Path]:
    """Build every report, with texts and names; those with charts without scripts too."""
    from sellerkit.report.run import Form

    lake = Lake.open(folder / "lake")
    order = next(o for o in lake.read(ORDERS)["order_id"] if "<script>" in o)
    asked = {"lake": str(folder / "lake"), "as_of": hostile_rows.AS_OF, "texts": "true",
             "names": "true"}  # fmt: skip
    own = asked | {"account": ACCOUNTS[0]}
    build_reports(["all"], folder / "reports", parameters=asked)
    build_reports(["dossier"], folder / "reports", parameters=own | {"order": order})
    build_reports(["compliance", "atoz"], folder / "still", parameters=own, form=Form(static=True))
    return [*(folder / "reports").rglob("*.html"), *(folder / "still").rglob("*.html")]


def shown(folder: Path) -> Iterator[Path]:
    """Run the notebooks for people, and yield what each shows, as HTML without a policy."""
    values = {"lake": str(folder / "lake"), "as_of": hostile_rows.AS_OF}
    for name in LAB:
        source, done = str(notebook_path(name)), folder / f"{name}.ipynb"
        known = papermill.inspect_notebook(source)
        papermill.execute_notebook(source, str(done), progress_bar=False, parameters={
            key: value for key, value in values.items() if key in known})  # fmt: skip
        page = folder / f"{name}.html"
        page.write_text(
            "<meta charset=utf-8>" + "\n".join(html_of(nbformat.read(done, 4))), "utf-8"
        )
        yield page


def html_of(notebook: Any) -> Iterator[str]:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            yield output.get("data", {}).get("text/html", "")


def browsed(folder: Path) -> list[Row]:
    """Open the pages and the notebooks' outputs in a browser."""
    reports = Row("hostile text: reports in a browser", scripts=0)
    notebooks = Row("hostile text: what notebooks show, without a policy", scripts=0)
    with opened_browser() as browser:
        if look(browser, control(folder)) == 0:
            reports.broken.append("a page with a script in it is not noticed, so nothing is proven")
        for row, paths in ((reports, pages(folder)), (notebooks, shown(folder))):
            for path in paths:
                row.tried += 1
                row.scripts += look(browser, path, row)
    return [reports, notebooks]


def control(folder: Path) -> Path:
    """Write a page in which hostile text is no text."""
    path = folder / "control.html"
    path.write_text("<meta charset=utf-8>" + hostile_rows.TEXTS["script"], "utf-8")
    return path


@contextmanager
def opened_browser() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        raise SystemExit("hostile_text: chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


def look(browser: Browser, path: Path, row: Row | None = None) -> int:
    """Open a page and touch all that is on it; return how many scripts of strangers' ran."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.add_init_script(WATCH)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(path.as_uri())
    touch(page)
    ran = int(page.evaluate("window.owned || 0"))
    if row is not None:
        said = page.evaluate("window.violated")
        row.broken += [f"{path.name}: violates the policy: {what}" for what in said]
        row.broken += [f"{path.name}: loads {url}" for url in requests if url != path.as_uri()]
    context.close()
    return ran


def touch(page: Page) -> None:
    """Open what can be opened, point at everything, as a reader might."""
    page.evaluate("""() => {
        document.querySelectorAll('details').forEach((one) => { one.open = true; });
        for (const one of document.querySelectorAll('*'))
            for (const kind of ['mouseover', 'focus', 'click', 'mouseenter'])
                if (kind !== 'click' || one.matches('.paste, button, summary'))
                    one.dispatchEvent(new Event(kind, {bubbles: false}));
    }""")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
