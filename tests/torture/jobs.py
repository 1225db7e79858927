"""What is killed: commands on a shop of a few orders, with what was there before them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mails import CONTEXT, mail, mbox
from small_shop import AS_OF, FILES

from sellerkit.lake.key import pseudonym_key, purge_key
from sellerkit.read.ingest import ingest

#: When all of the shop's buyers have to be forgotten; and what was looked at before.
LATE, EARLIER = "2020-06-01", "2020-02-10T12:00Z"

_SHOP = ("--account", "shop", "--marketplace", "DE", "--own-address", "shop@seller.example")
_INGEST = ("ingest", "files", "--lake", "lake", *_SHOP)
_MORE = ("ingest", "more", "--lake", "lake", *_SHOP)
_PURGE = ("purge", "--lake", "lake", "--as-of", LATE, "--findings", "out")

_CONFIG = """
timezone = "UTC"
lake = "lake"
[[account]]
name = "shop"
marketplace = "DE"
own_addresses = ["shop@seller.example"]
files = ["files", "more"]
[reports]
out = "reports"
names = ["compliance"]
period = "rolling-30"
[[publish]]
kind = "folder"
folder = "web"
"""


@dataclass(frozen=True)
class Job:
    """Commands that are at work at once, and what is done before them to a folder.

    Attributes
    ----------
    name : str
    commands : tuple of tuple of str
    before : callable
        Given the folder and a function that runs a command in it.
    """

    name: str
    commands: tuple[tuple[str, ...], ...]
    before: Callable[[Path, Callable[..., None]], None]


def set_up(folder: Path) -> None:
    """Write the shop's files, some more that overlap with them, and a configuration."""
    for name in ("files", "more"):
        (folder / name).mkdir(parents=True)
    for name, data in FILES.items():
        # without the open claim, for which a purge would have to hold its order
        lines = data.split(b"\n")
        data = b"\n".join(line for line in lines if not line.startswith(b"Z2"))
        (folder / "files" / name).write_bytes(data)
    late = [
        mail(f"And number {n}?", **{"Message-ID": f"<late{n}@x>",
             "Date": f"Sat, {10 + n} Jan 2020 10:00:00 +0000"})
        for n in range(1, 10)
    ]  # fmt: skip
    (folder / "more" / "more.mbox").write_bytes(FILES["all.mbox"] + b"\n" + mbox(*late))
    (folder / "sellerkit.toml").write_text(_CONFIG)


def _part(folder: Path, run: Callable[..., None]) -> None:
    ingest([folder / "files" / "orders.csv"], folder / "lake", CONTEXT)
    _keys(folder)


def _whole(folder: Path, run: Callable[..., None]) -> None:
    ingest([folder / "files"], folder / "lake", CONTEXT)
    _keys(folder)


def _keys(folder: Path) -> None:
    # made once for all copies of the folder, so that two ends can be compared
    pseudonym_key(str(folder / "lake"))
    purge_key(str(folder / "lake"))


def _audit(as_of: str) -> tuple[str, ...]:
    return ("audit", "--lake", "lake", "--as-of", as_of, "--out", "out")


def _report(as_of: str) -> tuple[str, ...]:
    return ("report", "compliance", "--lake", "lake", "--as-of", as_of, "--out", "reports")


def _night(as_of: str) -> tuple[str, ...]:
    return ("run", "--as-of", as_of)


def _audited(folder: Path, run: Callable[..., None]) -> None:
    _whole(folder, run)
    run(*_audit(EARLIER))


def _reported(folder: Path, run: Callable[..., None]) -> None:
    _whole(folder, run)
    run(*_report(EARLIER))


def _ran(folder: Path, run: Callable[..., None]) -> None:
    aside = folder / "aside"
    (folder / "more").rename(aside)
    (folder / "more").mkdir()
    _keys_first(folder)
    run(*_night(EARLIER))
    (folder / "more").rmdir()
    aside.rename(folder / "more")


def _keys_first(folder: Path) -> None:
    _part(folder, lambda *words: None)


#: What a crash is tried on.
JOBS = (
    Job("ingest", (_INGEST,), _part),
    Job("two ingests at once", (_INGEST, _MORE), _part),
    Job("audit", (_audit(AS_OF),), _audited),
    Job("report", (_report(AS_OF),), _reported),
    Job("run", (_night(AS_OF),), _ran),
    Job("purge", (_PURGE,), _audited),
    Job("purge and ingest at once", (_PURGE, _MORE), _audited),
)
