"""The sample shop goes the way of real data, and has something of every kind in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import papermill
import pytest

import sellerkit as sk
from sellerkit.tables import CHECKLIST, PROBLEMS


@pytest.fixture(scope="module")
def home(run: object, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the demo was run as `make demo` runs it, notebooks beside it."""
    home = tmp_path_factory.mktemp("home")
    done = run("demo", "--out", "data/demo", "--reports", "reports", cwd=home)
    assert done.code == 0, done.err
    assert [Path(line).suffix for line in done.out.splitlines()[-3:]] == [".html"] * 3
    shutil.copytree(root / "notebooks", home / "notebooks")
    return home


@pytest.fixture(scope="module")
def found(home: Path) -> sk.Audit:
    histories = sk.open_lake(str(home / "data/demo/lake")).histories()
    return sk.audit(histories, as_of="2026-10-05T06:00Z", since="2026-07-06")


@pytest.mark.slow
def test_the_notebook_for_a_person_runs_on_the_sample(home: Path) -> None:
    """As JupyterLab does it: in the folder of the notebooks, parameters as they stand."""
    folder = home / "notebooks"
    done = papermill.execute_notebook(
        str(folder / "01_explore.ipynb"),
        str(home / "explored.ipynb"),
        cwd=str(folder),
        progress_bar=False,
    )
    printed = [o.text for cell in done.cells for o in cell.get("outputs", []) if "text" in o]
    assert any("Message-ID" in text or "From:" in text for text in printed)


def test_mail_is_told_by_language_and_topic(found: sk.Audit) -> None:
    messages = found.histories["messages"]
    assert messages["topic"].notna().all()
    assert set(messages["language"].dropna()) >= {"de", "en", "fr", "es", "it", "nl"}
    told = set(messages.loc[messages["sender"] == "buyer", "topic"])
    assert told >= {"inquiry", "return", "order_problem", "refund", "other"}


def test_every_kind_of_finding_is_in_the_sample(found: sk.Audit) -> None:
    contacts, duties = found.findings["contacts"], found.findings["obligations"]
    assert set(contacts["status"]) == {"met", "late", "missed", "open", "waived"}
    assert set(contacts["why_not"].dropna()) == {"automated", "undelivered", "call_only"}
    seen = duties.groupby("kind")["status"].agg(set)
    judged = {"met", "late", "missed", "open"}
    assert seen["inquiry"] == judged | {"waived"}
    assert seen["return"] == judged | {"waived", "not_applicable"}
    assert seen["order_problem"] == judged | {"not_applicable"}
    assert seen["claim"] == judged
    assert set(duties["problem"].dropna()) == set(PROBLEMS)
    assert set(duties["content_expected"].dropna()) == {"return_information", "outside_window"}


def test_a_buyers_mail_about_a_return_is_a_duty_of_its_own(found: sk.Audit) -> None:
    returns = found.findings["obligations"].query("kind == 'return'")
    assert returns["thread_id"].notna().any() and returns["thread_id"].isna().any()


def test_every_verdict_is_in_the_sample(found: sk.Audit) -> None:
    claims, exposure = found.findings["claims_readiness"], found.findings["exposure"]
    assert set(claims["verdict"]) == {"ready", "gaps", "indefensible"}
    for item in CHECKLIST:
        assert claims[item].dropna().nunique() == 2, item
    assert set(exposure["auto_lost"]) == {True, False}
    calls = set(found.findings["calls_review"]["verdict"])
    # the two others cannot be since May 2019, when only calls about a delivery became allowed
    assert calls == {"email_owed", "delivery", "not_permitted", "requested"}


def test_the_rules_of_another_day_judge_the_same_calls_otherwise(found: sk.Audit) -> None:
    then = sk.audit(
        found.histories, as_of=found.as_of, since=found.since, policy=sk.Policy.of("2018-10-01")
    )
    verdicts = set(then.findings["calls_review"]["verdict"])
    assert verdicts >= {"complex", "email_preferred"} and "not_permitted" not in verdicts
    pd.testing.assert_series_equal(then.contacts["answered_by"], found.contacts["answered_by"])
