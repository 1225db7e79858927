"""A mailbox of which a third of one week's mails is gone, from the file to the figures."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

from sellerkit.measure import contact_figures
from sellerkit.read.ingest import ingest
from sellerkit.read.mail.mailbox import pieces
from sellerkit.read.source import Context
from sellerkit.report.load import load_run
from sellerkit.sample import write_sample

WEEK = dt.date(2026, 9, 14)


def thinned(mailbox: Path, seed: int) -> int:
    """Take 30 % of the week's mails out of a mailbox; return how many."""
    data = mailbox.read_bytes()
    mails = list(pieces(data))
    ends = [mail.pos for mail in mails[1:]] + [len(data)]
    last = WEEK + dt.timedelta(days=6)
    inside = [n for n, mail in enumerate(mails) if WEEK <= mail.envelope_at.date() <= last]
    gone = set(random.Random(seed).sample(inside, round(0.3 * len(inside))))
    parts = zip(mails, ends, strict=True)
    kept = [data[mail.pos : end] for n, (mail, end) in enumerate(parts) if n not in gone]
    mailbox.write_bytes(b"".join(kept))
    return len(gone)


def test_the_week_is_named_and_the_true_share_lies_within_the_bounds(tmp_path: Path) -> None:
    sample = write_sample(tmp_path / "shop")
    context = Context(sample.account, None, frozenset(sample.own_addresses))
    ingest([sample.folder], tmp_path / "whole", context)
    assert thinned(sample.folder / "mail" / "takeout.mbox", 1) > 40
    ingest([sample.folder], tmp_path / "holed", context)
    whole, holed = (load_run(tmp_path / name, as_of=sample.as_of) for name in ("whole", "holed"))
    assert whole.summary["completeness"]["weeks_with_holes"] == []
    missing = holed.summary["completeness"]
    assert missing["weeks_with_holes"] == [WEEK]
    bounds = missing["bounds"]["contacts"]["window"]
    truth = contact_figures(whole.audit.findings["contacts"], as_of=whole.audit.as_of)
    for name, bound in bounds.items():
        assert bound["lowest"] <= truth[name] <= bound["highest"]
        assert bound["unknown"] > 0
