"""A page holds, or `verify` names what does not: a message, a digit, a rule, a newer version."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from played import without_kernels

from sellerkit.errors import InputError, UsageError
from sellerkit.read.ingest import ingest
from sellerkit.read.source import Context
from sellerkit.report import verify as verification
from sellerkit.report.findings import write_findings
from sellerkit.report.load import load_run
from sellerkit.report.own import new_report
from sellerkit.report.pieces import differences
from sellerkit.report.run import REPORTS, Form, build_reports
from sellerkit.report.verdict import Verdict
from sellerkit.report.verify import page_provenance, verify

RULE = """[[rule]]
id = "crt.window_hours"
value = {hours}
from = 2026-09-10
mark = "U"
source = "our own promise"
"""

AS_OF = "2026-10-05T06:00:00Z"
BEFORE = "2026-09-28T06:00:00Z"

OWN = "late-answers"
ALL = [*REPORTS, OWN]


@dataclass(frozen=True)
class Shop:
    """A lake, a file of rules, the pages that were made of them, and a notebook of one's own."""

    lake: Path
    rules: Path
    pages: dict[str, Path]
    mine: Path

    def checked(self, name: str, **other: Any) -> Verdict:
        """Verify a page, with another lake or other rules where they are given."""
        asked = {"lake": str(self.lake), "policy": str(self.rules), **other}
        with without_kernels():
            return verify(self.pages[name], reports_dir=self.mine, **asked)


def publish(lake: Path, rules: Path, out: Path, account: str, own: Path) -> dict[str, Path]:
    """Publish each report, after the findings of a week before."""
    before = load_run(lake, account=account, as_of=BEFORE, policy=str(rules))
    for name in ALL:
        write_findings(before, out / account / name / "2026-09-28.findings")
    order = before.audit.histories["claims"]["order_id"].iloc[0]
    asked = {"lake": str(lake), "as_of": AS_OF, "policy": str(rules), "order": order}
    with without_kernels():
        built = build_reports(["all", "portfolio"], out, parameters=asked)
        del asked["order"]
        built += build_reports([str(own)], out, parameters=asked)
    return {report.name: report.page for report in built}


