"""Fuzzing of every reader: ``python tests/fuzz.py --seconds 600``; no test of pytest's.

Seeds of each format are changed at random and read. Only an error of ours may come out; every unit
must be accounted for; rows must fit their tables; nothing may take long. Some inputs also go the
whole way into a lake, twice. What fails is made as small as it still fails, and kept.
"""

from __future__ import annotations

import argparse
import logging
import random
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path

import pandas as pd
from fuzz_mutations import mutated
from fuzz_seeds import CONTEXTS, SPREAD, Reader, readers

from sellerkit.errors import InputError, UsageError
from sellerkit.read.ingest import ingest
from sellerkit.read.mail.evidence import MAILS
from sellerkit.read.mail.notices import NOTICES
from sellerkit.read.registry import detect
from sellerkit.read.source import Context, Parsed, Source
from sellerkit.tables import AUDITED, NO_RESPONSE_NEEDED, to_arrow

OURS = (InputError, UsageError)
TABLES = AUDITED | {table.name: table for table in (MAILS, NOTICES, NO_RESPONSE_NEEDED)}
#: So long may an input of less than `SMALL` bytes take.
TOO_LONG, SMALL = 10.0, 200_000
#: So much of the time goes into lakes, which take a hundred times as long as reading alone.
INTO_LAKE = 0.25
#: So much time goes into making a found input smaller.
SHRINKING = 20.0


class FoundError(Exception):
    """A promise that an input broke."""


class SlowError(FoundError):
    """An input that takes too long."""


def checked(parsed: Parsed) -> None:
    """Check what a reader gave: the account, the rows, and every word that goes into the lake."""
    whole = parsed.used + sum(parsed.skipped.values()) + len(parsed.quarantined)
    if parsed.used < 0 or parsed.read != whole or any(n <= 0 for n in parsed.skipped.values()):
        raise FoundError(f"account: {parsed.read} read, {parsed.skipped}, {parsed.used} used")
    for unit in parsed.quarantined:
        (unit.reason + unit.raw).encode("utf-8")
        if not unit.reason or unit.pos < 0:
            raise FoundError(f"quarantine: {unit}")
    for said in (*parsed.warnings, *parsed.skipped):
        one_line(said)
    for name, given in parsed.tables.items():
        rows = pd.DataFrame(given)
        if len(rows):
            fitting(name, rows)


def fitting(name: str, rows: pd.DataFrame) -> None:
    """Check that rows are such as their table takes: types, keys, dates that can be shown."""
    table = TABLES[name]
    if "account" not in rows:
        rows = rows.assign(account="shop")
    whole = to_arrow(rows.assign(account=rows["account"].fillna("shop")), table).to_pandas()
    for column in table.columns:
        if column.kind == "ts" and whole[column.name].notna().any():
            whole[column.name].dropna().map(lambda moment: moment.isoformat())
        # an order may be known in part: several files make one
        needed = column.name in table.key or not (column.nullable or name == "orders")
        if needed and whole[column.name].isna().any():
            raise FoundError(f"{name}.{column.name} is null")
    if name not in ("mails",) and rows["source_pos"].isna().any():
        raise FoundError(f"{name}: a row without its place")


def one_line(text: str) -> None:
    """Check that a sentence can be printed, and on a line."""
    text.encode("utf-8")
    if not text or "\n" in text or "\r" in text:
        raise FoundError(f"not one line: {text!r}")


def read(reader: Reader, data: bytes, context: Context) -> None:
    """Read an input; nothing is raised but what should not be."""
    source = Source(reader.file_name, data)
    for step in (lambda: detect(source), lambda: checked(reader.parse(source, context))):
        try:
            step()
        except OURS as error:
            one_line(str(error))


def into_lake(reader: Reader, data: bytes, others: list[bytes], context: Context) -> None:
    """Ingest inputs into one lake, one after the other, and all of them again."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, each in enumerate([*others, data]):
            paths.append(Path(folder, "in", f"{number}{Path(reader.file_name).suffix}"))
            paths[-1].parent.mkdir(exist_ok=True)
            paths[-1].write_bytes(each)
        for again in (False, True):
            for path in paths:
                try:
                    report = ingest(
                        [path], Path(folder, "lake"), context, format_name=reader.format_name
                    )
                except OURS as error:
                    one_line(str(error))
                else:
                    accounted(report.as_dict()["files"], again)


def accounted(files: list[dict], again: bool) -> None:
    """Check the account of an ingest; the second time nothing is new."""
    for file in files:
        if file["read"] != file["used"] + sum(file["skipped"].values()) + file["quarantined"]:
            raise FoundError(f"ingest: account: {file}")
        for name, count in file["tables"].items():
            if count["rows"] != count["new"] + count["updated"] + count["same"]:
                raise FoundError(f"ingest: rows of {name}: {count}")
            if again and count["new"]:
                raise FoundError(f"ingest: new rows in {name} from a file read before: {count}")


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Interrupt what takes more of a processor's time: others may be at work on the machine."""

    def stop(*_: object) -> None:
        raise SlowError(f"more than {seconds:g} s")

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def fault(work: Callable[[], None]) -> tuple[str, str] | None:
    """Return what went wrong and where, with the whole trace; null where nothing did."""
    try:
        with within(TOO_LONG):
            work()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a panic in a library that is written in Rust is no Exception
        own = [f for f in traceback.extract_tb(error.__traceback__) if "sellerkit" in f.filename]
        place = f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else "the account"
        what = str(error) if isinstance(error, FoundError) else ""
        kind = f"{type(error).__name__} {''.join(c for c in what if not c.isdigit())[:60]}".strip()
        return f"{kind} at {place}", traceback.format_exc()[-4000:]
    return None


