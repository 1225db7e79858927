"""A zip of a dossier: the original bytes or a word that they are gone, and no change unnoticed."""

from __future__ import annotations

import hashlib
import io
import json
import random
import shutil
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_shop import CLAIMED, SECRET, UNSEEN

import sellerkit as sk
from sellerkit.cli.dossier import check_zip, finder
from sellerkit.errors import InputError
from sellerkit.read.original import Originals
from sellerkit.report.exhibits import Zip, page_in, write_zip
from sellerkit.report.run import Report
from sellerkit.report.sealed import MANIFEST, SUMS, packed, sums_of, verify_zip


def pack(run: sk.Run, folder: Path, order: str = CLAIMED, **options: object) -> Zip:
    """Pack the dossier of an order; its page is any file here."""
    page = folder / "page.html"
    page.write_text("<p>the page</p>", "utf-8")
    asked = {"order": order, "timezone": "", "texts": False, "names": False}
    report = Report("dossier", "shop", page, folder / "findings", run, asked)
    return write_zip(report, finder(Originals(**options)))


@pytest.fixture(scope="module")
def made(run: sk.Run, tmp_path_factory: pytest.TempPathFactory) -> Zip:
    return pack(run, tmp_path_factory.mktemp("made"))


@pytest.fixture
def members(made: Zip) -> dict[str, bytes]:
    return read(made.path)


