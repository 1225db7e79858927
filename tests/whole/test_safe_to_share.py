"""Pages hold nothing of buyers, whatever the histories hold; a page that does is not published."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from builders import call, claim, message, order, return_
from played import without_kernels

from sellerkit import tables
from sellerkit.errors import ReportError
from sellerkit.lake import Lake
from sellerkit.lake.key import KEY_FILE
from sellerkit.report.exporter import notebook_path
from sellerkit.report.run import REPORTS, build_reports

AS_OF = "2025-04-01T08:00:00Z"

#: Syllables: canaries are words that nobody says.
_PARTS = ("zor", "vek", "qua", "lim", "tru", "bax", "nif", "goth", "pel", "wyn")


def word(number: int) -> str:
    return "".join(_PARTS[int(digit)] for digit in f"{number:03}")


def canaries() -> dict[str, list[str]]:
    """Return 500 of them: 100 each of ids, names, mail and postal addresses, and phrases."""
    return {
        "id": [f"{word(n)}{n}x" for n in range(100)],
        "name": [f"{word(n).title()} {word(n + 100).title()}" for n in range(100)],
        "mail": [f"{word(n + 200)}@{word(n)}.example" for n in range(100)],
        "street": [f"{word(n + 300).title()}weg {n + 1}" for n in range(100)],
        "phrase": [" ".join(word(n * 8 + k) for k in range(8)) for n in range(100)],
    }


def seeded() -> dict[str, list[dict[str, Any]]]:
    """Return histories in which every text that a person may write holds canaries."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in tables.HISTORIES}
    columns = zip(*canaries().values(), strict=True)
    for n, (buyer, name, mail, street, phrase) in enumerate(columns):
        day = f"2025-03-{n % 28 + 1:02}T{n % 24:02}"
        own = {"order_id": f"302-{n:07}-{n:07}", "thread_id": f"t{n}", "buyer_id": buyer}
        ask = (
            f"Hello, {phrase}. Please call me! I live at {street}, write to {mail}.\nBest,\n{name}"
        )
        answer = f"Dear {name}, see www.{word(n)}.example: {phrase}. Sent to {street}."
        about = {"subject": f"{phrase} {name}"}
        rows["messages"] += [
            message(f"{day}:05", message_id=f"{mail}-{n}", body=ask, **own, **about),
            message(
                f"{day}:20", "seller", message_id=f"s{n}-{mail}", body=answer, automated=n % 3 == 0,
                undelivered=n % 5 == 0, **own, **about,
            ),
        ]  # fmt: skip
        number = {"order_id": own["order_id"]}
        rows["orders"].append(
            order(
                "2025-02-01T10:00",
                latest_ship_at="2025-02-20T10:00",
                cancel_reason=phrase,
                **number,
            )
        )
        late = {"responded_at": None, "respond_by": "2025-04-02T10:00"}
        if n % 10 == 0:
            rows["claims"].append(claim(f"{day}:30", claim_id=f"C{n}", **late, **number))
        rows["returns"].append(return_(f"{day}:10", return_id=f"R{n}", reason=phrase, **number))
        rows["calls"].append(call(f"{day}:15", call_id=f"T{n}", notes=ask, purpose=name, **number))
    return rows


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    log = {
        "account": "shop", "source": "f", "source_sha256": "0", "reading": "", "read": 1, "used": 1,
        "skipped": "{}", "quarantined": 0, "tables": "{}", "seconds": 0.0,
    }  # fmt: skip
    with Lake.open_or_new(tmp_path_factory.mktemp("seeded") / "lake").writing() as writer:
        for name, rows in seeded().items():
            table = tables.HISTORIES[name]
            writer.upsert(table, tables.conform(_dated(pd.DataFrame(rows), table), table))
        return writer.commit(pd.DataFrame([log]))


def _dated(rows: pd.DataFrame, table: tables.Table) -> pd.DataFrame:
    instants = [c.name for c in table.columns if c.kind == "ts" and c.name in rows]
    return rows.assign(**{name: pd.to_datetime(rows[name], utc=True) for name in instants})


