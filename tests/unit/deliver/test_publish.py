"""Pages appear whole, the list of runs after them, and only as many stay as shall be kept."""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import receivers
from receivers import USER

from sellerkit.config import Fsspec, LocalFolder, Mail
from sellerkit.deliver import mailed, place
from sellerkit.deliver.publish import publish
from sellerkit.errors import DeliveryError, UsageError

ACCOUNT = "Fisch & Söhne"


def written(root: Path, *days: int, report: str = "due") -> list[Path]:
    """Write pages and the list that links them all, as `run` does."""
    folder = root / ACCOUNT / report
    folder.mkdir(parents=True, exist_ok=True)
    pages = [folder / f"2026-10-{day:02}.html" for day in days]
    for page in pages:
        page.write_text(f"<p>{page.stem}")
    there = sorted(folder.glob("*.html"))
    account = "Fisch%20%26%20S%C3%B6hne"
    links = "".join(f'<a href="{account}/{report}/{p.name}">{p.stem}</a>\n' for p in there)
    (root / "index.html").write_text(f'<a href="#main">List</a>\n{links}')
    return [*pages, root / "index.html"]


def links_of(index: str) -> list[str]:
    return re.findall(r'href="[^"#]+/([^"/]+)\.html"', index)


class Bucket:
    """A bucket in an object store, and what was asked of it."""

    def __init__(self, target: Fsspec, files: Any) -> None:
        self.target, self.files = target, files

    def names(self) -> list[str]:
        root = self.target.url.partition("://")[2]
        return sorted(name.removeprefix(root) for name in self.files.find(root))

    def text(self, name: str) -> str:
        return self.files.cat_file(self.target.url.partition("://")[2] + name).decode()


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    receivers.need("moto", "s3fs", "flask_cors")
    import logging

    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture(scope="module")
def made(s3: str) -> Bucket:
    import s3fs

    files = s3fs.S3FileSystem(
        key="k", secret="s", endpoint_url=s3, use_listings_cache=False, skip_instance_cache=True
    )
    files.mkdir("bucket")
    named = {"key": "STORE_KEY", "secret": "STORE_SECRET"}
    return Bucket(
        Fsspec(
            kind="fsspec",
            url="s3://bucket/reports",
            options={"endpoint_url": s3},
            options_env=named,
            keep=2,
        ),
        files,
    )


