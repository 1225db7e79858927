"""Where pages are published: a folder of this machine, or any store that fsspec knows."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from sellerkit.config import Fsspec
from sellerkit.config.stores import LIBRARIES
from sellerkit.deliver.password import options_of
from sellerkit.deliver.words import redacted
from sellerkit.errors import DeliveryError, SellerkitError, UsageError
from sellerkit.report.writing import write_whole

#: What a page is called while it is written.
UNFINISHED = ".writing-"

#: Stores without folders: to make one there would make a bucket of a mistyped name.
_OF_OBJECTS = {"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oss", "oci"}


class Place(Protocol):
    """A place for pages; names in it are relative, with slashes."""

    def put(self, name: str, data: bytes) -> str:
        """Put a page in its place, whole, and return its address."""

    def names(self, folder: str) -> list[str]:
        """Return the names of the files in a folder; of one that is not there none."""

    def remove(self, name: str) -> None:
        """Remove a file."""


class Folder:
    """A folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, data: bytes) -> str:
        """Write beside its place, then rename."""
        path = self._folder / name
        write_whole(path, data)
        return str(path)

    def names(self, folder: str) -> list[str]:
        """Return the names of the files."""
        place = self._folder / folder
        return [p.name for p in place.iterdir() if p.is_file()] if place.is_dir() else []

    def remove(self, name: str) -> None:
        """Remove a file."""
        (self._folder / name).unlink(missing_ok=True)


class Store:
    """A store of fsspec's.

    Raises
    ------
    UsageError
        Its library is missing, or fsspec knows no such store.
    """

    def __init__(self, target: Fsspec, secrets: dict[str, str]) -> None:
        self._url = target.url.rstrip("/")
        self._scheme = self._url.partition("://")[0]
        # what lies there is asked for, not remembered from a run before
        fresh = {"use_listings_cache": False, "skip_instance_cache": True}
        try:
            from fsspec.core import url_to_fs

            self._files, self._root = url_to_fs(
                self._url, **{**fresh, **target.options, **secrets}
            )  # fmt: skip
        except ImportError:
            library = LIBRARIES.get(self._scheme, f"fsspec[{self._scheme}]")
            raise UsageError(
                f"{target.name}: one library more is needed: pip install {library}"
            ) from None
        except ValueError as error:
            if "Protocol not known" in str(error):
                raise UsageError(f"{target.name}: fsspec knows no such store") from None
            raise

    def put(self, name: str, data: bytes) -> str:
        """Write under a name that no page links to, then move; an object appears whole anyway."""
        final = f"{self._root}/{name}"
        folder, _, file = final.rpartition("/")
        unfinished = f"{folder}/{UNFINISHED}{file}"
        if self._scheme not in _OF_OBJECTS:
            self._files.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryDirectory() as here:
            # the store goes by the name of the file when it notes that it is HTML
            page = Path(here) / PurePosixPath(name).name
            page.write_bytes(data)
            self._files.put_file(str(page), unfinished)
        self._files.mv(unfinished, final)
        return f"{self._url}/{name}"

    def names(self, folder: str) -> list[str]:
        """Return the names of the files."""
        try:
            rows = self._files.ls(f"{self._root}/{folder}".rstrip("/"), detail=True)
        except FileNotFoundError:
            return []
        return [row["name"].rpartition("/")[2] for row in rows if row["type"] == "file"]

    def remove(self, name: str) -> None:
        """Remove a file."""
        self._files.rm_file(f"{self._root}/{name}")


def store(target: Fsspec) -> tuple[Store, list[str]]:
    """Return a store, and the secrets that shall stand in no error."""
    secrets = options_of(target)
    hidden = [*secrets.values(), *(v for v in target.options.values() if isinstance(v, str))]
    try:
        return Store(target, secrets), hidden
    except Exception as error:
        raise explained(error, target.name, hidden) from None


def explained(error: Exception, name: str, secrets: list[str]) -> SellerkitError:
    """Return any error of a place as one sentence without a secret."""
    if isinstance(error, SellerkitError):
        return error
    words: Any = getattr(error, "strerror", None) or error
    said = redacted(str(words), secrets) or type(error).__name__
    return DeliveryError(f"{name}: {said}; what is missing there is published by the next run")
