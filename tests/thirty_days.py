"""Thirty nights of unattended runs with all that can happen to them; prints what came of it.

    python tests/thirty_days.py [--days 30] [--notebooks] [--keep DIR]

A kill -9 at each step, a disk that takes no more, a bad file, a dead mail server, a report that
breaks, a second start, a night without a run, a kill as a message comes in: then every page is
there, right and published, and every incident was told once, over a webhook and by mail. Exit 1
where that is not so. `--notebooks` builds
the reports from the real notebooks (about half a minute a night), else from the audit alone.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import nights  # noqa: E402
from nights import TOOLS, Nights, as_of, set_up  # noqa: E402
from receivers import Hook  # noqa: E402

from sellerkit.errors import HeldError  # noqa: E402
from sellerkit.lake import Lake  # noqa: E402
from sellerkit.report.places import Place  # noqa: E402
from sellerkit.report.record import read_records  # noqa: E402
from sellerkit.report.run import build_reports  # noqa: E402

#: On which night what happens. A night that is killed is run again; the others end.
KILLS = {
    3: ("fetch", "end"),
    5: ("ingest", "end"),
    7: ("audit", "end"),
    9: ("report", "begin"),
    11: ("report", "end"),
    13: ("publish", "begin"),
    15: ("publish", "end"),
    17: ("tell", "begin"),
    19: ("tell", "end"),
}
BAD_FILE = (8, 12)  # from one night to the other, exclusive
DEAD_SERVER = (20, 23)
BROKEN_REPORT = (16, 17)
FULL_DISK = 24
SECOND_START = 26
NO_RUN = 28
#: Killed as its message came in over the webhook, and before it could remember that: there it comes
#: twice, by mail once.
KILLED_SENDING = 29

FETCH = "shop: Fetching from imap shop@seller.example on mail.shop.example failed."
INGEST = "shop: Files could not be read."
REPORT = "shop: The report due failed; the page before it is still there."


@dataclass
class Story:
    """What shall have been told, and what went wrong in the telling."""

    night: Nights
    hook: Hook
    wanted: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def check(self, holds: bool, said: str) -> None:
        if not holds:
            self.faults.append(said)
            print(f"  WRONG: {said}")


def child(folder: Path, day: int, *words: object) -> int:
    return begun(folder, day, *words).wait()


def begun(folder: Path, day: int, *words: object) -> subprocess.Popen[bytes]:
    more = os.environ.get("PYTHONPATH", "")
    places = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "tests", more)))}
    line = [sys.executable, "-m", "nights", folder, day, *words]
    return subprocess.Popen([str(w) for w in line], env=places)


def killed_sending(story: Story, day: int) -> int:
    """Do a night that is killed by who gets its message, before he answers."""
    night = begun(story.night.folder, day, "never", "never")
    note = story.hook.got

    def kill(body: dict) -> None:
        note(body)
        night.kill()
        night.wait()

    story.hook.got = kill
    code = night.wait()
    story.hook.got = note
    return code


def toggled(path: Path, on: bool, data: bytes = b"") -> None:
    if on:
        path.write_bytes(data)
    else:
        path.unlink(missing_ok=True)


def before_night(story: Story, day: int) -> None:
    """Set the scene of a night, and note what is to be told of it."""
    folder = story.night.folder
    bad = folder / "shop.files" / "cut.zip"
    toggled(bad, BAD_FILE[0] <= day < BAD_FILE[1], b"PK\x03\x04 and no more")
    toggled(folder / "shop.dead", DEAD_SERVER[0] <= day < DEAD_SERVER[1])
    toggled(folder / "broken", BROKEN_REPORT[0] <= day < BROKEN_REPORT[1], b"due")
    if day == BAD_FILE[0]:
        story.wanted.append(INGEST)
    if day == DEAD_SERVER[0]:
        story.wanted.append(FETCH)
    if day == BROKEN_REPORT[0]:
        story.wanted.append(REPORT)
    if day in KILLS:
        code = child(folder, day, *KILLS[day])
        story.check(code == -9, f"night {day}: not killed at {KILLS[day]}, but ended with {code}")
        # the run made up for it tells of the stop, whatever the stopped one got to tell
        story.wanted.append(nights.stopped(day))
    if day == KILLED_SENDING:
        story.check(killed_sending(story, day) == -9, f"night {day}: not killed as it told")
        story.wanted.append(nights.stopped(day))
    if day == FULL_DISK:
        code = child(folder, day, "never", "never", 2000)
        story.check(code == 4, f"night {day}: a full disk, and exit {code}")


def run_night(story: Story, day: int, build: object) -> None:
    night = story.night
    tools = replace(TOOLS, build=build)
    held: list[HeldError] = []

    def twice(*words: object, **named: object) -> None:
        try:
            night.run(day)
        except HeldError as error:
            held.append(error)
        build(*words, **named)

    outcome = night.run(day, tools=replace(tools, build=twice) if day == SECOND_START else tools)
    if day == SECOND_START:
        story.check(len(held) == 1, f"night {day}: a second start was not refused")
    ill = any(a <= day < b for a, b in (BAD_FILE, DEAD_SERVER, BROKEN_REPORT))
    said = f"night {day}: failed are {[f.key for f in outcome.failed]}"
    story.check(bool(outcome.failed) == ill, said)
    before = night.bytes()
    if not ill:
        night.run(day, tools=tools)
        story.check(night.bytes() == before, f"night {day}: a second run changed something")


def at_the_end(story: Story, days: int) -> None:
    night = story.night
    out, web = night.config.reports.out, night.folder / "web"
    for day in range(1, days + 1):
        for name in ("compliance", "due"):
            place = Place.of(out, "shop", name, as_of(day))
            broken = name == "due" and BROKEN_REPORT[0] <= day < BROKEN_REPORT[1]
            if day == NO_RUN or broken:
                story.check(not place.page.exists(), f"night {day}: a page of {name}")
                continue
            kept, unread = read_records([place.record])
            right = not unread and kept[0].record.as_of == as_of(day).to_pydatetime()
            story.check(right and place.page.is_file(), f"night {day}: no page of {name}")
            there = web / place.page.relative_to(out)
            same = there.is_file() and there.read_bytes() == place.page.read_bytes()
            story.check(same, f"night {day}: {name} is not published as it is")
    story.check(not [*out.rglob(".building*"), *out.rglob(".writing*")], "remains of a killed run")
    messages = Lake.open(night.config.lake).histories()["messages"]
    wanted = 1 + sum(len(nights.mails_of(day)) for day in range(1, days + 1))
    story.check(len(messages) == wanted, f"{len(messages)} messages, not {wanted}")
    story.check(messages["message_id"].is_unique, "a message is there twice")
    for over in ("slack", "mail"):
        check_failures(story, over, days)
    check_duties(story, days)
    check_messages(story, days)


def check_failures(story: Story, over: str, days: int) -> None:
    told = Counter(story.night.told_failures(over, but=FULL_DISK))
    story.check(set(told) == set(story.wanted), f"over {over}: {set(told) ^ set(story.wanted)}")
    # a full disk makes much fail that failed before, each of it anew
    full = story.night.told_failures(over, only=FULL_DISK)
    story.check(days < FULL_DISK or bool(full), f"the full disk was not told over {over}")
    story.check(len(full) == len(set(full)), f"the full disk was told twice over {over}")
    again = {said: count for said, count in told.items() if count > 1}
    story.check(not again, f"told more than once over {over}: {again}")


def check_duties(story: Story, days: int) -> None:
    """Check that each duty was told as it was due, and as it was missed; not one of them twice."""
    night, missed = story.night, [nights.order_of(day) for day in range(7, days, 7)]
    found = night.told_of("missed")
    story.check(found == missed, f"missed are {missed}, told are {found}")
    # what came in a night without a run, or without its server, nobody could tell that it was due
    unseen = {NO_RUN, *range(*DEAD_SERVER)}
    due = [nights.order_of(day) for day in range(7, days + 1, 7) if day not in unseen]
    found = night.told_of("due")
    story.check(found == due, f"due are {due}, told are {found}")
    chat = "\n".join(row["text"] for row in night.told("slack"))
    count = chat.count("1 message to a buyer was not written in time")
    # while the server was dead time ran out, and it came to light as the server was back
    late = len({nights.order_of(day) for day in range(*DEAD_SERVER)} & set(missed))
    wanted = len(missed) - late + (days >= KILLED_SENDING)
    story.check(count == wanted, f"the chat was told {count} times of what was missed")
    count = chat.count("1 message missed before came to light")
    story.check(count == late, f"the chat was told {count} times of what came to light")
    story.check("302-" not in chat, "an order's id is in the chat")


def check_messages(story: Story, days: int) -> None:
    """Check that there is one message a run, and that no silence is too long."""
    for over in ("slack", "mail"):
        counts = Counter(row["night"] for row in story.night.told(over))
        for day, count in counts.items():
            # a night that was killed, or whose disk was full, is two runs
            most = 2 if day in (*KILLS, FULL_DISK, KILLED_SENDING) else 1
            story.check(count <= most, f"night {day}: {count} messages over {over}")
        told = [0, *sorted(counts), days]
        longest = max(later - day for day, later in zip(told, told[1:], strict=False))
        story.check(longest <= 7, f"{longest} nights without a word over {over}")


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--days", type=int, default=30)
    asked.add_argument("--notebooks", action="store_true")
    asked.add_argument("--keep", type=Path)
    words = asked.parse_args()
    folder = words.keep or Path(tempfile.mkdtemp(prefix="sellerkit-nights-"))
    folder.mkdir(parents=True, exist_ok=True)
    with nights.listening(folder) as (hook, inbox):
        story = Story(Nights(folder, set_up(folder, "shop", port=inbox.port)), hook)
        tell_story(story, words.days, build_reports if words.notebooks else nights.light)
    messages = len(story.night.told())
    print(json.dumps({"nights": words.days, "messages": messages, "wrong": story.faults}, indent=1))
    if not words.keep:
        shutil.rmtree(folder)
    return 1 if story.faults else 0


def tell_story(story: Story, days: int, build: object) -> None:
    start = time.monotonic()
    for day in range(1, days + 1):
        if day == NO_RUN:
            continue
        before_night(story, day)
        run_night(story, day, build)
        print(f"night {day}: {time.monotonic() - start:.0f} s", flush=True)
    at_the_end(story, days)


if __name__ == "__main__":
    os._exit(main())
