"""Nights of unattended runs: a mailbox that grows, and who is told of them, on loopback.

A light report is the real audit, and a page of a line. Publishing and telling are the real ones: to
a folder, a webhook and a mail server, which write down what they got. Run as a program it does one
night, and is killed where it is told to be.
"""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
from mails import mail, mbox, reply
from receivers import Hook, Inbox, mail_server, webhook

from sellerkit.config import Account, Amazon, Config, Imap, load
from sellerkit.errors import InputError
from sellerkit.fetch.clock import Clock
from sellerkit.fetch.kept import mailbox_folder
from sellerkit.report.index import write_index
from sellerkit.report.load import load_run, load_runs
from sellerkit.report.places import PORTFOLIO, Place
from sellerkit.report.record import record_of, write_record
from sellerkit.unattended import Outcome, Tools, run
from sellerkit.unattended.gather import Fetchers, keep_of
from sellerkit.unattended.steps import Event

_FAILURE = re.compile(r"failed[.;]|could not be read|cannot be|could not be|stopped before|no end")

FIRST = datetime(2026, 10, 1, 3, tzinfo=UTC)

CONFIG = """
timezone = "Europe/Berlin"
lake = "lake"
{accounts}
[reports]
names = ["compliance", "due"]
period = "rolling-30"
[limits]
parallel = {parallel}
[[publish]]
kind = "folder"
folder = "web"
[[tell]]
kind = "slack"
url_env = "SELLERKIT_NIGHTS_HOOK"
[[tell]]
kind = "mail"
host = "127.0.0.1"
port = {port}
encryption = "none"
sender = "shop@seller.example"
to = ["me@seller.example"]
"""
ACCOUNT = """
[[account]]
name = "{name}"
marketplace = "DE"
own_addresses = ["shop@seller.example"]
files = ["{name}.files"]
[[account.fetch]]
kind = "imap"
host = "mail.{name}.example"
user = "shop@seller.example"
keep = "{name}.mail"
"""


def set_up(folder: Path, *names: str, port: int, parallel: int = 1) -> Config:
    """Write a configuration for accounts, each with a folder of files; mails go to a port."""
    for name in names:
        (folder / f"{name}.files").mkdir(parents=True)
        (folder / f"{name}.files" / "start.mbox").write_bytes(
            mbox(mail(Date=_date(FIRST, -30), Message_ID="<0@amazonses.com>"))
        )
    accounts = "".join(ACCOUNT.format(name=name) for name in names)
    file = folder / "sellerkit.toml"
    file.write_text(CONFIG.format(accounts=accounts, parallel=parallel, port=port))
    return load(file)


def as_of(day: int) -> pd.Timestamp:
    return pd.Timestamp(FIRST + timedelta(days=day)).as_unit("us")


def stopped(day: int) -> str:
    """Return what is told of a night whose run was killed."""
    run = f"The run as of {as_of(day).isoformat()}"
    return f"{run} was stopped before its end; this run made up for it."


def _date(moment: datetime, hours: float) -> str:
    return format_datetime(moment + timedelta(hours=hours))


def order_of(day: int) -> str:
    return f"302-{day:07}-0000001"


def mails_of(day: int) -> list[bytes]:
    """Return what came on the day before a night: a question, and the answer to the one before it.

    On each seventh day nobody answers, so one inquiry becomes a missed one.
    """
    night = FIRST + timedelta(days=day)
    asked = mail(
        "Where is it?", Date=_date(night, -10), Message_ID=f"<{day}@amazonses.com>",
        Subject=f"Inquiry from Amazon customer Jo (Order: {order_of(day)})",
    )  # fmt: skip
    if day % 7 == 0:
        return [asked]
    answered = reply(
        "On its way.", Date=_date(night, -3), Message_ID=f"<{day}@seller>",
        Subject=f"Re: Inquiry from Amazon customer Jo (Order: {order_of(day)})",
        In_Reply_To=f"<{day}@amazonses.com>",
    )  # fmt: skip
    return [asked, answered]


# --- stand-ins, each a function of a module so that another process finds it


def fetch(source: Imap, account: Account) -> SimpleNamespace:
    """Keep the mails of all nights so far, a file a night; ``server`` says how far, or it is dead.

    The files are all that it remembers, as with the real one.
    """
    home = source.keep.parent
    day = int((home / "night").read_text())
    if (home / f"{account.name}.dead").exists():
        raise InputError(f"{source.host}:993: no answer within 60 seconds")
    place = mailbox_folder(keep_of(source, account), source.user, source.host) / "INBOX" / "1"
    place.mkdir(parents=True, exist_ok=True)
    fetched = 0
    for each in range(1, day + 1):
        file = place / f"{each}-{each}.mbox"
        if not file.exists():
            new = mails_of(each)
            (place / ".writing").write_bytes(mbox(*new))
            (place / ".writing").replace(file)
            fetched += len(new)
    return SimpleNamespace(
        warnings=[], trouble=None, folders=[SimpleNamespace(fetched=fetched)]
    )  # fmt: skip


def never(source: Amazon, account: Account, clock: Clock) -> None:
    raise AssertionError("no account here has such a source")


