"""Findings and pages out: equal byte for byte; a failure publishes nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from sellerkit.lake import Lake
from sellerkit.tables import FINDINGS, KINDS, STATUSES

FILES = {f"{name}.parquet" for name in FINDINGS} | {"summary.json"}


@pytest.fixture(scope="module")
def findings(lake: tuple, sample: object, run: object, tmp_path_factory: object) -> Path:
    out = tmp_path_factory.mktemp("findings")
    done = run("audit", "--lake", lake[0], "--as-of", sample.as_of, "--out", out)
    assert done.code == 0, done.err
    return out


def test_audit_writes_every_finding_with_its_columns(findings: Path) -> None:
    assert {path.name for path in findings.iterdir()} == FILES
    for name, table in FINDINGS.items():
        assert pd.read_parquet(findings / f"{name}.parquet").columns.tolist() == table.names


def test_two_audits_of_one_version_write_equal_summaries(
    findings: Path, lake: tuple, sample: object, run: object, tmp_path: Path
) -> None:
    shared, report = lake
    # a copy: the lake that all tests share must stay as it is
    place = shutil.copytree(shared, tmp_path / "lake")
    extra = tmp_path / "calls.csv"
    extra.write_text(
        "call_id,order_id,started_at,direction\nlater,302-1234567-1234567,2026-10-01T10:00Z,inbound\n"
    )
    more = run("ingest", extra, "--lake", place, "--account", sample.account, "--json")
    assert more.json["lake_version"] == report["lake_version"] + 1
    words = ("audit", "--lake", place, "--as-of", sample.as_of)
    back = run(*words, "--out", tmp_path / "back", "--lake-version", report["lake_version"])
    assert back.code == 0, back.err
    first = (findings / "summary.json").read_bytes()
    assert (tmp_path / "back" / "summary.json").read_bytes() == first
    newest = run(*words, "--json")
    assert newest.json["lake_version"] == report["lake_version"] + 1
    assert sum(newest.json["calls"].values()) == 1 + sum(json.loads(first)["calls"].values())


def test_the_summary_agrees_with_the_findings(findings: Path) -> None:
    summary = json.loads((findings / "summary.json").read_text("utf-8"))
    contacts = pd.read_parquet(findings / "contacts.parquet")
    counted = contacts[contacts["counted"]]["status"].value_counts()
    window = summary["contacts"]["window"]
    for status in ("met", "late", "missed", "open"):
        assert window[status] == counted.get(status, 0)
    closed = window["met"] + window["late"] + window["missed"]
    assert window["on_time_share"] == pytest.approx(window["met"] / closed, abs=1e-9)
    obligations = pd.read_parquet(findings / "obligations.parquet")
    for kind in KINDS:
        counts = obligations[obligations["kind"] == kind]["status"].value_counts()
        for status in STATUSES:
            assert summary["obligations"][kind][status] == counts.get(status, 0)


def test_every_figure_walks_back_to_bytes(findings: Path, lake: tuple, sample: object) -> None:
    """The message of a contact is found again at its place in its file."""
    messages = Lake.open(lake[0]).histories()["messages"].set_index("message_id")
    contacts = pd.read_parquet(findings / "contacts.parquet")
    found = 0
    for message_id in contacts["message_id"].head(50):
        row = messages.loc[message_id]
        raw = Path(row["source"]).read_bytes()[int(row["source_pos"]) :]
        if not message_id.startswith("sha256:"):
            assert message_id.encode() in raw[:20000]
            found += 1
    assert found > 20


@pytest.fixture(scope="module")
def pages(lake: tuple, sample: object, run: object, tmp_path_factory: object) -> Path:
    out = tmp_path_factory.mktemp("reports")
    done = run("report", "all", "--lake", lake[0], "--as-of", sample.as_of, "--out", out)
    assert done.code == 0, done.err
    printed = [Path(line) for line in done.out.splitlines()]
    assert len(printed) == 3 and all(path.is_file() for path in printed)
    return out


def test_reports_stand_where_the_contract_says(pages: Path, sample: object) -> None:
    assert {path.name for path in pages.iterdir()} == {sample.account, "index.html"}
    for name in ("compliance", "atoz", "due"):
        folder = pages / sample.account / name
        day = sample.until[:10]
        files = {f"{day}.html", f"{day}.findings", f"{day}.run.json"}
        assert {path.name for path in folder.iterdir()} == files
        assert {path.name for path in (folder / f"{day}.findings").iterdir()} == FILES


def test_the_pages_show_the_figures_of_the_summary(pages: Path, sample: object) -> None:
    folder = pages / sample.account / "compliance"
    day = sample.until[:10]
    page = (folder / f"{day}.html").read_text("utf-8")
    summary = json.loads((folder / f"{day}.findings" / "summary.json").read_text("utf-8"))
    window = summary["contacts"]["window"]
    assert f"{window['on_time_share'] * 100:.1f}" in page
    assert f"{window['missed']:,}" in page


def test_a_page_holds_no_buyer_text_and_no_address(pages: Path, lake: tuple) -> None:
    messages = Lake.open(lake[0]).histories()["messages"]
    bodies = messages.loc[messages["sender"] == "buyer", "body"].dropna().str[:60]
    for page in pages.rglob("*.html"):
        text = page.read_text("utf-8")
        assert "@marketplace.amazon" not in text
        assert not [body for body in bodies if len(body) > 30 and body in text]


BAD = [
    (["-p", "bogus=1"], "bogus"),
    (["-p", "texts=perhaps"], "texts"),
    (["--timezone", "Mars/Olympus"], "Mars/Olympus"),
]


@pytest.mark.parametrize(("words", "named"), BAD, ids=lambda v: str(v))
def test_an_unknown_or_wrongly_typed_parameter_publishes_nothing(
    words: list, named: str, lake: tuple, sample: object, run: object, tmp_path: Path
) -> None:
    out = tmp_path / "reports"
    done = run("report", "all", "--lake", lake[0], "--as-of", sample.as_of, "--out", out, *words)
    assert done.code == (2 if words[0] == "--timezone" else 4)
    assert named in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert not list(tmp_path.rglob("*.html"))


def test_a_notebook_that_fails_is_kept_and_nothing_is_published(
    lake: tuple, sample: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nbformat

    from sellerkit.errors import ReportError
    from sellerkit.report.exporter import notebook_path
    from sellerkit.report.run import build_reports

    broken = nbformat.read(notebook_path("compliance"), as_version=4)
    broken.cells[-1] = nbformat.v4.new_code_cell("1 / 0", id="last")
    place = tmp_path / "broken.ipynb"
    nbformat.write(broken, place)
    monkeypatch.setattr("sellerkit.report.execute.notebook_path", lambda name: place)
    parameters = {"lake": str(lake[0]), "as_of": sample.as_of}
    with pytest.raises(ReportError, match="ZeroDivisionError"):
        build_reports(["compliance"], tmp_path / "out", parameters=parameters)
    day = sample.until[:10]
    kept = {path.name: path for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert set(kept) == {f"{day}.failed.ipynb", f"{day}.failed.json", "index.html"}
    mode = kept[f"{day}.failed.ipynb"].stat().st_mode
    assert mode & 0o077 == 0 or os.name != "posix"
    listed = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert "run failed" in listed and "ZeroDivisionError" in listed


def test_a_limit_that_is_not_reached_exits_1(lake: tuple, sample: object, run: object) -> None:
    words = ("audit", "--lake", lake[0], "--as-of", sample.as_of, "--fail-under")
    assert run(*words, "on_time_share=0.01").code == 0
    assert run(*words, "on_time_share=1").code == 1
    assert run(*words, "nonsense=1").code == 2


@pytest.mark.slow
def test_reports_at_the_same_time_in_one_folder_do_not_meet(
    lake: tuple, sample: object, tmp_path: Path
) -> None:
    words = [sys.executable, "-m", "sellerkit", "report", "compliance", "--lake", str(lake[0])]
    words += ["--as-of", sample.as_of, "--out"]
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    running = [
        subprocess.Popen([*words, str(tmp_path / str(n))], cwd=tmp_path, **pipes) for n in range(3)
    ]
    for process in running:
        _, said = process.communicate(timeout=200)
        assert (process.returncode, said) == (0, "")
    pages = {page.read_bytes() for page in tmp_path.rglob("*.html")}
    assert len(list(tmp_path.rglob("*.html"))) == 2 * 3
    assert len(pages) == 2  # the report and the list of all runs


def test_a_comparison_leaves_the_summary_as_it_is(
    findings: Path, lake: tuple, sample: object, run: object, tmp_path: Path
) -> None:
    words = ("audit", "--lake", lake[0], "--as-of", sample.as_of, "--out", tmp_path / "out")
    done = run(*words, "--compare", "previous", "--json")
    assert done.code == 0, done.err
    summary = (findings / "summary.json").read_bytes()
    assert (tmp_path / "out" / "summary.json").read_bytes() == summary
    plain, compared = json.loads(summary), done.json
    found = compared.pop("comparison")
    assert compared == plain
    assert json.loads((tmp_path / "out" / "comparison.json").read_text("utf-8")) == found
    assert found["before"]["until"] == found["now"]["since"] == plain["window"]["since"]
    row = next(row for row in found["figures"] if row["figure"] == "on_time_share")
    assert row["now"] == plain["contacts"]["window"]["on_time_share"]
    parts = [row[f"due_to_{name}"] for name in ("rules", "mix", "behaviour")]
    assert sum(parts) == pytest.approx(row["change"], abs=1e-8)
    # one that was not asked for does not stay beside findings of another window
    again = run(*words, "--since", "2026-09-25")
    assert again.code == 0 and not (tmp_path / "out" / "comparison.json").exists()
    told = run(*words[:-2], "--compare", "2026-08-01..2026-09-01")
    assert "behaviour" in told.out and "2026-08-01T00:00:00Z to 2026-09-01T00:00:00Z" in told.out


@pytest.mark.parametrize("window", ["later", "2026-09-02..2026-09-01", "2026-09-02..2030-01-01"])
def test_a_window_to_compare_with_that_is_none(
    window: str, lake: tuple, sample: object, run: object
) -> None:
    done = run("audit", "--lake", lake[0], "--as-of", sample.as_of, "--compare", window)
    assert done.code == 2
    assert len(done.err.splitlines()) == 1 and "Traceback" not in done.err
