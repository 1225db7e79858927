"""Maildirs: delivered mails of all folders, and nothing that a mail server keeps beside them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from mails import mail, reply

from sellerkit.read.files import sources
from sellerkit.read.ingest import ingest
from sellerkit.read.mail.direction import folder_of
from sellerkit.read.source import Context


def answer(number: int) -> bytes:
    """Return a reply whose program kept no address: only the folder tells who wrote it."""
    to = {"From": "x@elsewhere.example", "To": "Jo", "Subject": "302-0000001-0000001"}
    return reply(f"Reply {number}.", **to, **{"Message-ID": f"<{number}@seller>"})


def numbered(number: int) -> bytes:
    return mail(**{"Message-ID": f"<{number}@x>"})


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    """A Maildir++ as Dovecot leaves it."""
    root = tmp_path / "Maildir"
    for folder in ("", ".Sent", ".Drafts", ".Envoy&AOk-s.2020"):
        for name in ("cur", "new", "tmp"):
            (root / folder / name).mkdir(parents=True)
        (root / folder / "tmp" / "1600.half").write_bytes(numbered(99)[:50])
        (root / folder / "dovecot-uidlist").write_text("3 V1795558988 N3 Gabc\n1 :1600.1.host\n")
        (root / folder / "dovecot.index.log").write_bytes(b"\x01\x02\x18\0\0\0")
        (root / folder / "maildirfolder").write_bytes(b"")
    (root / "subscriptions").write_text("V\t2\n\nSent\n")
    (root / "dovecot-uidvalidity.6b060e4c").write_bytes(b"")
    (root / ".cache").mkdir()
    (root / ".cache" / "secret.eml").write_bytes(numbered(98))
    (root / "cur" / "1600.1.host:2,S").write_bytes(numbered(1))
    (root / "new" / "1600.2.host").write_bytes(numbered(2))
    (root / "cur" / "1600.3.host,S=99:2,ST").write_bytes(numbered(3))
    (root / ".Sent" / "cur" / "1600.4.host:2,S").write_bytes(answer(4))
    (root / ".Envoy&AOk-s.2020" / "cur" / "1600.5.host:2,S").write_bytes(answer(5))
    draft = reply(**{"Message-ID": "<6@seller>"})
    (root / ".Drafts" / "cur" / "1600.6.host:2,S").write_bytes(draft)
    (root / "cur" / "1600.7.host:2,DS").write_bytes(draft)
    return root


def check(report: dict, unknown: int) -> None:
    totals = report["totals"]
    assert (totals["tables"]["messages"]["new"], totals["quarantined"]) == (5, 0)
    assert totals["skipped"] == {"a draft, never sent": 2, "unknown format": unknown}
    assert totals["read"] == totals["used"] + 2 + unknown == 7 + unknown


def test_a_maildir_with_its_folders(maildir: Path, tmp_path: Path) -> None:
    # in each of four folders the list, the log and the mark of Dovecot, and two files more
    check(ingest([maildir], tmp_path / "lake", Context("A", "DE")).as_dict(), 14)


def test_a_zip_of_it(maildir: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "mail.zip", "w") as archive:
        for file in maildir.rglob("*"):
            if "tmp" not in file.relative_to(maildir).parts:
                archive.write(file, f"Maildir/{file.relative_to(maildir)}")
    # of what is hidden a zip gives mails alone
    report = ingest([tmp_path / "mail.zip"], tmp_path / "lake", Context("A", "DE")).as_dict()
    check(report, 5)


def test_hidden_folders_that_are_no_maildir_stay_hidden(maildir: Path) -> None:
    names = [source.name for source in sources([maildir])]
    assert not [name for name in names if "secret" in name or "half" in name]


def test_a_folder_called_tmp_elsewhere_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp" / "1.eml").write_bytes(mail())
    assert len(list(sources([tmp_path]))) == 1


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("M/.Sent/cur/1:2,S", "sent"),
        ("M/.INBOX.Sent/cur/1:2,S", "sent"),
        ("M/.Sent.2020/cur/1:2,S", "sent"),
        ("x/Envoy&AOk-s/1.mbox", "sent"),
        ("M/.&kAFP4W4IMH8-/cur/1:2,S", "sent"),
        ("x/Sent Messages.mbox/mbox", "sent"),
        ("ImapMail/imap.x/Sent.sbd/2020", "sent"),
        ("ImapMail/imap.x/INBOX.sbd/Customers", ""),
        ("M/cur/1:2,DS", "draft"),
        ("M/cur/1:2,S", ""),
        ("x/R&D-/1.mbox", ""),
        ("x/Tom & Jerry/Sent.mbox", "sent"),
        ("x/Versand.2020.Sent-to-me/1.mbox", ""),
    ],
)
def test_a_folders_name_on_disk(path: str, folder: str) -> None:
    assert folder_of([], path) == folder