def light(names: list[str], out: Path, *, parameters: dict) -> None:
    """Build reports without a notebook: the real audit, its record, and a page of one line."""
    from sellerkit import __version__

    own = {key: value for key, value in parameters.items() if key != "lake_version"}
    version, account = parameters["lake_version"], parameters.get("account", "")
    broken = out.parent / "broken"
    if names == [PORTFOLIO]:
        made = next(iter(load_runs(version=version, **own).values()))
    else:
        made = load_run(version=version, **own)
    for name in names:
        place = Place.of(out, account, name, made.audit.until)
        place.folder.mkdir(parents=True, exist_ok=True)
        if broken.exists() and broken.read_text() == name:
            place.failed_notebook.write_text("{}")
            write_record(record_of(made, name, __version__, failed="cell 3 of it."), place)
            raise InputError(f"report {name} failed in cell 3: a buyer's words")
        unfinished = place.folder / ".building"
        unfinished.write_text(f"{name} {account} {made.summary['contacts']['window']}")
        unfinished.replace(place.page)
        write_record(record_of(made, name, __version__), place)
    write_index(out)


def light_but_for_b(names: list[str], out: Path, *, parameters: dict) -> None:
    """The same, but for account b the process is gone, as where no memory is left."""
    if parameters.get("account") == "b":
        os.kill(os.getpid(), signal.SIGKILL)
    light(names, out, parameters=parameters)


def _now() -> datetime:
    return datetime.now(UTC)


TOOLS = Tools(Clock(_now, time.sleep), Fetchers(fetch, never), light)


@contextmanager
def listening(folder: Path) -> Iterator[tuple[Hook, Inbox]]:
    """Run a webhook and a mail server that write down what they get, in ``told.log``."""
    log = folder / "told.log"

    def note(over: str, text: str) -> None:
        night = int((folder / "night").read_text())
        row = {"over": over, "night": night, "text": text.replace("\r\n", "\n")}
        with log.open("a") as file:
            file.write(json.dumps(row) + "\n")

    with webhook() as hook, mail_server() as inbox:
        hook.got = lambda body: note("slack", body["text"])
        inbox.got = lambda mail: note("mail", mail.get_content())
        before = os.environ.get("SELLERKIT_NIGHTS_HOOK")
        os.environ["SELLERKIT_NIGHTS_HOOK"] = hook.url
        try:
            yield hook, inbox
        finally:
            os.environ["SELLERKIT_NIGHTS_HOOK"] = before or ""


@dataclass
class Nights:
    """Some nights of a set-up."""

    folder: Path
    config: Config
    said: list[Event] = field(default_factory=list)

    def run(self, day: int, *, tools: Tools = TOOLS, **named: object) -> Outcome:
        (self.folder / "night").write_text(str(day))
        return run(
            self.config, as_of=as_of(day), period="rolling-30", tools=tools, say=self.said.append,
            **named,
        )  # fmt: skip

    def told(self, over: str = "") -> list[dict]:
        """Return what came over a channel, or over all: its night and its text."""
        log = self.folder / "told.log"
        rows = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        return [row for row in rows if over in ("", row["over"])]

    def told_of(self, words: str) -> list[str]:
        """Return what mails said of duties that are ``missed``, or of ``due``: their orders."""
        line = re.compile(rf"^  - {words}\b.*?, order (\S+?)(?:,|$)", re.M)
        return [order for row in self.told("mail") for order in line.findall(row["text"])]

    def told_failures(self, over: str, but: int = 0, only: int = 0) -> list[str]:
        """Return the sentences of what failed, of all nights, all but one, or one, as they came."""
        parts = [
            row["text"].partition("What failed")[2].partition("\n\n")[0] if over == "mail"
            else row["text"]
            for row in self.told(over)
            if row["night"] != but and only in (0, row["night"])
        ]  # fmt: skip
        lines = [line.removeprefix("  - ") for part in parts for line in part.splitlines()]
        return [line for line in lines if _FAILURE.search(line)]

    def bytes(self) -> dict[str, object]:
        """Return every file of the reports, of what was told, and what is published as it lies."""
        tops = (self.folder / name for name in ("reports", "web", "told.log"))
        files = [p for top in tops for p in [top, *top.rglob("*")] if p.is_file()]
        return {
            path.relative_to(self.folder).as_posix():
            # what is published again lies there anew, whatever its bytes
            (path.read_bytes(), path.stat().st_ino if "web" in path.parts else 0)
            for path in files
            if not path.name.startswith("lock")
        }


def main(folder: Path, day: int, step: str, state: str, most_bytes: int = 0) -> int:
    """Do one night; be killed as a step begins or ends; or write no file beyond a size."""
    nights = Nights(folder, load(folder / "sellerkit.toml"))

    def say(event: Event) -> None:
        if (event.step, event.state) == (step, state):
            os.kill(os.getpid(), signal.SIGKILL)

    if most_bytes:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, resource.RLIM_INFINITY))
    (folder / "night").write_text(str(day))
    outcome = run(
        nights.config, as_of=as_of(day), period="rolling-30", tools=TOOLS, say=say
    )  # fmt: skip
    return 4 if outcome.failed else 0


if __name__ == "__main__":
    where, number, *rest = sys.argv[1:]
    code = main(Path(where), int(number), rest[0], rest[1], int(rest[2]) if rest[2:] else 0)
    os._exit(code)
