"""Pseudonyms: keyed, stable while histories grow, told apart where letters meet."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from sellerkit.errors import InputError
from sellerkit.lake import Lake
from sellerkit.lake import key as keys
from sellerkit.lake.key import KEY_FILE, pseudonym_key
from sellerkit.report import pseudonyms as module
from sellerkit.report.pseudonyms import Pseudonyms

KEY = bytes(range(32))


def messages(count: int, account: str = "shop") -> pd.DataFrame:
    days = pd.date_range("2025-01-01", periods=count, freq="min", tz="UTC")
    ids = [f"buyer-{n}" for n in range(count)]
    return pd.DataFrame({"account": account, "buyer_id": ids, "sent_at": days})


def test_a_pseudonym_is_four_letters_and_tells_nothing():
    names = Pseudonyms(messages(50), KEY)
    assert len(names) == 50 == len(set(names.values()))
    assert all(len(name) == len("Buyer K7Q2") for name in names.values())
    assert names == Pseudonyms(messages(50), KEY)


def test_another_key_and_another_account_give_other_names():
    one = set(Pseudonyms(messages(50), KEY).values())
    assert not one & set(Pseudonyms(messages(50), bytes(32)).values())
    assert not one & set(Pseudonyms(messages(50, "other"), KEY).values())


@pytest.fixture
def few_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LETTERS", 1)


@pytest.mark.usefixtures("few_letters")
def test_who_meets_an_earlier_one_gets_a_longer_name_and_nobody_else_changes():
    rows = messages(300)
    names = Pseudonyms(rows, KEY)
    assert len(set(names.values())) == 300
    assert max(map(len, names.values())) > len("Buyer K")
    mixed = Pseudonyms(rows.sample(frac=1, random_state=1), KEY)
    assert mixed == names
    for count in (1, 40, 299):
        earlier = Pseudonyms(rows.head(count), KEY)
        assert all(names[buyer] == name for buyer, name in earlier.items())
    others = pd.concat([rows, messages(100, "other")])
    assert all(Pseudonyms(others, KEY)[buyer] == name for buyer, name in names.items())


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path):
    key = pseudonym_key(str(tmp_path))
    assert len(key) == 32 and pseudonym_key(f"file://{tmp_path}") == key
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600


def test_many_that_make_it_at_once_get_the_same(tmp_path: Path):
    ready, found = threading.Barrier(8), []

    def make() -> None:
        ready.wait()
        found.append(pseudonym_key(str(tmp_path)))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and len(set(found)) == 1
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_a_file_system_without_links_has_a_key_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def none(*_: object) -> None:
        raise OSError(keys.errno.ENOTSUP, "no links here")

    monkeypatch.setattr(Path, "hardlink_to", none)
    assert pseudonym_key(str(tmp_path)) == pseudonym_key(str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_an_object_store_keeps_it_as_a_table_that_is_none_of_the_lake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # what a local folder answers to Delta Lake under an address, an object store answers too
    monkeypatch.setattr(keys, "_folder", lambda address: None)
    address = f"file://{tmp_path}"
    key = pseudonym_key(address)
    assert len(key) == 32 and pseudonym_key(address) == key
    with monkeypatch.context() as late:
        # another made it between the look and the writing
        late.setattr(keys, "_from_table", lambda place: _second(place))
        assert pseudonym_key(address) == key
    assert Lake.open_or_new(address).version == 0


def _second(place: str) -> str:
    with pytest.raises(keys.DeltaError):
        keys.write_deltalake(place, pa.table({"key": ["00" * 32]}), mode="error")
    return keys._row(place)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the owner may do anything")
def test_a_lake_that_may_only_be_read_says_so(tmp_path: Path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="key of the pseudonyms cannot be read or made"):
        pseudonym_key(str(tmp_path))


def test_a_lake_that_cannot_be_written_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(keys, "_write", refused)
    with pytest.raises(InputError, match=r"Permission denied.*may write to the lake"):
        pseudonym_key(str(tmp_path))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["", "no key", "ab" * 16])
def test_a_damaged_key_is_no_key(text: str, tmp_path: Path):
    (tmp_path / KEY_FILE).write_text(text, "utf-8")
    with pytest.raises(InputError, match="is no key"):
        pseudonym_key(str(tmp_path))
