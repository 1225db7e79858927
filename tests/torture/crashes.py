"""Commands that are killed, or whose disk fails, at any moment: before, after, nothing between.

After each blow the lake opens and holds what an undisturbed command left or what was there before
it; every page is whole; and the same commands once more, without a hand in between, end as
undisturbed ones do, with the same files and no others.
"""

from __future__ import annotations

import argparse
import errno
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from torture.faults import FailingWrite, SmallFiles
from torture.forked import ROOT, Running
from torture.jobs import JOBS, Job, set_up
from torture.rows import Row
from torture.seen import Rows, doubled, faults_of_findings, faults_of_pages, files_of, rows_of

#: Moments of a whole run, of all jobs together; less time means fewer.
MOMENTS = 500
#: From so many minutes on for this part the moments are not cut short, however long they take.
_WHOLE = 10.0
#: Of the time that there is: killed, writes that fail, a full disk.
_SHARES = (0.6, 0.2, 0.2)
#: Of a full disk: on a disk of so many MiB.
_DISK = 64
#: What a command says that was refused as it should be: of our errors, or of a run that failed.
_OURS = (0, 3, 4)
SEED = 9


class MissedError(Exception):
    """The command had ended before the blow."""


@dataclass
class Known:
    """A job's folder before it, and how undisturbed commands go."""

    job: Job
    template: Path
    states: list[Rows] = field(default_factory=list)
    ends: list[Rows] = field(default_factory=list)
    files: list[set[str]] = field(default_factory=list)
    seconds: float = 0.0
    writes: int = 0
    grows: int = 0


def know(job: Job, base: Path) -> Known:
    """Make a job's folder, and run its commands undisturbed in each order in which they can end."""
    known = Known(job, base / "template")
    known.template.mkdir(parents=True)
    set_up(known.template)
    _must(["--version"], known.template)  # so that what is measured has been imported
    job.before(known.template, lambda *words: _must(words, known.template))
    known.states.append(rows_of(known.template / "lake"))
    for number, order in enumerate(_orders(job.commands)):
        folder = _copy(known.template, base / f"undisturbed{number}")
        for words in order:
            begun, counted = time.monotonic(), folder.with_name(f"counted{time.monotonic_ns()}")
            _must(words, folder, FailingWrite(0, counted=counted))
            known.seconds = max(known.seconds, time.monotonic() - begun)
            known.writes = max(known.writes, counted.stat().st_size)
            known.states.append(rows_of(folder / "lake"))
        known.ends.append(known.states[-1])
        known.files.append(files_of(folder))
        known.grows = max(known.grows, _size(folder) - _size(known.template))
        shutil.rmtree(folder)
    return known


def _orders(commands: tuple[tuple[str, ...], ...]) -> list[list[tuple[str, ...]]]:
    if len(commands) == 1:
        return [[commands[0]], [commands[0]] * 2]
    one, two = commands
    return [[one, two], [two, one], [one, two, one], [two, one, two]]


def _must(words: Iterable[str], folder: Path, before: Callable[[Path], None] | None = None) -> None:
    running = Running(tuple(words), folder, before)
    if running.wait() != 0:
        raise SystemExit(f"{' '.join(words)}: undisturbed it failed: {running.said[-500:]}")


def _copy(template: Path, folder: Path) -> Path:
    return Path(shutil.copytree(template, folder))


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


# --- one blow, and what there is after it


def tried(
    known: Known, blow: Callable[[Path], list[str]], base: Path
) -> tuple[int, int, list[str]]:
    """Deal a blow to a job; return what is lost, what is doubled, and what else is wrong."""
    folder = _copy(known.template, base / "blow")
    try:
        found = blow(folder)
        lost, wrong = _state(known, folder)
        found += wrong
        for words in known.job.commands:
            running = Running(words, folder)
            if running.wait() != 0:
                found.append(f"the rerun needs a hand: {running.said[-300:]}")
        more, wrong = _end(known, folder)
        return max(lost, more), doubled(folder / "lake"), found + wrong
    finally:
        shutil.rmtree(base)


def _state(known: Known, folder: Path) -> tuple[int, list[str]]:
    """Compare what a lake shows after a blow with the states that it may show."""
    rows = rows_of(folder / "lake")
    found = [*faults_of_pages(folder), *faults_of_findings(folder)]
    if rows in known.states:
        return 0, found
    nearest = min((_differ(state, rows) for state in known.states), key=len)
    return _missing(known.states[:1], rows), [*found, f"a state between: {nearest[:3]}"]


def _end(known: Known, folder: Path) -> tuple[int, list[str]]:
    """Compare what is there after the rerun with how undisturbed commands end."""
    rows, files = rows_of(folder / "lake"), files_of(folder)
    found = [*faults_of_pages(folder), *faults_of_findings(folder)]
    if files not in known.files:
        least = min((files ^ each for each in known.files), key=len)
        found.append(f"other files after the rerun: {sorted(least)[:5]}")
    if rows in known.ends:
        return 0, found
    nearest = min((_differ(state, rows) for state in known.ends), key=len)
    return _missing(known.ends, rows), [*found, f"another end: {nearest[:3]}"]


def _missing(states: list[Rows], rows: Rows) -> int:
    return min(sum((state - rows).values()) for state in states)


def _differ(one: Rows, two: Rows) -> list[tuple[str, ...]]:
    return [*(one - two), *(two - one)]


# --- blows