def read(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def problems(folder: Path, members: dict[str, bytes], seal: str = "") -> list[str]:
    path = folder / "changed.zip"
    path.write_bytes(packed(members))
    return verify_zip(path, seal=seal)


def test_a_fresh_zip_holds_and_is_its_owners_alone(made: Zip) -> None:
    assert verify_zip(made.path, seal=made.seal) == []
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert not [path for path in made.path.parent.iterdir() if path.name.startswith(".zipping")]
    assert "message texts and the buyer's data" in made.sentences()[0]


def test_the_same_page_and_originals_give_the_same_bytes(
    run: sk.Run, made: Zip, tmp_path: Path
) -> None:
    assert pack(run, tmp_path).path.read_bytes() == made.path.read_bytes()


def test_every_exhibit_is_the_original_bytes_where_the_manifest_says(
    shop: Path, members: dict[str, bytes]
) -> None:
    manifest = json.loads(members[MANIFEST])
    assert len(manifest["exhibits"]) == 8
    for row in manifest["exhibits"]:
        file = (shop / "files" / row["file"]).read_bytes()
        data = members[row["member"]]
        assert hashlib.sha256(file).hexdigest() == row["file_sha256"]
        assert file[row["byte_offset"] : row["byte_offset"] + row["bytes"]] == data
    assert any(SECRET.encode() in members[row["member"]] for row in manifest["exhibits"])
    assert manifest["exhibits"][2]["member"] == "exhibits/003-message-from-the-buyer.mbox"


def test_the_manifest_gives_away_no_path_of_the_machine(
    shop: Path, members: dict[str, bytes]
) -> None:
    for name in (MANIFEST, "exhibits.txt", "text-to-paste.txt"):
        assert str(shop).encode() not in members[name]


def test_the_sums_are_those_that_other_tools_check(members: dict[str, bytes]) -> None:
    for line in members[SUMS].decode().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(members[name]).hexdigest() == digest
    assert len(members[SUMS].splitlines()) == len(members) - 1


def test_a_changed_member_is_named(members: dict[str, bytes], tmp_path: Path) -> None:
    for name in members.keys() - {MANIFEST, SUMS}:
        data = members[name]
        changed = members | {name: bytes([data[0] ^ 1]) + data[1:]}
        (said,) = problems(tmp_path, changed)
        assert said.startswith(f"{name} has changed")


def test_a_missing_member_is_named(members: dict[str, bytes], tmp_path: Path) -> None:
    for name in members:
        said = problems(tmp_path, {key: value for key, value in members.items() if key != name})
        assert len(said) == 1 and said[0].startswith(f"{name} is missing")


def test_an_added_member_is_named(members: dict[str, bytes], tmp_path: Path) -> None:
    said = problems(tmp_path, members | {"exhibits/099-receipt.txt": b"paid"})
    assert said == ["exhibits/099-receipt.txt was added: the manifest does not name it"]


def test_a_changed_manifest_is_named(members: dict[str, bytes], tmp_path: Path) -> None:
    told = json.loads(members[MANIFEST])
    told["order_id"] = "302-9999999-9999999"
    raw = json.dumps(told).encode()
    (said,) = problems(tmp_path, members | {MANIFEST: raw})
    assert said.startswith(f"{MANIFEST} or {SUMS} has changed")
    (said,) = problems(tmp_path, members | {SUMS: members[SUMS].replace(b"a", b"b", 1)})
    assert "SHA256SUMS has changed" in said


def test_a_member_changed_with_its_hash_in_the_manifest_is_noticed(
    members: dict[str, bytes], tmp_path: Path
) -> None:
    changed, _ = remade(members, sums=False)
    (said,) = problems(tmp_path, changed)
    assert said.startswith(f"{MANIFEST} or {SUMS} has changed")


def test_only_the_seal_tells_a_zip_that_was_made_anew(
    made: Zip, members: dict[str, bytes], tmp_path: Path
) -> None:
    """What a zip cannot prove by itself: all its hashes were made by whoever made it."""
    changed, seal = remade(members, sums=True)
    assert problems(tmp_path, changed) == []
    (said,) = problems(tmp_path, changed, seal=made.seal)
    assert said == (
        f"{MANIFEST} is not the one that was sealed: its SHA-256 is {seal}, not {made.seal}"
    )


def remade(members: dict[str, bytes], *, sums: bool) -> tuple[dict[str, bytes], str]:
    """Change a member and its hash in the manifest, and with `sums` in the sums as well."""
    name = "text-to-paste.txt"
    data = members[name].replace(b"DHL", b"UPS")
    told = json.loads(members[MANIFEST])
    for member in told["members"]:
        if member["name"] == name:
            member["sha256"] = hashlib.sha256(data).hexdigest()
    raw = (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()
    changed = members | {name: data, MANIFEST: raw}
    hashes = {key: hashlib.sha256(value).hexdigest() for key, value in changed.items()}
    if sums:
        changed[SUMS] = sums_of({key: digest for key, digest in hashes.items() if key != SUMS})
    return changed, hashes[MANIFEST]


def test_no_byte_of_the_file_changes_unnoticed(made: Zip, tmp_path: Path) -> None:
    whole = made.path.read_bytes()
    chosen = random.Random(6)
    places = [*range(64), *range(len(whole) - 64, len(whole))]
    for place in [*places, *chosen.sample(range(len(whole)), 200)]:
        changed = bytearray(whole)
        changed[place] ^= 1 << chosen.randrange(8)
        path = tmp_path / "changed.zip"
        path.write_bytes(bytes(changed))
        assert verify_zip(path), f"byte {place}"


def test_bytes_beside_the_members_are_noticed(made: Zip, tmp_path: Path) -> None:
    whole = made.path.read_bytes()
    for changed in (b"#!/bin/sh\n" + whole, whole + b"more"):
        path = tmp_path / "changed.zip"
        path.write_bytes(changed)
        assert verify_zip(path)


def test_members_that_could_burst_or_hide_are_not_read(
    members: dict[str, bytes], tmp_path: Path
) -> None:
    made = io.BytesIO()
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(made, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        archive.writestr("bomb", bytes(10**6), zipfile.ZIP_DEFLATED)
        archive.writestr("dossier.html", "another page")
    path = tmp_path / "odd.zip"
    path.write_bytes(made.getvalue())
    said = verify_zip(path)
    assert "bomb is not stored as sellerkit stores it" in said
    assert "dossier.html is in it twice" in said


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"members": 3}', b"[" * 100_000, b"\xff"])
def test_a_manifest_that_is_none_is_named(
    raw: bytes, members: dict[str, bytes], tmp_path: Path
) -> None:
    (said,) = problems(tmp_path, members | {MANIFEST: raw})
    assert said.startswith(f"{MANIFEST} has changed: ")


def test_what_is_no_zip_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"no zip")
    (said,) = verify_zip(tmp_path / "a.zip")
    assert "no zip that can be read" in said
    with pytest.raises(InputError, match="cannot be read"):
        verify_zip(tmp_path / "nowhere.zip")


@pytest.fixture
def spoiled(shop: Path, tmp_path: Path) -> Iterator[Path]:
    """The shop's files, one gone and one changed; yields where copies of them lie."""
    shutil.copytree(shop / "files", tmp_path / "copies")
    (shop / "files" / "all.mbox").unlink()
    (shop / "files" / "calls.csv").write_text("call_id\n")
    yield tmp_path / "copies"
    for name in ("all.mbox", "calls.csv"):
        shutil.copy(tmp_path / "copies" / name, shop / "files" / name)


def test_the_page_in_it_can_be_verified_by_itself(made: Zip, tmp_path: Path) -> None:
    assert page_in(made.path) == b"<p>the page</p>"
    (tmp_path / "other.zip").write_bytes(packed({"a": b""}))
    with pytest.raises(InputError, match="no zip of a dossier"):
        page_in(tmp_path / "other.zip")


def test_the_command_says_whether_it_holds(
    made: Zip, members: dict[str, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check_zip(made.path, made.seal) is True
    assert "it holds" in capsys.readouterr().out
    path = tmp_path / "changed.zip"
    path.write_bytes(packed(members | {"a\x1b[2J": b"added"}))
    assert check_zip(path) is False
    told = capsys.readouterr().out
    assert "was added" in told and "\x1b" not in told


def test_an_original_that_is_gone_or_changed_is_said_and_never_made_up(
    run: sk.Run, spoiled: Path, tmp_path: Path
) -> None:
    made = pack(run, tmp_path)
    assert verify_zip(made.path, seal=made.seal) == []
    assert (made.exhibits, made.lacking) == (8, 3)
    assert "3 of 8 exhibits are not in it" in made.sentences()[-1]
    members = read(made.path)
    rows = json.loads(members[MANIFEST])["exhibits"]
    assert [(row["number"], row["state"]) for row in rows if row["member"] is None] == [
        (3, "gone"), (4, "changed"), (5, "gone"),
    ]  # fmt: skip
    assert members["exhibits.txt"].decode().count("NOT IN THIS ZIP") == 3
    assert not any("message" in name for name in members)
    # and what moved is found by its name
    assert pack(run, tmp_path, folders=[spoiled]).lacking == 0


def test_an_order_that_only_a_message_names_has_its_mail(run: sk.Run, tmp_path: Path) -> None:
    members = read(pack(run, tmp_path, UNSEEN).path)
    assert b"Does it fit two?" in members["exhibits/001-message-from-the-buyer.mbox"]
