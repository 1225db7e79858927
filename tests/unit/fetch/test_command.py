"""`sellerkit fetch imap`: what is asked wrongly is said before anything is opened or written."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from typer.exceptions import TyperException

from sellerkit.cli import app
from sellerkit.errors import UsageError

LAKE = ["--lake", "L", "--account", "A"]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ([], "--lake and --account say where"),
        (LAKE, "no password for me@mail.invalid: set SELLERKIT_IMAP_PASSWORD"),
        (["--lake", "s3://b/l", "--account", "A"], "--keep: the lake is far away"),
        ([*LAKE, "--since", "May"], "--since May: this is no day such as 2026-01-31"),
        ([*LAKE, "--marketplace", "XX"], "--marketplace XX: no such store; there are "),
        ([*LAKE, "--encryption", "none"], "mail.invalid is another machine"),
        ([*LAKE, "--encryption", "ssl"], "--encryption ssl: there are tls, starttls, none"),
        (["--list-folders"], "no password for me@mail.invalid"),
        ([*LAKE, "--password", "secret"], "No such option: --password"),
    ],
)
def test_usage_errors(
    more: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "keyring", None)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    for name in ("SELLERKIT_IMAP_PASSWORD", "SELLERKIT_IMAP_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises((UsageError, TyperException)) as raised:
        app(["fetch", "imap", "mail.invalid", "--user", "me", *more], standalone_mode=False)
    assert sentence in str(getattr(raised.value, "message", raised.value))
    assert not list(tmp_path.iterdir())
