"""Mails kept as files: what goes in comes out, and the files alone say what is kept."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mails import mail

from sellerkit.errors import InputError
from sellerkit.fetch.kept import Fetched, Kept, mailbox_folder, part
from sellerkit.read.files import sources
from sellerkit.read.mail.direction import folder_of
from sellerkit.read.mail.mailbox import pieces, unescaped

NOON = datetime(2020, 1, 6, 12, tzinfo=UTC)
LINES = st.sampled_from(
    [b"From ", b">From ", b"From a@b Mon Jan  6 04:49:45 2020", b"\n", b"\r\n", b"\r", b"\0", b"x"]
)


def read(folder: Path) -> list[bytes]:
    """Return the mails that the mailbox reader finds in a folder, in order of the files."""
    return [piece.raw for source in sources([folder]) for piece in pieces(source.data)]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(LINES | st.binary(max_size=9), min_size=1).map(b"".join), min_size=1))
def test_any_bytes_come_back_as_they_went_in(
    tmp_path_factory: pytest.TempPathFactory, raws: list[bytes]
) -> None:
    kept = Kept(tmp_path_factory.mktemp("kept"), 7)
    kept.write([Fetched(uid, raw, NOON) for uid, raw in enumerate(raws, 1)])
    found = read(kept.folder)
    assert len(found) == len(raws)
    for back, raw in zip(found, raws, strict=True):
        # a mailbox cannot tell how many line ends stood last; nor how often a line was escaped
        assert back.rstrip(b"\r\n") == unescaped(raw).rstrip(b"\r\n")
    assert kept.uids() == set(range(1, len(raws) + 1))


def test_the_reader_sees_when_a_mail_arrived_and_only_that(tmp_path: Path) -> None:
    kept = Kept(tmp_path, 7)
    kept.write([Fetched(3, b"A: b\n\nx", NOON), Fetched(5, b"A: b\n\ny", None)])
    (source,) = sources([tmp_path])
    assert source.name.endswith("7/3-5.mbox")
    assert [piece.envelope_at for piece in pieces(source.data)] == [NOON, None]


def test_the_state_is_each_mail_not_the_highest(tmp_path: Path) -> None:
    kept = Kept(tmp_path, 7)
    kept.write([Fetched(5, b"x"), Fetched(9, b"x")])
    kept.write([Fetched(1, b"x"), Fetched(7, b"x")])
    assert kept.uids() == {1, 5, 7, 9}
    assert Kept(tmp_path, 8).uids() == set() and Kept(tmp_path, 8).is_renumbered()
    assert not kept.is_renumbered() and not Kept(tmp_path / "x", 7).is_renumbered()
    # the same folder, once the server has come to say what it is for
    assert Kept(tmp_path, 7, "\\Sent").uids() == {1, 5, 7, 9}


def test_a_file_is_there_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    kept = Kept(tmp_path, 7)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(InputError, match="mails cannot be kept here: No space left"):
            kept.write([Fetched(1, b"x")])
    assert not list(sources([tmp_path])) and kept.uids() == set()
    # what is left of it does no harm
    kept.write([Fetched(2, b"x")])
    assert kept.uids() == {2} and len(read(tmp_path)) == 1


def test_a_name_too_long_for_the_disk_is_one_sentence(tmp_path: Path) -> None:
    kept = Kept(tmp_path / part("x" * 300), 7)
    for use in (kept.is_renumbered, kept.uids, lambda: kept.write([Fetched(1, b"x")])):
        with pytest.raises(InputError, match="mails cannot be kept here"):
            use()


@pytest.mark.parametrize(
    ("folder", "use", "expected"),
    [
        ("Outbox", "\\Sent", "sent"),
        ("Entwürfe", "", "draft"),
        ("Scratch", "\\Drafts", "draft"),
        ("INBOX", "", ""),
        ("Posta inviata", "", "sent"),
    ],
)
def test_the_path_says_what_the_folder_is_for(
    tmp_path: Path, folder: str, use: str, expected: str
) -> None:
    place = Kept(tmp_path / part(folder), 7, use).place
    assert folder_of([], str(place / "1-9.mbox")) == expected


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "a\\b", "a:b", ".x", "_delta_log", "a\0b"])
def test_a_server_cannot_choose_where_files_go(name: str) -> None:
    safe = part(name)
    assert safe not in ("", ".", "..", "_delta_log") and not safe.startswith(".")
    assert not set("/\\:\0") & set(safe)


def test_two_names_never_share_a_path() -> None:
    names = ["a/b", "a%2Fb", "a%252Fb", "a:b", ".a", "%2Ea", "a ", "a", "", "%"]
    assert len({part(name) for name in names}) == len(names)


def test_mailboxes_lie_apart() -> None:
    keep = Path("lake.mail")
    assert mailbox_folder(keep, "Me@x.de", "IMAP.x.de") == keep / "me@x.de@imap.x.de"
    assert mailbox_folder(keep, "../../etc", "h").parent == keep


def test_labels_stand_in_a_header_as_takeout_has_it(tmp_path: Path) -> None:
    Kept(tmp_path, 7).write([Fetched(1, mail(), NOON, ("Sent", "Käufer"))])
    assert read(tmp_path)[0].startswith("X-Gmail-Labels: Sent,Käufer\r\nFrom: Jo".encode())
