"""Eight ingests of overlapping files at once, audits and reports meanwhile: each row once."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from mails import mail, mbox, reply
from small_shop import AS_OF, FILES
from torture.forked import Running
from torture.rows import Row
from torture.seen import doubled, faults_of_findings, faults_of_pages, rows_of

from sellerkit.report.findings import SUMMARY
from sellerkit.report.provenance import read_run

#: So many ingest at once, each a mailbox that shares all but a few mails with the next one's.
INGESTS = 8
_EACH, _NEW = 30, 6
_LOOKS = 2
_SHOP = ("--account", "shop", "--marketplace", "DE", "--own-address", "shop@seller.example")
#: A writer that another kept out too long says so with this code; it comes again, as it is told.
_HELD = 3


def run(minutes: float) -> list[Row]:
    """Let the crowd in until the time is over, once at least."""
    ingests = Row(f"{INGESTS} ingests at once", lost=0, doubled=0)
    looks = Row("audits and reports meanwhile", lost=0, doubled=0)
    until = time.monotonic() + minutes * 60
    with tempfile.TemporaryDirectory(prefix="sellerkit-torture-") as name:
        base = Path(name)
        shop = base / "shop"
        set_up(shop)
        folders = tuple(f"files{n}" for n in range(INGESTS))
        shutil.copytree(shop, alone := base / "alone")
        _must(("ingest", *folders, "--lake", "lake", *_SHOP), alone)
        while True:
            one_crowd(shop, alone, base / "crowd", ingests, looks)
            if time.monotonic() > until:
                break
    for row in (ingests, looks):
        print(*(f"  {row.part}: {what}" for what in row.broken), sep="\n", file=sys.stderr)
    return [ingests, looks]


def set_up(folder: Path) -> None:
    """Write a folder of files for each ingest; each file of the shop lies in every second one."""
    mails = [_mail(number) for number in range(INGESTS * _NEW + _EACH)]
    for number in range(INGESTS):
        files = folder / f"files{number}"
        files.mkdir(parents=True)
        (files / "some.mbox").write_bytes(mbox(*mails[number * _NEW : number * _NEW + _EACH]))
        for place, (name, data) in enumerate(FILES.items()):
            if (place + number) % 2:
                (files / name).write_bytes(data)


def _mail(number: int) -> bytes:
    order = f"302-{number // 3:07}-0000009"
    date = f"Tue, {7 + number // 24:02} Jan 2020 {number % 24:02}:00:00 +0000"
    if number % 3:
        return mail(f"Where is it, number {number}?", Date=date, Message_ID=None,
                    **{"Message-ID": f"<crowd{number}@x>",
                       "Subject": f"Inquiry from Amazon customer Jo (Order: {order})"})  # fmt: skip
    return reply(f"On its way, {number}.", Date=date, **{"Message-ID": f"<crowd{number}@shop>",
                 "Subject": f"Re: your order {order}"})  # fmt: skip


def _must(words: tuple[str, ...], folder: Path) -> None:
    running = Running(words, folder)
    if running.wait() != 0:
        raise SystemExit(f"{' '.join(words)}: {running.said[-500:]}")


def one_crowd(shop: Path, alone: Path, folder: Path, ingests: Row, looks: Row) -> None:
    """Have all at work at once in a new folder, and compare with one ingest of all files."""
    shutil.copytree(shop, folder)
    _must(("ingest", "files0/some.mbox", "--lake", "lake", *_SHOP), folder)
    writers = {n: Running(_ingest(n), folder) for n in range(INGESTS)}
    readers: list[Path] = []
    while writers:
        readers += _look(folder, len(readers), looks)
        for number, each in list(writers.items()):
            if not each.ended:
                continue
            code = each.wait()
            del writers[number]
            if code == _HELD:
                writers[number] = Running(_ingest(number), folder)
            elif code:
                ingests.broken.append(f"ingest {number}: exit {code}: {each.said[-300:]}")
    ingests.tried += INGESTS
    expected, found = rows_of(alone / "lake"), rows_of(folder / "lake")
    lost = expected - found
    ingests.lost = (ingests.lost or 0) + lost.total()
    ingests.broken += [f"lost: {row}" for row in [*lost][:3]]
    ingests.doubled = (ingests.doubled or 0) + doubled(folder / "lake")
    if more := [*(found - expected)]:
        ingests.broken.append(f"rows that one ingest of all does not give: {more[:3]}")
    for out in readers:
        looks.broken += _of_one_version(folder, out)
    looks.tried += len(readers)
    looks.broken += faults_of_pages(folder)
    shutil.rmtree(folder)


def _ingest(number: int) -> tuple[str, ...]:
    return ("ingest", f"files{number}", "--lake", "lake", *_SHOP)


def _look(folder: Path, number: int, looks: Row) -> list[Path]:
    """Audit and report at once while others write; return where the findings are."""
    out = folder / f"audit{number}"
    asked = ("--lake", "lake", "--as-of", AS_OF)
    at_once = [Running(("audit", *asked, "--out", out.name), folder)]
    if number % _LOOKS == 0:
        at_once.append(Running(("report", "compliance", *asked, "--out", "reports"), folder))
    for each in at_once:
        if each.wait():
            looks.broken.append(f"no audit or report: {each.said[-300:]}")
    return [out]


def _of_one_version(folder: Path, out: Path) -> list[str]:
    """Compare findings with those of the version that they name, now that all is quiet."""
    found = faults_of_findings(out)
    run = read_run(out)
    if run is None:
        return [*found, f"{out.name} says not of which version it is"]
    version = str(run.lake.version)
    again = out.with_name(f"{out.name}-again")
    asked = ("--lake", "lake", "--as-of", AS_OF, "--lake-version", version)
    _must(("audit", *asked, "--out", again.name), folder)
    same = (read_run(again) or run).findings == run.findings
    one, two = (json.loads((each / SUMMARY).read_text("utf-8")) for each in (out, again))
    return (
        found
        if same and one == two
        else [*found, f"{out.name} is not what version {version} shows"]
    )