@pytest.fixture(scope="module")
def published(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("published")
    asked = {"lake": lake.address, "as_of": AS_OF, "order": "302-0000000-0000000"}
    with without_kernels():
        build_reports(["all", "portfolio"], out, parameters=asked)
    return out


def folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def found_in(page: str) -> set[str]:
    """Return the canaries of a page, by a search of its own: no word of the scan's."""
    plain = folded(re.sub(r"<[^>]*>", " ", page)) + folded(page)
    return {each for many in canaries().values() for each in many if folded(each) in plain}


def test_no_canary_of_500_is_in_any_page(published: Path):
    assert sum(map(len, canaries().values())) == 500
    pages = sorted(published.rglob("*.html"))
    assert {page.parent.name for page in pages} == {*REPORTS, published.name}
    for page in pages:
        assert not found_in(page.read_text("utf-8")), page
    compliance = next(page for page in pages if page.parent.name == "compliance")
    assert len(set(re.findall(r"Buyer [2-9A-Z]{4}\b", compliance.read_text("utf-8")))) > 5


@pytest.fixture
def built(lake: Lake, tmp_path: Path) -> Any:
    def build(name: str, **asked: Any) -> tuple[str, Path]:
        parameters = {"lake": lake.address, "as_of": AS_OF, **asked}
        with without_kernels():
            (report,) = build_reports([name], tmp_path, parameters=parameters)
        return report.page.read_text("utf-8"), report.page

    return build


def hot(page: str) -> str:
    return re.search(r'<dt>Buyers</dt><dd class="hot"><b>([^<]*)</b>', page)[1]


def test_with_texts_shows_words_and_masks_who_wrote_them(built: Any):
    page, place = built("compliance", texts=True)
    assert hot(page) == "pseudonyms; with words of messages"
    found, told = found_in(page), canaries()
    assert found and found <= set(told["phrase"])
    assert "[address]" in page
    assert stat.S_IMODE(place.stat().st_mode) == 0o600 or os.name != "posix"


def test_with_names_shows_ids_and_no_words(built: Any):
    page, _ = built("atoz", names=True)
    assert hot(page) == "ids as on file; no message text in this page"
    found = found_in(page)
    assert found and found <= set(canaries()["id"])


def planted(tmp_path: Path, text: str) -> Path:
    """Return the atoz notebook with a chart more, in whose label a text stands."""
    notebook = nbformat.read(notebook_path("atoz_readiness"), as_version=4)
    label = json.dumps(text)
    source = (
        "from sellerkit.show.chart import draw, axis\n"
        f"layout = {{'xaxis': axis(), 'annotations': [{{'text': {label}, 'x': 0, 'y': 0}}]}}\n"
        "words = dict(finding='It rose', measured='', sentence='', head=[], rows=[], key={})\n"
        "draw([], words=words, height=200, layout=layout)"
    )
    notebook.cells.insert(8, nbformat.v4.new_code_cell(source, id="planted"))
    place = tmp_path / "planted.ipynb"
    nbformat.write(notebook, place)
    return place


def test_a_canary_in_a_charts_label_is_not_published_and_yesterdays_page_stays(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    out = tmp_path / "out"
    yesterday = out / "shop" / "atoz" / "2025-04-01.html"
    yesterday.parent.mkdir(parents=True)
    yesterday.write_text("yesterday's", "utf-8")
    phrase = canaries()["phrase"][3].replace(" ", "<br>")
    notebook = planted(tmp_path, phrase)
    monkeypatch.setattr("sellerkit.report.execute.notebook_path", lambda name: notebook)
    parameters = {"lake": lake.address, "as_of": AS_OF}
    with pytest.raises(ReportError, match="words of a message in section checklist") as told:
        build_reports(["atoz"], out, parameters=parameters)
    assert told.value.exit_code == 4 and not found_in(str(told.value))
    kept = {path.name for path in out.rglob("*") if path.is_file()}
    assert kept == {yesterday.name, "2025-04-01.failed.json", "index.html"}
    assert yesterday.read_text("utf-8") == "yesterday's"


def test_what_holds_buyers_data_is_for_its_owner_only(lake: Lake, published: Path):
    if os.name != "posix":
        pytest.skip("modes of files are of POSIX")
    private = list(published.rglob("*.findings*"))
    private += [path for folder in private for path in folder.iterdir()]
    private += [Path(lake.address), Path(lake.address) / KEY_FILE]
    assert len(private) > 10
    assert not [path for path in private if stat.S_IMODE(path.stat().st_mode) & 0o077]


@pytest.mark.parametrize("asked", [["--with-texts"], ["-p", "names=true"]])
def test_share_refuses_both(asked: list[str], lake: Lake, run: Any, tmp_path: Path):
    words = ["report", "all", "--lake", lake.address, "--as-of", AS_OF, "--share", *asked]
    done = run(*words, "--out", tmp_path)
    assert done.code == 2 and "--share shows no" in done.err
    assert not list(tmp_path.iterdir())
