"""A mailbox read by several processes gives what one process reads."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from mails import CONTEXT, ENVELOPE, mail, mbox

from sellerkit.errors import InputError
from sellerkit.read import files
from sellerkit.read.mail import MBOX, spans
from sellerkit.read.mail.evidence import MAILS
from sellerkit.read.mail.telling import told
from sellerkit.read.source import Parsed, Source
from sellerkit.tables import MESSAGES, conform

SAMPLE = Path(__file__).resolve().parents[3] / "data" / "sample" / "mail" / "takeout.mbox"


def by_one(data: bytes, name: str) -> Parsed:
    parsed = MBOX.parse(Source(name, data), CONTEXT)
    parsed.tables["messages"] = told(pd.DataFrame.from_records(parsed.tables["messages"]))
    return parsed


def by_several(path: Path, monkeypatch: pytest.MonkeyPatch) -> Parsed:
    monkeypatch.setattr(spans, "SPAN_BYTES", 30_000)
    source = Source(str(path), path.read_bytes(), str(path))
    assert spans.is_large(source)
    return MBOX.parse(source, CONTEXT)


def frames(parsed: Parsed) -> tuple[pd.DataFrame, pd.DataFrame]:
    origin = {"source": "a", "source_sha256": "b"}
    tables = (pd.DataFrame(parsed.tables[name]).assign(**origin) for name in ("messages", "mails"))
    messages, mails = tables
    return conform(messages, MESSAGES), conform(mails, MAILS)


def test_several_processes_read_what_one_reads(tmp_path, monkeypatch):
    # a mail again in another span, another under the same id, one without a date, one cut off
    twice = mail("The same again", Message_ID="<twice@x>", Subject="ab")
    other = mail("Something else", Message_ID="<twice@x>")
    extra = mbox(twice) + SAMPLE.read_bytes() + b"\n" + mbox(twice, other, mail(Date=None))
    cut = ENVELOPE + mail("x", Content_Type="multipart/mixed; boundary=b")[:-5]
    path = tmp_path / "all.mbox"
    path.write_bytes(extra + cut)
    one, several = by_one(path.read_bytes(), str(path)), by_several(path, monkeypatch)
    assert several.read == one.read > 50
    assert several.skipped == one.skipped
    assert several.skipped["duplicate"] >= 1
    by_place = lambda units: sorted(units, key=lambda unit: unit.pos)  # noqa: E731
    assert by_place(several.quarantined) == by_place(one.quarantined)
    assert len(one.quarantined) == 2
    assert several.warnings == one.warnings
    for ours, theirs in zip(frames(several), frames(one), strict=True):
        pd.testing.assert_frame_equal(ours, theirs)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux shows nameless files")
@pytest.mark.parametrize("pack", ["zip", "gz"])
def test_a_packed_mailbox_is_read_by_several_processes_too(pack, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_IN_MEMORY", 10_000)
    monkeypatch.setattr(spans, "SPAN_BYTES", 30_000)
    if pack == "gz":
        (tmp_path / "all.mbox.gz").write_bytes(gzip.compress(SAMPLE.read_bytes()))
    else:
        with zipfile.ZipFile(tmp_path / "takeout.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(SAMPLE, "Takeout/Mail/all.mbox")
    (source,) = files.sources([tmp_path])
    assert spans.is_large(source)
    several, one = MBOX.parse(source, CONTEXT), by_one(SAMPLE.read_bytes(), source.name)
    for ours, theirs in zip(frames(several), frames(one), strict=True):
        pd.testing.assert_frame_equal(ours, theirs)


def test_a_process_that_dies_is_one_sentence(tmp_path, monkeypatch):
    path = tmp_path / "all.mbox"
    path.write_bytes(SAMPLE.read_bytes())
    monkeypatch.setattr(spans, "_read_span", _die)
    with pytest.raises(InputError, match=r"all\.mbox: a process that read it died"):
        by_several(path, monkeypatch)


def _die(work: object) -> None:
    import os
    import signal

    os.kill(os.getpid(), signal.SIGKILL)
