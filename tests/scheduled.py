"""A report that cron starts, and one that jupyter-scheduler starts: both for real.

    python tests/scheduled.py [cron] [jupyter]

For cron it makes a configuration in a folder with hostile signs in its name, adds what
`sellerkit schedule cron` writes for the next minute to the crontab of the user, starts a cron
daemon if none runs (as root), waits for the page, and puts the crontab back as it was. The time is
given in a zone which is not the machine's. For JupyterLab it starts a server with the extension on
loopback, posts what `sellerkit schedule jupyter` writes, and has the job run.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from jupyter_jobs import jupyter_server

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"
ZONE = "Asia/Tokyo"


def configured(folder: Path, zone: str = ZONE) -> Path:
    """Write a configuration that reads the sample's files and makes one report of them."""
    folder.mkdir(parents=True)
    file = folder / "sellerkit.toml"
    file.write_text(
        f'timezone = "{zone}"\n[[account]]\nname = "Sample"\nmarketplace = "DE"\n'
        f"files = [{json.dumps(str(SAMPLE))}]\n"
        '[reports]\nnames = ["due"]\n',
        "utf-8",
    )
    return file


def pages(file: Path) -> list[Path]:
    return sorted((file.parent / "reports" / "Sample" / "due").glob("*.html"))


def schedule(*words: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "sellerkit", "schedule", *map(str, words)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def started_by_cron(folder: Path) -> None:
    file = configured(folder / "it's 100% $(my) shöp")
    moment = datetime.now(UTC) + timedelta(seconds=75)
    at = moment.astimezone(ZoneInfo(ZONE)).strftime("%H:%M")
    entry = schedule("cron", "--config", file, "--at", at, "--every", "day")
    print(entry)
    with crontab(entry), daemon():
        last = time.monotonic() + 600
        while not pages(file):
            if time.monotonic() > last:
                raise SystemExit("no page after ten minutes")
            time.sleep(1)
        while '"step": "tell", "state": "end"' not in (file.parent / "run.log").read_text("utf-8"):
            time.sleep(1)
    log = (file.parent / "run.log").read_text("utf-8").splitlines()
    first = json.loads(log[0])["at"]
    late = datetime.fromisoformat(first) - moment.replace(second=0, microsecond=0)
    assert timedelta(0) <= late < timedelta(minutes=5), (first, moment)
    print(f"cron: asked for {at} in {ZONE}, begun at {first}, page: {pages(file)[0].name}")


@contextmanager
def crontab(entry: str) -> Iterator[None]:
    """Have lines in the crontab of the user, and put it back as it was."""
    before = subprocess.run(["crontab", "-l"], capture_output=True, text=True)
    subprocess.run(["crontab", "-"], input=before.stdout + entry, text=True, check=True)
    try:
        yield
    finally:
        if before.returncode:
            subprocess.run(["crontab", "-r"], check=True)
        else:
            subprocess.run(["crontab", "-"], input=before.stdout, text=True, check=True)


@contextmanager
def daemon() -> Iterator[None]:
    """Have a cron daemon; one that runs already keeps a second from starting, and serves."""
    with subprocess.Popen(["cron", "-f"], stderr=subprocess.DEVNULL) as running:
        try:
            yield
        finally:
            running.terminate()


def started_by_jupyter(folder: Path) -> None:
    root = folder / "notebooks"
    file = configured(root / "it's my shop")
    schedule("jupyter", "--config", file, "--out", root)
    [job_file] = root.glob("*.job.json")
    with jupyter_server(root, folder / "home") as server:
        posted = json.loads(job_file.read_text("utf-8"))
        job = server.ask("scheduler/job_definitions", posted)["job_definition_id"]
        said = server.ask(f"scheduler/job_definitions/{job}")
        print(f"jupyter-scheduler: {said['name']}, {said['schedule']} {said['timezone']}")
        one = server.ask(f"scheduler/job_definitions/{job}/jobs", {})["job_id"]
        ended = server.ended(one, within=600)
        print(f"jupyter-scheduler: {ended['status']} {ended['status_message'] or ''}")
        assert ended["status"] == "COMPLETED" and "due" in server.output(one, "ipynb")
    print(f"jupyter-scheduler: page: {pages(file)[0].name}")


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["cron", "jupyter"]
    with tempfile.TemporaryDirectory(prefix="scheduled-") as place:
        if "cron" in wanted:
            started_by_cron(Path(place) / "cron")
        if "jupyter" in wanted:
            started_by_jupyter(Path(place) / "jupyter")
