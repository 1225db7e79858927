"""Publishing: pages appear whole, the list of all runs after them, and then the oldest go."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from sellerkit.config import Fsspec, LocalFolder, Mail, PublishTarget
from sellerkit.deliver.mailed import mail_pages
from sellerkit.deliver.place import UNFINISHED, Folder, Place, explained, store
from sellerkit.errors import UsageError

#: A page of a day; anything else there is somebody else's.
_OF_A_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(_.*)?\.html")

_LINK = re.compile(r'<a\b[^>]*\bhref="([^"#:?]+\.html)"[^>]*>(.*?)</a>', re.DOTALL)


def publish(pages: Sequence[Path], root: Path, target: PublishTarget) -> list[str]:
    """Publish pages, and remove the oldest where more lie there than are kept.

    Parameters
    ----------
    pages : sequence of Path
    root : Path
        The folder of reports; pages lie in the target as they lie in it.
    target : PublishTarget
        `keep` is how many days of each report stay there.

    Returns
    -------
    list of str
        The addresses of those pages that are there now; of mail who got them.

    Raises
    ------
    UsageError
        A secret or a library is missing, or the folder is that of the reports themselves.
    DeliveryError
        The target cannot be reached or written; pages that got there before stay, whole, and the
        list of all runs there is the old one or the new one.
    """
    named = {path.relative_to(root).as_posix(): path for path in pages}
    if isinstance(target, Mail):
        return mail_pages(named, target)
    place, secrets = _place(target, root)
    try:
        return _put(named, place, target.keep)
    except Exception as error:  # each of the stores has errors of its own
        raise explained(error, target.name, secrets) from None


def _place(target: LocalFolder | Fsspec, root: Path) -> tuple[Place, list[str]]:
    if isinstance(target, Fsspec):
        return store(target)
    if target.folder.resolve() == root.resolve():
        raise UsageError(f"{target.name}: the reports are made there; name another folder")
    return Folder(target.folder), []


def _put(named: Mapping[str, Path], place: Place, keep: int) -> list[str]:
    """Put the pages, the list of all runs last, and only then remove what it links no more."""
    lists = [name for name in named if "/" not in name]
    there = _Folders(place)
    going = _old([*named, *there.in_all(map(_folder, named))], keep)
    addresses = []
    for name in sorted(set(named) - set(lists) - going):
        addresses.append(place.put(name, named[name].read_bytes()))
        there.add(name)
    for name in lists:
        text = named[name].read_text("utf-8")
        shown = _linked(text, lambda page: page not in going and page in there)
        addresses.append(place.put(name, shown.encode()))
    for name in sorted(going):
        if name in there:
            place.remove(name)
    return addresses


class _Folders:
    """What lies in a place: each folder is listed once, when it is asked for."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._names: dict[str, set[str]] = {}

    def _in(self, folder: str) -> set[str]:
        if folder not in self._names:
            self._names[folder] = set(self._place.names(folder))
        return self._names[folder]

    def in_all(self, folders: Iterable[str]) -> list[str]:
        """Return what lies in some folders; what a killed run left half done is removed."""
        found = []
        for folder in dict.fromkeys(folders):
            for name in sorted(self._in(folder)):
                path = f"{folder}/{name}" if folder else name
                if name.startswith(UNFINISHED):
                    self._place.remove(path)
                else:
                    found.append(path)
        return found

    def add(self, path: str) -> None:
        """Note that a page was put."""
        self._in(_folder(path)).add(PurePosixPath(path).name)

    def __contains__(self, path: str) -> bool:
        return PurePosixPath(path).name in self._in(_folder(path))


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _old(names: Iterable[str], keep: int) -> set[str]:
    """Return the pages of all but the newest days of each report."""
    days: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name in names:
        if "/" in name and (found := _OF_A_DAY.fullmatch(PurePosixPath(name).name)):
            days[_folder(name)][found[1]].append(name)
    return {
        name for by_day in days.values() for day in sorted(by_day)[:-keep] for name in by_day[day]
    }


def _linked(text: str, is_there: Callable[[str], bool]) -> str:
    """Return a list of runs in which only what is there is a link: others may keep fewer pages."""

    def shown(link: re.Match[str]) -> str:
        return link[0] if is_there(unquote(html.unescape(link[1]))) else link[2]

    return _LINK.sub(shown, text)