def shrunk(data: bytes, fails: Callable[[bytes], bool]) -> bytes:
    """Return a smaller input that still fails: parts of it left out, ever smaller ones."""
    until = time.monotonic() + SHRINKING
    size = len(data) // 2
    while size and time.monotonic() < until:
        at = 0
        while at < len(data) and time.monotonic() < until:
            shorter = data[:at] + data[at + size :]
            if fails(shorter):
                data = shorter
            else:
                at += size
        size //= 2
    return data


@dataclass
class Tally:
    """What came of fuzzing one reader."""

    reader: Reader
    inputs: int = 0
    lakes: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        found = "; ".join(f"{count} x {what}" for what, count in self.faults.items()) or "none"
        return (
            f"{self.reader.name:<28}{self.inputs:>8,} inputs {self.lakes:>4} ingests "
            f"{self.seconds:>6.1f} s  slowest {self.slowest:.2f} s  faults: {found}"
        )


def fuzz(reader: Reader, seconds: float, rng: random.Random, out: Path) -> Tally:
    """Read changed seeds for some time; keep each kind of failure once, made small."""
    tally = Tally(reader)
    recent: list[bytes] = []
    in_lakes, busy = 0.0, 0.0
    begun = time.monotonic()
    while (elapsed := time.monotonic() - begun) < seconds:
        data = mutated(reader, rng)[:SMALL]
        recent = [*recent[-2:], data]
        context = rng.choice(CONTEXTS)
        took = tried(tally, data, partial(read, reader, context=context), out)
        tally.inputs += 1
        tally.slowest = max(tally.slowest, took)
        busy += took
        if reader.format_name and in_lakes < INTO_LAKE * busy:
            whole = partial(into_lake, reader, others=recent[:-1], context=context)
            took = tried(tally, data, whole, out)
            tally.lakes += 1
            in_lakes += took
            busy += took
    tally.seconds = elapsed
    return tally


def tried(tally: Tally, data: bytes, work: Callable[[bytes], None], out: Path) -> float:
    """Try an input; what fails first is made small and kept. Return the processor's time."""
    begun = time.process_time()
    found = fault(partial(work, data))
    took = time.process_time() - begun
    if not found:
        return took
    what, trace = found
    tally.faults[what] += 1
    if tally.faults[what] > 1:
        return took
    if "Slow" not in what:
        data = shrunk(data, lambda d: (fault(partial(work, d)) or [""])[0] == what)
    name = f"{tally.reader.name.replace(' ', '_')}-{sha256(what.encode()).hexdigest()[:8]}"
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{name}.input").write_bytes(data)
    (out / f"{name}.txt").write_text(f"{what}\n{trace}\n{data[:2000]!r}\n", "utf-8", "replace")
    print(f"  {tally.reader.name}: {what}: {out / name}.input ({len(data):,} bytes)", flush=True)
    return took


def main() -> int:
    """Fuzz the readers; the exit code tells whether something was found."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=600)
    options.add_argument("--only", help="readers whose name has this in it", default="")
    options.add_argument("--seed", type=int, default=None)
    options.add_argument("--out", type=Path, default=Path("data/fuzz"))
    given = options.parse_args()
    warnings.simplefilter("error")
    logging.disable(logging.CRITICAL)
    seed = given.seed if given.seed is not None else time.time_ns() % 2**32
    chosen = [reader for reader in readers() if given.only in reader.name]
    share = given.seconds / sum(SPREAD.get(reader.name, 1) for reader in chosen)
    print(f"seed {seed}, {len(chosen)} readers, {given.seconds:g} s", flush=True)
    tallies = []
    for reader in chosen:
        rng = random.Random(f"{seed} {reader.name}")
        own = share * SPREAD.get(reader.name, 1)
        tallies.append(fuzz(reader, own, rng, given.out))
        print(tallies[-1], flush=True)
    inputs, faults = sum(t.inputs for t in tallies), sum(len(t.faults) for t in tallies)
    seconds = sum(t.seconds for t in tallies)
    print(f"{inputs:,} inputs in {seconds:.0f} s: {faults} kinds of faults (seed {seed})")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
