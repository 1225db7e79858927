"""A purge: no canary in any byte, every figure as it was, a held order whole, once and for all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from canaries import seed, where
from played import without_kernels
from typer.testing import CliRunner

from sellerkit.cli import app
from sellerkit.errors import InputError
from sellerkit.lake import Lake
from sellerkit.measure import to_json
from sellerkit.purge import Purge, purge
from sellerkit.purge.plan import read_all
from sellerkit.read.ingest import ingest
from sellerkit.read.source import Context
from sellerkit.report.findings import write_findings
from sellerkit.report.load import load_run
from sellerkit.report.run import build_reports
from sellerkit.report.verify import verify
from sellerkit.sample import write_sample
from sellerkit.tables import CLAIMS

LATER = "2027-03-01T00:00Z"


class Shop:
    """The sample's lake before and after one purge, and its figures at the sample's end."""

    def __init__(self, folder: Path) -> None:
        sample = write_sample(folder / "files", orders=40)
        self.as_of, self.before, self.after = sample.as_of, folder / "before", folder / "lake"
        context = Context(sample.account, own_addresses=frozenset(sample.own_addresses))
        ingest([sample.folder], self.before, context)
        claims = Lake.open(self.before).read(CLAIMS)
        undecided = claims["decided_at"].isna() | claims["appealed_at"].notna()
        self.held = set(claims.loc[undecided, "order_id"])
        seed(self.before, self.held)
        shutil.copytree(self.before, self.after)
        self.reports = folder / "reports"
        run = load_run(self.after, as_of=self.as_of)
        self.summary = to_json(run.summary)
        write_findings(run, self.reports / "shop" / "compliance" / "2026-10-05.findings")
        (self.reports / "shop" / "compliance" / "2026-10-05.html").write_text("a page")
        self.page = self.built(self.before, folder / "pages")
        self.report: Purge = purge(self.after, as_of=LATER, beside=[self.reports])

    def built(self, lake: Path, out: Path) -> Path:
        """Build a page as of the sample's end."""
        asked = {"lake": str(lake), "as_of": str(self.as_of)}
        with without_kernels():
            [made] = build_reports(["atoz"], out, parameters=asked)
        return made.page


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("purge"))


def test_no_canary_is_left_in_any_byte_under_the_lake(shop: Shop) -> None:
    assert len(where(shop.before)) > 40  # it was in every table, and in Delta's log
    assert where(shop.after) == []


def test_the_figures_are_the_same_to_the_last_digit(shop: Shop) -> None:
    assert to_json(load_run(shop.after, as_of=shop.as_of).summary) == shop.summary


def test_a_held_order_is_still_whole(shop: Shop) -> None:
    before, after = (read_all(Lake.open(place)) for place in (shop.before, shop.after))
    assert {each["order_id"] for each in shop.report.held} == shop.held
    assert {each["kind"] for each in shop.report.held} == {"claim", "appeal"}
    for name, order in (("messages", "order_id"), ("mails", "named_order_id"),
                        ("orders", "order_id"), ("claims", "order_id")):  # fmt: skip
        rows = [f[name][f[name][order].isin(shop.held)].astype("str") for f in (before, after)]
        rows = [r.drop(columns="text_key", errors="ignore") for r in rows]
        assert len(rows[0])
        pd.testing.assert_frame_equal(*(r.reset_index(drop=True) for r in rows))


def test_ids_still_join(shop: Shop) -> None:
    after = read_all(Lake.open(shop.after))
    orders = set(after["orders"]["order_id"])
    for name in ("order_items", "returns", "claims", "order_parts"):
        assert set(after[name]["order_id"]) <= orders
    messages = set(after["messages"]["message_id"])
    assert set(after["told"]["message_id"]) <= messages
    found = pd.read_parquet(
        shop.reports / "shop" / "compliance" / "2026-10-05.findings" / "contacts.parquet"
    )
    assert set(found["message_id"]) <= messages
    assert set(found["thread_id"]) <= set(after["messages"]["thread_id"])


def test_findings_of_before_are_those_of_after(shop: Shop, tmp_path: Path) -> None:
    write_findings(load_run(shop.after, as_of=shop.as_of), tmp_path)
    old = shop.reports / "shop" / "compliance" / "2026-10-05.findings"
    for name in ("contacts", "obligations", "claims_readiness", "violations", "check_ins"):
        before, after = (pd.read_parquet(f / f"{name}.parquet").astype("str")
                         for f in (old, tmp_path))  # fmt: skip
        assert len(after)
        pd.testing.assert_frame_equal(*(f.sort_values(list(f), ignore_index=True)
                                        for f in (before, after)))  # fmt: skip


def test_findings_are_purged_and_pages_named(shop: Shop) -> None:
    assert where(shop.reports) == []
    assert len(shop.report.findings) >= 4
    assert [Path(page).name for page in shop.report.pages] == ["2026-10-05.html"]
    files = list(shop.reports.rglob("*.parquet"))
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_the_report_says_what_and_why(shop: Shop) -> None:
    said = json.loads(next((shop.after / ".purges").glob("*.json")).read_text())
    assert said["purged"] == shop.report.purged > 300
    assert said["tables"]["messages"]["delta_version"]["to"] > 0
    assert all(each["reason"] for each in said["held"])
    private = [shop.after / ".purge.key", *(shop.after / ".purges").iterdir()]
    assert {file.stat().st_mode & 0o777 for file in private} == {0o600}


def test_older_versions_are_gone_and_that_is_said(shop: Shop) -> None:
    assert Lake.open(shop.after).version == Lake.open(shop.before).version == 2
    with pytest.raises(InputError, match="version 1 is gone: it held buyers’ data; the purge"):
        Lake.open(shop.after, 1)


def test_a_second_purge_does_nothing(shop: Shop) -> None:
    def state() -> dict[str, bytes]:
        files = (f for f in shop.after.rglob("*") if f.is_file() and ".lock" not in f.name)
        return {str(file): file.read_bytes() for file in files}

    before = state()
    done = CliRunner().invoke(app, ["purge", "--lake", str(shop.after), "--as-of", LATER])
    assert done.exit_code == 0, done.output
    assert "0 rows purged" in " ".join(done.output.split())
    assert "held: " in done.output
    assert state() == before


def test_of_a_page_of_before_verify_says_that_its_figures_hold(shop: Shop) -> None:
    with without_kernels():
        found = verify(shop.page, str(shop.after))
    assert not found.holds and found.places and found.findings
    assert found.figures == [] and found.rules == []
    [note] = [note for note in found.notes if "purged" in note]
    assert note.startswith("the lake was purged as of 2027-03-01 00:00 UTC: ")
    assert note.endswith("its figures are the same")


def test_a_page_of_after_holds_and_is_no_other_run(shop: Shop, tmp_path: Path) -> None:
    page = shop.built(shop.after, tmp_path)
    with without_kernels():
        assert verify(page, str(shop.after)).holds
    assert where(tmp_path) == []
    before = shop.reports / "shop" / "compliance" / "2026-10-05.findings"
    done = CliRunner().invoke(app, ["diff", str(before), str(page), "--json"])
    said = json.loads(done.output)
    assert said["changes"] == []
    # the marks name messages and orders, by ids that are others now
    assert {name for name, other in said["differs"].items() if other} == {"marks"}
