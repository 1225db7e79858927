"""Many accounts of one lake: each judged as alone, the worst first; and what each must write."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from builders import histories, message, order

from sellerkit.audit import audit
from sellerkit.errors import ReportError, UsageError
from sellerkit.measure import to_json
from sellerkit.read.ingest import ingest
from sellerkit.read.source import Context
from sellerkit.report.due import drafts_due, due, warnings_of
from sellerkit.report.load import Run, load_run, load_runs
from sellerkit.report.portfolio import portfolio
from sellerkit.show import View, headline_due, list_due, table_at_risk, table_portfolio

AS_OF = "2025-03-20T12:00Z"
CANARY = ("Canary Smith", "k3j9x2m4q8z7w1", "canary words of a buyer")

HEAD = "message_id,thread_id,order_id,sender,marketplace,sent_at,topic\n"


def thread(name: str, day: int, answered: bool) -> str:
    rows = f"{name},{name},,buyer,DE,2025-03-{day:02}T10:00Z,inquiry\n"
    return rows + f"{name}r,{name},,seller,DE,2025-03-{day:02}T12:00Z,\n" * answered


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Good answers all, bad half, quiet has an order and no message."""
    folder = tmp_path_factory.mktemp("agency")
    files = {
        "good": HEAD + "".join(thread(f"g{n}", n, True) for n in range(1, 15)),
        "bad": HEAD + "".join(thread(f"b{n}", n, n % 2 == 0) for n in range(1, 15)),
    }
    for account, text in files.items():
        (folder / account).mkdir()
        (folder / account / "messages.csv").write_text(text)
        ingest([folder / account], folder / "lake", Context(account, "DE"))
    (folder / "quiet").mkdir()
    (folder / "quiet" / "orders.csv").write_text(
        "order_id,marketplace,purchased_at,status\n302-1234567-1234567,DE,2025-03-01T10:00Z,shipped\n"
    )
    ingest([folder / "quiet"], folder / "lake", Context("quiet", "DE"))
    return folder / "lake"


@pytest.fixture(scope="module")
def runs(lake: Path) -> dict[str, Run]:
    return load_runs(lake, as_of=AS_OF)


def test_each_account_is_judged_as_if_alone(lake: Path, runs: dict[str, Run]) -> None:
    assert list(runs) == ["bad", "good", "quiet"]
    for account in ("bad", "good"):
        alone = load_run(lake, account=account, as_of=AS_OF)
        assert to_json(runs[account].summary) == to_json(alone.summary)
        assert runs[account].parameters == alone.parameters
        for name, frame in alone.audit.findings.items():
            pd.testing.assert_frame_equal(runs[account].audit.findings[name], frame)


def test_the_worst_is_first_and_who_has_no_share_last(runs: dict[str, Run]) -> None:
    found = portfolio(runs).accounts
    assert [account.name for account in found] == ["bad", "good", "quiet"]
    figures = {account.name: account.figures for account in found}
    assert figures["bad"].on_time_share == 0.5 and figures["bad"].missed == 7
    assert figures["good"].on_time_share == 1.0 and figures["quiet"].on_time_share is None
    for name, run in runs.items():
        assert figures[name].missed == run.summary["contacts"]["window"]["missed"]
        assert figures[name].overdue == len(due(run).overdue)


def test_the_tables_say_who_is_below_and_who_owes_nothing(runs: dict[str, Run]) -> None:
    found = portfolio(runs)
    table = table_portfolio(found).html
    assert table.count("<svg") == 2 and "no share yet" in table
    assert table.count('class="badge bad"') == 1 and table.count('class="badge ok"') == 1
    assert "50.0" in table
    risk = table_at_risk(found).html
    assert "Nothing is owed" in risk and "good and quiet" in risk


