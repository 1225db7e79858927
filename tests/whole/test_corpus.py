"""The public test mails and payloads, all of them, into one lake and each through every reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from sellerkit.errors import InputError
from sellerkit.read.ingest import ingest
from sellerkit.read.registry import FORMATS, UNKNOWN, by_name, detect
from sellerkit.read.source import Context, Parsed, Source

pytestmark = pytest.mark.corpus

CONTEXT = Context("shop", "DE", frozenset({"shop@seller.example"}))

#: Files of no format, looked at one by one. None of the mails among them says who sent it or when
#: (no From, Date or Received), so none could be anybody's message to a buyer.
NOT_OURS = {
    "licences and notes": {
        "README.md", "LICENSE", "LICENSE.txt", "MIT-LICENSE", "ARTISTIC-LICENSE.txt",
    },
    "Amazon's JSON schema of a report, and an answer that is empty": {
        "accountHealthReport-2020-11-18.json", "orders-confirmShipment.json",
    },
    "parts of a mail, with no headers but Content-…": {
        "bluedot-simple.msg", "empty-preamble.msg", "infinite.msg",
        "bad-newlines-multiple-parts.msg", "ending-boundaries.msg", "intermediate-boundaries.msg",
        "misplaced-boundary.msg", "missing-boundary.msg", "missing-inner-boundary.msg",
        "missing-inner-start-boundary.msg", "very-long-boundary.msg",
        "very-very-long-boundary.msg", "weird-boundary.msg", "msg_37.txt",
    },
    "a subject and lines that are no headers": {
        "malformedHeader-nocrlfcrlf.msg", "malformedHeaderStartsBody-nocrlfcrlf.msg",
    },
    "text without any header": {
        "malformedHeader-noheader.msg", "malformedHeaderStartsBody-noheader.msg", "msg_19.txt",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def files(corpus: Path) -> list[Path]:
    found = sorted(path for path in corpus.rglob("*") if path.is_file())
    assert len(found) > 250
    return found


def accounted(parsed: Parsed) -> bool:
    whole = parsed.used + sum(parsed.skipped.values()) + len(parsed.quarantined)
    return parsed.read == whole and parsed.used >= 0


def test_the_whole_corpus_goes_into_a_lake_and_every_unit_is_accounted_for(
    corpus: Path, files: list[Path], tmp_path: Path
) -> None:
    report = ingest([corpus], tmp_path / "lake", CONTEXT).as_dict()
    assert len(report["files"]) == len(files)
    for file in report["files"]:
        assert file["read"] == file["used"] + sum(file["skipped"].values()) + file["quarantined"]
        for counts in file["tables"].values():
            assert counts["rows"] == counts["new"] + counts["updated"] + counts["same"]
    again = ingest([corpus], tmp_path / "lake", CONTEXT).as_dict()
    assert again["lake_version"] == report["lake_version"]
    assert [file["read"] for file in again["files"]] == [file["read"] for file in report["files"]]


def test_what_is_of_no_format_is_neither_a_mail_nor_a_payload(files: list[Path]) -> None:
    unknown = {path.name for path in files if not detect(Source(str(path), path.read_bytes()))}
    assert unknown == set().union(*NOT_OURS.values())


def test_a_file_by_itself_is_read_by_every_reader_that_claims_it(files: list[Path]) -> None:
    for path in files:
        source = Source(str(path), path.read_bytes())
        claims = [form for form in FORMATS if form.matches(source)]
        assert len(claims) <= 1, path
        for form in claims:
            assert accounted(form.parse(source, CONTEXT)), path


@pytest.mark.parametrize("name", ["eml", "mbox"])
def test_every_file_taken_for_mail_is_read_or_refused(name: str, files: list[Path]) -> None:
    for path in files:
        try:
            parsed = by_name(name).parse(Source(str(path), path.read_bytes()), CONTEXT)
        except InputError:
            continue
        assert accounted(parsed), path


def test_a_folder_of_files_of_no_format_is_said_to_be_so(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no format that sellerkit knows"):
        ingest([corpus / "mikel-mail" / "MIT-LICENSE"], tmp_path / "lake", CONTEXT)
    report = ingest([corpus], tmp_path / "lake", CONTEXT)
    lost = [file for file in report.files if file.format is None]
    assert all(file.skipped == {UNKNOWN: 1} for file in lost)