@pytest.fixture(scope="module")
def shop(lake: tuple, sample: object, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("verify")
    shutil.copytree(lake[0], folder / "lake")
    rules = folder / "mine.toml"
    rules.write_text(RULE.format(hours=20), "utf-8")
    own = new_report(OWN, folder / "mine", taken=REPORTS)
    pages = publish(folder / "lake", rules, folder / "out", sample.account, own)
    return Shop(folder / "lake", rules, pages, own.parent)


@pytest.fixture
def again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Making a page anew gives the page as it was: what is tested is the comparison."""
    texts = {name: page.read_text("utf-8") for name, page in shop.pages.items()}
    monkeypatch.setattr(verification, "render_report", lambda name, *_, **__: texts[name])
    return shop


@pytest.mark.parametrize("name", ALL)
def test_a_page_says_what_it_rests_on_and_no_place(shop: Shop, name: str) -> None:
    text = shop.pages[name].read_text("utf-8")
    said = page_provenance(text, name)
    assert said.report == name and said.lake.version == 1
    assert said.policy.asked == ("mine.toml",) and "mine.toml" in said.policy.name
    assert str(shop.lake.parent) not in text
    foot = text[text.index("<footer") :]
    digests = [said.policy.sha256, said.code.package, *(f.sha256 for f in said.findings.values())]
    assert all(digest in foot for digest in digests)
    # one order and all accounts at once are not followed from run to run
    followed = name not in ("dossier", "portfolio")
    assert (said.earlier is not None) == followed
    assert ("Since the run as of Mon 28 Sep 2026" in text) == followed


@pytest.mark.parametrize(
    "name",
    ["compliance", *(pytest.param(n, marks=pytest.mark.slow) for n in ALL if n != "compliance")],
)
def test_the_same_inputs_give_the_same_bytes_and_a_newer_version_is_told_beside(
    shop: Shop,
    name: str,
    sample: object,
    tmp_path: Path,
    run: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The page is made again elsewhere, in another zone and language, with other hashes.

    `verify` says that a page holds only where it is the same byte for byte.
    """
    lake = shutil.copytree(shop.lake, tmp_path / "elsewhere" / "a lake")
    rules = shutil.copyfile(shop.rules, tmp_path / "elsewhere" / "mine.toml")
    row = "message_id,thread_id,sender,marketplace,sent_at,topic,body\n"
    (tmp_path / "messages.csv").write_text(
        f"{row}new,new,buyer,DE,2026-10-01T10:00:00Z,inquiry,where\n", "utf-8"
    )
    ingest([tmp_path / "messages.csv"], lake, Context(sample.account))
    others = {"TZ": "Pacific/Auckland", "LC_ALL": "C", "PYTHONHASHSEED": "77"}
    for variable, value in others.items():
        monkeypatch.setenv(variable, value)
    words = ("--lake", lake, "--policy", rules, "--reports-dir", shop.mine, "--json")
    done = run("verify", shop.pages[name], *words)
    assert done.code == 0, done.out
    found = done.json
    assert found["holds"] and not found["notes"]
    assert bool(found["unchecked"]) == (name == "portfolio")  # its links to the other pages
    assert found["newest"] == 2
    changed = {figure["name"]: figure for figure in found["newer"]}["contacts.window.missed"]
    assert changed["now"] == changed["page"] + 1


@pytest.fixture(scope="module")
def later(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake with a reply three days later, written into the file under the same version."""
    lake = shutil.copytree(shop.lake, tmp_path_factory.mktemp("later") / "lake")
    contacts = pd.read_parquet(shop.pages["atoz"].with_suffix(".findings") / "contacts.parquet")
    met = contacts[(contacts["status"] == "met") & contacts["counted"]]
    # the answer of one message alone, so that one figure more and one less is what changes
    answer = met[~met["answered_by"].duplicated(keep=False)]["answered_by"].iloc[0]
    for file in (lake / "messages").glob("*.parquet"):
        rows = pq.read_table(file)
        frame = rows.to_pandas()
        frame.loc[frame["message_id"] == answer, "sent_at"] += pd.Timedelta(days=3)
        pq.write_table(pa.Table.from_pandas(frame, rows.schema, preserve_index=False), file)
    return lake


@pytest.mark.parametrize("name", ALL)
def test_a_changed_message_is_named_by_its_figures(shop: Shop, later: Path, name: str) -> None:
    found = shop.checked(name, lake=str(later))
    assert not found.holds
    names = {figure.name: (figure.page, figure.now) for figure in found.figures}
    was, now = names["contacts.window.met"]
    assert now == was - 1 and "contacts.window.on_time_share" in names
    assert {f.name for f in found.findings} >= {"contacts", "obligations"}
    cards = {place.figure for place in found.places if place.section == "Headline figures"}
    if name in ("compliance", OWN):
        assert any(figure.startswith(("Answered on time", "Answered in time")) for figure in cards)


@pytest.mark.parametrize("name", ["atoz", "due", "portfolio", OWN])
def test_a_changed_rule_is_named_with_its_figures(shop: Shop, tmp_path: Path, name: str) -> None:
    changed = tmp_path / "mine.toml"
    changed.write_text(RULE.format(hours=4), "utf-8")
    found = shop.checked(name, policy=str(changed))
    assert not found.holds
    assert [rule.name for rule in found.rules] == ["crt.window@2026-09-10 yours"]
    assert found.rules[0].page.startswith("20 hours") and found.rules[0].now.startswith("4 hours")
    assert "contacts.window.on_time_share" in {figure.name for figure in found.figures}


def places_of_digits(text: str) -> list[int]:
    """Return where digits stand in what a reader sees, and in the charts' data."""
    hidden = (
        r"<style.*?</style>|<script>.*?</script>|<script type=\"application/json\" id.*?</script>"
        r"|<[^>]*>"
    )
    seen = re.sub(hidden, lambda found: " " * len(found[0]), text, flags=re.DOTALL)
    return [m.start() for m in re.finditer(r"\d", seen)]


@pytest.mark.parametrize("name", ALL)
def test_any_digit_that_is_changed_is_named(shop: Shop, name: str) -> None:
    """Each is one place with its section; `verify` compares by nothing else than this."""
    text = shop.pages[name].read_text("utf-8")
    begin = text.index("<main")
    digits = places_of_digits(text[begin:])
    many = name == "compliance"
    assert len(digits) > (2000 if many else 100)
    for at in digits[:: len(digits) // (40 if many else 8)]:
        place = begin + at
        digit = str((int(text[place]) + 1) % 10)
        found = differences(text[:place] + digit + text[place + 1 :], text)
        assert len(found) == 1
        assert found[0].section and found[0].page != found[0].now


def test_a_digit_is_named_as_a_reader_finds_it(again: Shop, tmp_path: Path) -> None:
    text = again.pages["compliance"].read_text("utf-8")
    cell = re.search(r"<section id=\"obligations\">.*?<th scope=\"row\"[^>]*>([^<]+).*?>(\d+)<",
                     text, re.DOTALL)  # fmt: skip
    page = tmp_path / "page.html"
    page.write_text(f"{text[: cell.start(2)]}9{text[cell.start(2) :]}", "utf-8")
    told = verify(page, str(again.lake), policy=str(again.rules)).places[0]
    assert told.section == "Obligations" and cell[1].strip() in told.figure
    assert (told.page, told.now) == (f"9{cell[2]}", cell[2])


def test_when_the_earlier_rules_are_gone_the_rest_is_checked(again: Shop, tmp_path: Path) -> None:
    """The section alone is left out; what could hide the rest there is not."""
    text = again.pages["atoz"].read_text("utf-8")
    block = re.search(r'id="sellerkit-run">(.*?)</script>', text)[1]
    said = json.loads(block)
    said["earlier"]["lake"]["version"] = 7
    page = tmp_path / "page.html"
    gone = text.replace(block, json.dumps(said))
    page.write_text(gone, "utf-8")
    found = verify(page, str(again.lake), policy=str(again.rules))
    assert "no version 7" in found.unchecked[0]
    assert {p.figure.split(",")[-1].strip() for p in found.places} == {
        "data block earlier.lake.version"
    }
    hiding = '<section id="since-the-last-run"><style>.fig{display:none}</style>'
    page.write_text(gone.replace('<section id="since-the-last-run">', hiding), "utf-8")
    found = verify(page, str(again.lake), policy=str(again.rules))
    assert any("style" in place.page or "display" in place.page for place in found.places)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda t: t[: len(t) // 2], "cut off"),
        (lambda t: "<p>hello</p></html>", "no page of sellerkit"),
        (lambda t: t.replace('"version": "0.1.0"', '"version": "<b>"'), "as sellerkit writes it"),
        (lambda t: t.replace('"report": "atoz"', '"report": "../x"'), "not known here"),
        (lambda t: t.replace('"timezone": ', '"lake": "/etc", "timezone": '), "names a place"),
        (lambda t: t.replace('"timezone": ', '"roast": 1, "timezone": '), "no parameter 'roast'"),
        (lambda t: t.replace('"timezone": "E', '"timezone": "../E'), "no zone"),
        (lambda t: re.sub('"account": "[^"]*"', '"account": "x"', t), "no account"),
        (lambda t: re.sub('"as_of": "[^"]*"', '"as_of": "now"', t), "no date"),
        (lambda t: t.replace('"sellerkit-run">{', '"sellerkit-run">' + "[" * 9999), "as sellerkit"),
    ],
)  # fmt: skip
def test_a_hostile_page_is_refused(again: Shop, tmp_path: Path, change: object, word: str) -> None:
    page = tmp_path / "page.html"
    page.write_text(change(again.pages["atoz"].read_text("utf-8")), "utf-8")
    with pytest.raises(InputError, match=word):
        verify(page, str(again.lake), policy=str(again.rules))


def test_a_file_of_rules_is_read_only_where_the_user_names_it(again: Shop, tmp_path: Path) -> None:
    text = again.pages["atoz"].read_text("utf-8")
    page = tmp_path / "page.html"
    page.write_text(text.replace('["mine.toml"]', f'["{again.rules}"]'), "utf-8")
    with pytest.raises(UsageError, match="name the file by --policy"):
        verify(page, str(again.lake))


def test_the_command_exits_with_what_it_found(shop: Shop, run: object, tmp_path: Path) -> None:
    page = shop.pages["atoz"]
    assert run("verify", page).code == 2
    cut = tmp_path / "cut.html"
    cut.write_bytes(page.read_bytes()[:-9])
    done = run("verify", cut, "--lake", shop.lake, "--policy", shop.rules)
    assert done.code == 3 and done.err.count("\n") == 1
    cut.write_text(page.read_text("utf-8").replace("Headline figures", "Headline figures 1"))
    done = run("verify", cut, "--lake", shop.lake, "--policy", shop.rules, "--json")
    assert done.code == 1 and done.json["holds"] is False and done.json["places"]


@pytest.mark.slow
def test_static_pages_and_the_list_of_runs_are_the_same_each_time(
    shop: Shop, tmp_path: Path
) -> None:
    asked = {"lake": str(shop.lake), "as_of": AS_OF, "policy": str(shop.rules)}
    made = []
    for n in range(2):
        with without_kernels():
            build_reports(["atoz"], tmp_path / f"{n}", parameters=asked, form=Form(static=True))
        pages = (tmp_path / f"{n}").rglob("*.html")
        made.append({page.relative_to(tmp_path / f"{n}"): page.read_bytes() for page in pages})
    assert made[0] == made[1] and len(made[0]) == 2
    (page,) = (tmp_path / "0").rglob("2026-10-05.html")
    assert "<script>" not in page.read_text("utf-8")
    with without_kernels():
        assert verify(page, str(shop.lake), policy=str(shop.rules)).holds


def test_two_pages_are_compared_by_the_findings_beside_them(shop: Shop, run: object) -> None:
    page = shop.pages["atoz"]
    done = run("diff", page.with_name("2026-09-28.findings"), page, "--json")
    assert done.code == 0, done.err
    assert done.json["before"]["as_of"] == BEFORE and done.json["now"]["as_of"] == AS_OF
    assert {change["cause"] for change in done.json["changes"]} <= {"since", "time"}
    assert not any(done.json["differs"].values())
    assert run("diff", page, page.with_name("nowhere.html")).code == 3