def test_pages_of_the_same_day_are_linked_where_they_are(
    runs: dict[str, Run], tmp_path: Path
) -> None:
    page = tmp_path / "bad" / "due" / "2025-03-20.html"
    page.parent.mkdir(parents=True)
    page.write_text("")
    links = {account.name: account.links for account in portfolio(runs, str(tmp_path)).accounts}
    assert links == {"bad": {"due": "../bad/due/2025-03-20.html"}, "good": {}, "quiet": {}}
    assert all(not account.links for account in portfolio(runs).accounts)


def test_of_no_account_there_is_no_portfolio() -> None:
    with pytest.raises(ReportError, match="no account"):
        portfolio({})


@pytest.fixture(scope="module")
def run() -> Run:
    """One inquiry overdue, one due in an hour, one later; each a buyer's own words."""
    asked = [
        message(
            at, thread_id=f"{CANARY[1]}/{at}", message_id=at, order_id=f"302-0000000-000000{n}",
            buyer_id=CANARY[1], subject=CANARY[0], body=CANARY[2], channel="amazon",
        )
        for n, at in enumerate(["2025-03-18T10:00", "2025-03-19T13:00", "2025-03-20T11:00"])
    ]  # fmt: skip
    orders = [order(order_id=f"302-0000000-000000{n}", status="shipped") for n in range(3)]
    found = audit(histories(messages=asked, orders=orders), as_of=AS_OF)
    return Run(found, "Europe/Berlin", 1, ["shop"], {})


def ids(duties: pd.DataFrame) -> list[str]:
    inquiries = duties[duties["kind"] == "inquiry"]
    return [order_id[-1] for order_id in inquiries["order_id"]]


def test_due_is_parted_by_the_time_that_is_left(run: Run) -> None:
    found = due(run, hours=1)
    assert (ids(found.overdue), ids(found.coming), ids(found.later)) == (["0"], ["1"], ["2"])
    assert ids(due(run, hours=24).coming) == ["1", "2"]
    left = found.rows.set_index("order_id")["left"] / pd.Timedelta(hours=1)
    assert left["302-0000000-0000000"] == -26 and left["302-0000000-0000001"] == 1
    for wrong in (-1.0, float("nan"), float("inf")):
        with pytest.raises(UsageError, match="hours"):
            due(run, wrong)


def test_a_page_of_drafts_holds_nothing_of_a_buyer(run: Run) -> None:
    found = due(run)
    drafts = drafts_due(run, found.rows)
    shown = list_due(found.rows, drafts, warnings_of(drafts, found), View.of(run)).html
    assert shown.count('<pre class="draft"') == len(found.rows) == len(drafts)
    assert "302-0000000-0000001" in shown and "26" in shown
    for word in CANARY:
        assert word not in shown
    assert CANARY[2] in list_due(found.rows, drafts, [[]] * 3, View.of(run, texts=True)).html


def test_an_own_text_is_used_and_its_gaps_are_marked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "en.toml").write_text(
        '[inquiry]\nsubject = "S"\ntext = "Hi, by {new_date}. <b>bold</b>"\n'
        '[check_in]\nsubject = "S"\ntext = "T"\n'
    )
    (tmp_path / "de.toml").write_text((tmp_path / "en.toml").read_text())
    found = due(run)
    drafts = drafts_due(run, found.coming, templates=str(tmp_path))
    shown = list_due(found.coming, drafts, [[]] * len(drafts), View.of(run)).html
    assert "<mark>[fill in: the new day of shipping or delivery]</mark>" in shown
    assert "&lt;b&gt;bold" in shown and "<b>bold" not in shown


def test_a_long_list_says_how_many_are_not_shown(run: Run) -> None:
    found = due(run)
    shown = list_due(found.rows, [], [], View.of(run), limit=1).html
    assert f"1 of {len(found.rows)} shown" in shown


def test_nothing_owed_is_said(run: Run) -> None:
    early = audit(run.audit.histories, as_of="2025-01-01")
    none = Run(early, "Europe/Berlin", 1, ["shop"], {})
    assert "Nothing is owed." in headline_due(due(none), View.of(none)).html
    assert "2 mails" not in headline_due(due(none), View.of(none)).html
