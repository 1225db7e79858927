"""`sellerkit fetch amazon`, as a user runs it, against a stand-in: killed, and gone on with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from amazon_stand_in import CREDENTIALS, REPORTS, Made, StandIn, error

from sellerkit.lake import Lake

BY_UPDATE = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
RETURNS = "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE"

ORDERS_REPORT = (
    "amazon-order-id\tpurchase-date\tlast-updated-date\torder-status\tsales-channel\titem-status\n"
    "302-0000001-0000001\t2026-03-02T10:00:00+00:00\t2026-03-03T10:00:00+00:00\tShipped\tAmazon.de\t\n"
)

RETURNS_REPORT = (
    "Order ID\tOrder date\tReturn request date\tReturn request status\tAmazon RMA ID\t"
    "Merchant RMA ID\tLabel type\tA-to-Z Claim\tASIN\tMerchant SKU\tReturn quantity\t"
    "Return Reason\n"
    "302-0000001-0000001\t02-Mar-2026\t05-Mar-2026\tApproved\tR1\t\t\tN\tB000000001\tS1\t1\t"
    "CR-DEFECTIVE\n"
)

TESTS = Path(__file__).resolve().parents[1]
PYTHONPATH = f"{TESTS}{os.pathsep}{TESTS.parent}"

#: The command line, behind a wall.
WALLED = """
from loopback_only import build_wall
build_wall([])
from sellerkit.cli import main
main()
"""

#: The command line with two things changed: where Amazon is, and how long a pause takes.
PRELUDE = """
import os, sys, time
from loopback_only import build_wall
build_wall([])
real_sleep = time.sleep
time.sleep = lambda seconds: real_sleep(min(seconds, 0.02))
from sellerkit.fetch import amazon, connection
place = os.environ["STAND_IN"]
amazon.connect = lambda *a: connection.Connection(*a, api=place, tokens=place)
from sellerkit.cli import main
main()
"""


@pytest.fixture
def amazon() -> Iterator[StandIn]:
    stand_in = StandIn()
    stand_in.makes = {
        BY_UPDATE: Made(ORDERS_REPORT.encode(), packed=True),
        RETURNS: Made(RETURNS_REPORT.encode()),
    }
    yield stand_in
    stand_in.close()


def words(folder: Path, *more: str) -> list[str]:
    return [
        "fetch", "amazon", "--lake", str(folder / "lake"), "--account", "My shop",
        "--marketplace", "DE", "--keep", str(folder / "keep"),
        "--report", "all_orders_by_update", "--report", "mfn_returns", *more,
    ]  # fmt: skip


def start(amazon: StandIn, folder: Path, *more: str, **environment: str) -> subprocess.Popen[str]:
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("SP_API", "LWA", "AWS"))}
    own = {
        "STAND_IN": amazon.address,
        "PYTHONPATH": PYTHONPATH,
        "NO_PROXY": "127.0.0.1",
        "HOME": str(folder),
    }
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE, *words(folder, *more)],
        env=kept | own | (CREDENTIALS | environment),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@pytest.mark.slow
def test_a_killed_fetch_goes_on_and_each_report_is_in_the_lake_once(
    amazon: StandIn, tmp_path: Path
) -> None:
    amazon.makes[RETURNS].looks = 10**6  # not ready, however often one looks
    process = start(amazon, tmp_path, "--json")
    until = time.monotonic() + 30
    while len(amazon.calls("GET", f"{REPORTS}/50002")) < 5 and time.monotonic() < until:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    assert finish(process)[0] == -signal.SIGKILL
    assert not (tmp_path / "lake").exists()

    amazon.makes[RETURNS].looks = 0
    code, out, err = finish(start(amazon, tmp_path, "--json"))
    assert code == 0, err
    assert len(amazon.created()) == 2 and len(amazon.calls("GET", "/document/")) == 2
    account = json.loads(out)
    assert [request["state"] for request in account["requests"]] == ["downloaded", "downloaded"]
    assert account["problems"] == []
    assert {file["format"] for file in account["ingest"]["files"]} == {"all_orders", "mfn_returns"}
    histories = Lake.open(tmp_path / "lake").histories()
    assert histories["orders"]["order_id"].tolist() == ["302-0000001-0000001"]
    assert histories["returns"]["order_id"].tolist() == ["302-0000001-0000001"]
    assert set(histories["orders"]["account"]) == {"My shop"}


def test_what_could_not_be_had_is_said_and_the_rest_is_in_the_lake(
    amazon: StandIn, tmp_path: Path
) -> None:
    amazon.faults["POST", REPORTS] = [error(403, "Access to requested resource is denied.")]
    code, out, err = finish(start(amazon, tmp_path))
    assert code == 3
    assert "all_orders_by_update, DE" in err and "Traceback" not in err
    assert "downloaded" in out and "failed" in out
    assert len(Lake.open(tmp_path / "lake").histories()["returns"]) == 1


def test_without_credentials_it_is_one_sentence_and_usage(amazon: StandIn, tmp_path: Path) -> None:
    code, out, err = finish(start(amazon, tmp_path, LWA_CLIENT_SECRET=""))
    assert (code, out) == (2, "")
    assert len(err.strip().splitlines()) == 1
    assert "LWA_CLIENT_SECRET" in err and CREDENTIALS["SP_API_REFRESH_TOKEN"] not in err
    assert not amazon.asked


def test_an_environment_that_the_library_does_not_know_is_one_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WALLED, *words(tmp_path)],
        env=os.environ | CREDENTIALS | {"AWS_ENV": "staging", "PYTHONPATH": PYTHONPATH},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "AWS_ENV" in done.stderr and "Traceback" not in done.stderr