def killed(known: Known, chance: random.Random) -> Callable[[Path], list[str]]:
    """Return a blow: kill -9 at any moment of its work; of two commands one, the other goes on."""
    after, which = chance.uniform(0.0, known.seconds), chance.randrange(len(known.job.commands))

    def blow(folder: Path) -> list[str]:
        begun = [Running(words, folder) for words in known.job.commands]
        time.sleep(after)
        missed = begun[which].ended
        found = begun[which].kill()
        for other in (each for each in begun if each is not begun[which]):
            if other.wait() not in (0, 3):  # 3: it waited in vain for the first one's lock
                found.append(f"the other one failed: {other.said[-300:]}")
        if missed:
            raise MissedError
        return found

    return blow


def failing(known: Known, chance: random.Random) -> Callable[[Path], list[str]]:
    """Return a blow: a write that fails, or files that cannot grow; the command has to say so."""
    number = chance.choice([errno.EIO, errno.ENOSPC])
    before: Callable[[Path], None] = FailingWrite(chance.randint(1, known.writes), number)
    if chance.random() < 0.3:
        before = SmallFiles(int(2 ** chance.uniform(3, 17)))
    return lambda folder: _one_after_another(known, folder, before)


def full(known: Known, chance: random.Random) -> Callable[[Path], list[str]]:
    """Return a blow: a disk that takes only so many bytes more, and has room again afterwards."""
    # what is written beside and then takes a place needs room, even where nothing grows
    left = int(chance.uniform(0.0, max(known.grows, 100_000) * 1.2))

    def blow(folder: Path) -> list[str]:
        ballast = folder.with_name("ballast")
        free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_bsize
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, free - left))
        try:
            return _one_after_another(known, folder, None)
        finally:
            ballast.unlink()

    return blow


def _one_after_another(
    known: Known, folder: Path, before: Callable[[Path], None] | None
) -> list[str]:
    found = []
    for words in known.job.commands:
        running = Running(words, folder, before)
        code = running.wait()
        if code not in _OURS or "should not happen" in running.said:
            found.append(f"exit {code}, no error of ours: {running.said[-300:]}")
    return found


# --- the parts


def run(minutes: float) -> list[Row]:
    """Kill commands, fail their writes, fill their disk; `MOMENTS` times where there is time."""
    with tempfile.TemporaryDirectory(prefix="sellerkit-torture-") as name:
        base, whole = Path(name), minutes >= _WHOLE
        times = [minutes * 60 * share * (1e3 if whole else 1) for share in _SHARES]
        moments = [MOMENTS, MOMENTS // 4, MOMENTS // 4]
        begun = time.monotonic()
        jobs = [know(job, base / job.name.replace(" ", "-")) for job in JOBS]
        times[0] -= time.monotonic() - begun
        rows = blows("kill -9", jobs, killed, base, times[0], moments[0])
        rows += blows("failing writes", jobs, failing, base, times[1], moments[1])
        return [*rows, *_on_a_full_disk(times[2], moments[2])]


def blows(
    called: str,
    jobs: list[Known],
    kind: Callable[[Known, random.Random], Callable[[Path], list[str]]],
    base: Path,
    seconds: float,
    moments: int,
) -> list[Row]:
    """Deal blows of a kind to all jobs in turn, until time or moments are over."""
    chance, until = random.Random(SEED), time.monotonic() + seconds
    rows = {known.job.name: Row(f"{called}: {known.job.name}", lost=0, doubled=0) for known in jobs}
    for moment in itertools.count():
        known = jobs[moment % len(jobs)]
        done = sum(row.tried for row in rows.values())
        if done >= moments or (time.monotonic() > until and moment >= len(jobs)):
            break
        with suppress(MissedError):
            one = tried(known, kind(known, chance), base / f"moment{moment}")
            _count(rows[known.job.name], *one, moment)
    return list(rows.values())


def _count(row: Row, lost: int, twice: int, wrong: list[str], moment: int) -> None:
    row.tried += 1
    row.lost, row.doubled = (row.lost or 0) + lost, (row.doubled or 0) + twice
    row.broken += [f"moment {moment}: {what}" for what in wrong]
    for what in wrong:
        print(f"  {row.part}, moment {moment}: {what}", file=sys.stderr, flush=True)


def _on_a_full_disk(seconds: float, moments: int) -> list[Row]:
    """Do the same on a small disk of memory, which another process mounts for itself alone."""
    words = [sys.executable, "-m", "torture.crashes", "--seconds", str(seconds)]
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", *words, "--moments", str(moments)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
        cwd=ROOT,
        check=False,
    )
    if done.returncode:
        print("  full disk: not tried, for this machine lets nobody mount one", file=sys.stderr)
        return [Row("full disk: not tried, nobody may mount one here")]
    return [Row(**row) for row in json.loads(done.stdout)]


def main() -> int:
    """Fill a disk of one's own; to be started where it can be mounted."""
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, required=True)
    options.add_argument("--moments", type=int, required=True)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="sellerkit-torture-") as name:
        size = f"size={_DISK}m"
        if subprocess.call(["mount", "-t", "tmpfs", "-o", size, "tmpfs", name]):
            return 1
        base = Path(name)
        jobs = [know(job, base / job.name.replace(" ", "-")) for job in JOBS]
        rows = blows("full disk", jobs, full, base, given.seconds, given.moments)
        print(json.dumps([asdict(row) for row in rows]))
        sys.stdout.flush()
        subprocess.call(["umount", "--lazy", name])
    return 0


if __name__ == "__main__":
    sys.exit(main())
