"""A configuration is read whole, and what is wrong in one is told with its line and key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sellerkit.config import Account, Answers, Imap, config_text, load
from sellerkit.errors import InputError
from sellerkit.report.places import folder_name

WHOLE = '''# a comment
timezone = "Europe/Berlin"
policy = """2018-10-01"""

[[account]]
name = "My shop"
marketplace = "de"
own_addresses = [
    "shop@example.com",
]
files = ["histories"]

[[account.fetch]]
kind = "imap"
host = "imap.example.com"
user = "shop@example.com"
since = 2026-01-01

[[account]]
name = "Other"
timezone = "America/New_York"
lake = "s3://bucket/lake"

[limits]
on_time_share = 0.9

[[publish]]
kind = "folder"
folder = "/srv/www"

[[tell]]
kind = "slack"
url_env = "HOOK"
'''


def written(folder: Path, text: str) -> Path:
    file = folder / "sellerkit.toml"
    file.write_text(text, "utf-8")
    return file


def test_a_file_gives_what_it_says_with_paths_from_its_own_folder(tmp_path: Path) -> None:
    config = load(written(tmp_path, WHOLE))
    first, other = config.accounts
    assert (first.name, first.marketplace, first.timezone) == ("My shop", "DE", "Europe/Berlin")
    assert first.files == [tmp_path / "histories"]
    assert (first.lake, other.lake) == (str(tmp_path / "lake"), "s3://bucket/lake")
    assert other.timezone == "America/New_York"
    assert config.reports.out == tmp_path / "reports"
    assert isinstance(first.fetch[0], Imap)
    assert list(config.variables()) == [("slack, HOOK", "HOOK")]
    assert config.pii_retention_days is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('timezone = "Europe/Berlin"', 'timezone = "Berlin"', "line 2, timezone: no such time"),
        ('marketplace = "de"', 'marketplace = "XX"', "line 7, account 1, marketplace: no such"),
        ('    "shop@', '    "shop', r"line 8, account 1, own_addresses 1: .* not of the form"),
        ("files =", "fles =", r"line 11, account 1, fles: there is no such key; near it: files"),
        ('host = "imap.example.com"\n', "", r"line 13, account 1, fetch 1, host: it is missing"),
        ('kind = "imap"', 'kind = "pop"', "line 13, account 1, fetch 1: kind is 'pop'; there are"),
        ("since = 2026-01-01", "since = 3", "line 17, account 1, fetch 1, since: .* and is 3"),
        ("on_time_share = 0.9", "on_time_share = 90", "line 25, limits, on_time_share: .*is 90"),
        ('name = "Other"', 'name = "my Shop"', "would have one folder"),
        ("[limits]", "[limit]", "line 24, limit: there is no such key; near it: limits"),
        ('url_env = "HOOK"', 'url = "https://h"', "tell 1: a secret does not belong .* url_env"),
        ("[limits]", "[limits", r"not a TOML file: .*line 24"),
    ],
)
def test_a_fault_is_told_with_its_file_line_and_key(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in WHOLE
    file = written(tmp_path, WHOLE.replace(old, new))
    with pytest.raises(InputError, match=f"^{re.escape(str(file))}[,:] .*{said}"):
        load(file)


def test_a_password_in_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    text = WHOLE.replace("since = 2026-01-01", 'password = "hunter2"')
    with pytest.raises(InputError, match='password_env = "NAME"') as told:
        load(written(tmp_path, text))
    assert "hunter2" not in str(told.value)


def test_a_secret_in_place_of_its_variable_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="url_env: it must be the name of an env") as told:
        load(written(tmp_path, WHOLE.replace('"HOOK"', '"https://hooks/T0/B0"')))
    assert "hooks" not in str(told.value)


def test_a_password_in_an_address_is_refused_and_not_repeated(tmp_path: Path) -> None:
    store = 'kind = "fsspec"\nurl = "sftp://me:hunter2@host/pages"'
    text = WHOLE.replace('kind = "folder"\nfolder = "/srv/www"', store)
    with pytest.raises(InputError, match="line 29, publish 1, url: .* options_env") as told:
        load(written(tmp_path, text))
    assert "hunter2" not in str(told.value)


def test_mail_goes_unencrypted_to_this_machine_only(tmp_path: Path) -> None:
    mail = 'kind = "mail"\nsender = "a@x.de"\nto = ["b@x.de"]\nencryption = "none"\nhost = '
    hook = 'kind = "slack"\nurl_env = "HOOK"'
    with pytest.raises(InputError, match=r"line \d+, tell 1.*: .*anybody on the way"):
        load(written(tmp_path, WHOLE.replace(hook, f'{mail}"smtp.x.de"')))
    for here in ("localhost", "127.0.0.1", "::1"):
        assert load(written(tmp_path, WHOLE.replace(hook, f'{mail}"{here}"'))).tell


def test_more_faults_are_counted(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\(and 1 more fault\)$"):
        load(written(tmp_path, WHOLE.replace('"Europe/Berlin"', '"X"').replace("0.9", "9")))


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a = [" * 5000, b"x" * 1_000_001, b"a\x00=1"])
def test_what_is_no_configuration_is_one_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "sellerkit.toml").write_bytes(data)
    with pytest.raises(InputError, match="sellerkit.toml"):
        load(tmp_path / "sellerkit.toml")


def test_an_account_has_the_folder_that_its_reports_have() -> None:
    for name in ("My shop", "a/b: c", "..", "Größe & Co."):
        assert Account(name=name).folder == folder_name(name)


def test_a_new_file_says_what_was_answered_and_can_be_read(tmp_path: Path) -> None:
    answers = Answers(
        account='Jo\'s "shop"\\ \x7f', files="a b", imap_host="imap.x.de", imap_user="me@x.de",
        amazon=True, publish_folder="web", smtp_host="smtp.x.de", mail_from="me@x.de",
        mail_to="you@x.de",
    )  # fmt: skip
    config = load(written(tmp_path, config_text(answers)))
    assert config.accounts[0].name == answers.account
    assert [source.kind for source in config.accounts[0].fetch] == ["imap", "amazon"]
    assert [target.kind for target in config.publish] == ["folder", "mail"]
    assert config.tell[0].to == ["you@x.de"]
    assert load(written(tmp_path, config_text(Answers()))).accounts[0].fetch == []


def test_every_commented_table_of_a_new_file_can_be_taken_in(tmp_path: Path) -> None:
    bare = re.sub(r"(?m)^# (?=\[\[|[a-z_]+ = )", "", config_text(Answers()))
    config = load(written(tmp_path, bare))
    assert [target.kind for target in config.publish] == ["folder", "fsspec", "mail"]
    assert config.pii_retention_days == 30