@pytest.fixture
def bucket(made: Bucket, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    monkeypatch.setenv("STORE_KEY", "key-canary-1")
    monkeypatch.setenv("STORE_SECRET", "secret-canary-2")
    return made


def test_a_folder_gets_pages_whole_and_keeps_so_many(tmp_path: Path) -> None:
    root, web = tmp_path / "reports", tmp_path / "web"
    target = LocalFolder(kind="folder", folder=web, keep=2)
    (web / ACCOUNT / "due").mkdir(parents=True)
    for name in ("2020-01-01.txt", "mine-2020-01-01.html", ".writing-x"):
        (web / ACCOUNT / "due" / name).touch()
    (web / "2020-01-01.html").touch()
    found = publish(written(root, 1, 2), root, target)
    assert found == [str(web / ACCOUNT / "due" / f"2026-10-0{day}.html") for day in (1, 2)] + [
        str(web / "index.html")
    ]
    found = publish(written(root, 3), root, target)
    # the index here links all three; there only those that are there
    assert links_of((root / "index.html").read_text()) == [f"2026-10-0{day}" for day in (1, 2, 3)]
    assert links_of((web / "index.html").read_text()) == ["2026-10-02", "2026-10-03"]
    assert "2026-10-01\n" in (web / "index.html").read_text()
    assert sorted(path.relative_to(web).as_posix() for path in web.rglob("*.*")) == [
        "2020-01-01.html",
        f"{ACCOUNT}/due/2020-01-01.txt",
        f"{ACCOUNT}/due/2026-10-02.html",
        f"{ACCOUNT}/due/2026-10-03.html",
        f"{ACCOUNT}/due/mine-2020-01-01.html",
        "index.html",
    ]
    # a page of long ago that comes now would go at once: it is not put
    assert publish(written(root, 1), root, target) == [str(web / "index.html")]


def test_the_reports_themselves_are_no_target(tmp_path: Path) -> None:
    pages = written(tmp_path, 1, 2)
    with pytest.raises(UsageError, match="the reports are made there"):
        publish(pages, tmp_path, LocalFolder(kind="folder", folder=tmp_path / "x" / "..", keep=1))
    assert all(page.is_file() for page in pages)


@pytest.mark.parametrize("fails_at", range(4))
def test_where_publishing_breaks_no_link_leads_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    root, web = tmp_path / "reports", tmp_path / "web"
    target = LocalFolder(kind="folder", folder=web, keep=2)
    publish(written(root, 1, 2), root, target)
    calls: list[str] = []
    put, remove = place.Folder.put, place.Folder.remove

    def fail(name: str) -> None:
        calls.append(name)
        if len(calls) == fails_at:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(place.Folder, "put", lambda s, n, d: (fail(n), put(s, n, d))[1])
    monkeypatch.setattr(place.Folder, "remove", lambda s, n: (fail(n), remove(s, n))[1])
    pages = written(root, 3)
    if fails_at:
        with pytest.raises(DeliveryError, match=f"folder {web}: No space left on device; what"):
            publish(pages, root, target)
    else:
        publish(pages, root, target)
        assert [name.rpartition("/")[2] for name in calls] == [
            "2026-10-03.html", "index.html", "2026-10-01.html",
        ]  # fmt: skip
    shown = links_of((web / "index.html").read_text())
    there = {path.stem for path in (web / ACCOUNT / "due").iterdir()}
    assert set(shown) <= there
    assert shown


def test_an_object_store_gets_them_as_html(bucket: Bucket, tmp_path: Path) -> None:
    root = tmp_path / "reports"
    half = f"{bucket.target.url[5:]}/{ACCOUNT}/due/.writing-2026-10-01.html"
    bucket.files.pipe_file(half, b"<p>ha")
    publish(written(root, 1, 2), root, bucket.target)
    found = publish(written(root, 3), root, bucket.target)
    assert found == [
        f"{bucket.target.url}/{ACCOUNT}/due/2026-10-03.html", f"{bucket.target.url}/index.html"
    ]  # fmt: skip
    assert bucket.names() == [
        f"/{ACCOUNT}/due/2026-10-02.html", f"/{ACCOUNT}/due/2026-10-03.html", "/index.html"
    ]  # fmt: skip
    assert bucket.text(f"/{ACCOUNT}/due/2026-10-03.html") == "<p>2026-10-03"
    assert links_of(bucket.text("/index.html")) == ["2026-10-02", "2026-10-03"]
    assert bucket.files.info(f"{bucket.target.url[5:]}/index.html")["ContentType"] == "text/html"
    newest = root / ACCOUNT / "due" / "2026-10-03.html"
    newest.write_text("<p>again")
    publish([newest], root, bucket.target)
    assert bucket.text(f"/{ACCOUNT}/due/2026-10-03.html") == "<p>again"


def test_errors_of_a_store_tell_no_secret(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chain: Callable
) -> None:
    root = tmp_path / "reports"
    pages = written(root, 1)
    lost = bucket.target.model_copy(update={"url": "s3://there-is-none/reports"})
    with pytest.raises(DeliveryError, match="store s3://there-is-none/reports: .*bucket") as told:
        publish(pages, root, lost)
    assert bucket.files.ls("") == ["bucket"]
    assert "canary" not in chain(told.value)
    import s3fs

    def leak(*words: object, **named: object) -> None:
        raise RuntimeError("signed with secret-canary-2\nfor key-canary-1")

    monkeypatch.setattr(s3fs.S3FileSystem, "put_file", leak)
    with pytest.raises(DeliveryError, match="signed with … for …; what is missing") as told:
        publish(pages, root, bucket.target)
    assert "canary" not in chain(told.value)
    monkeypatch.delenv("STORE_SECRET")
    with pytest.raises(UsageError, match="STORE_SECRET is not set"):
        publish(pages, root, bucket.target)


def test_a_library_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    receivers.need("fsspec")
    pages = written(tmp_path, 1)
    for url, said in (
        ("webdav://x/y", r"one library more is needed: pip install webdav4\[fsspec\]"),
        ("nothing://x", "fsspec knows no such store"),
    ):
        with pytest.raises(UsageError, match=f"store {url}: {said}"):
            publish(pages, tmp_path, Fsspec(kind="fsspec", url=url))
    real = builtins.__import__

    def without(name: str, *words: Any, **named: Any) -> Any:
        if name.startswith(("fsspec", "s3fs")):
            raise ImportError(name)
        return real(name, *words, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(
        UsageError, match=r"s3://b: one library more .*: pip install sellerkit\[s3\]"
    ):
        publish(pages, tmp_path, Fsspec(kind="fsspec", url="s3://b"))


@pytest.fixture
def mail(certified: Path) -> Iterator[tuple[Mail, receivers.Inbox]]:
    with receivers.mail_server(data_size_limit=200_000) as inbox:
        to = ["me@seller.example"]
        named = {"sender": USER, "to": to, "encryption": "none", "port": inbox.port}
        yield Mail(kind="mail", host="127.0.0.1", **named), inbox


def test_pages_come_by_mail_in_as_many_as_fit(
    mail: tuple[Mail, receivers.Inbox], tmp_path: Path
) -> None:
    target, inbox = mail
    pages = written(tmp_path, 1, 2, 3)[:-1]
    for page in pages:
        page.write_text("x" * 50_000)
    assert publish(pages, tmp_path, target) == ["mail to me@seller.example: 3 pages"]
    subjects = [got["Subject"] for _, got in inbox.mails]
    assert subjects == [
        f"sellerkit: 3 pages, 2026-10-03, part {number} of 2" for number in (1, 2)
    ]  # fmt: skip
    attached = [part.get_filename() for _, got in inbox.mails for part in got.iter_attachments()]
    assert attached == [f"{ACCOUNT}, due, 2026-10-0{day}.html" for day in (1, 2, 3)]
    pages[0].write_text("x" * 150_000)
    inbox.mails.clear()
    with pytest.raises(DeliveryError, match="150,000 bytes are more than fits into a mail"):
        publish(pages, tmp_path, target)
    assert not inbox.mails


def test_or_linked(mail: tuple[Mail, receivers.Inbox], tmp_path: Path) -> None:
    target, inbox = mail
    pages = written(tmp_path, 1)[:-1]
    for link, address in (
        ("https://shop.example/r/", "https://shop.example/r/Fisch%20%26%20S%C3%B6hne/due/2026-10"),
        ("", str(pages[0])),
    ):
        inbox.mails.clear()
        publish(pages, tmp_path, target.model_copy(update={"attach": False, "link": link}))
        ((_, got),) = inbox.mails
        assert address in got.get_content()
        assert not list(got.iter_attachments())
    assert mailed.MOST <= 25_000_000
