"""What sellerkit says itself: a run of words that stands in its templates or rules is no leak."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from sellerkit.report.leaks.words import Hashes, Words

_PACKAGE = Path(__file__).parents[2]

#: The folders whose words reach a page. The sample shop is not among them: its mails are made up,
#: but a page that shows them would show real ones too.
_FOLDERS = ("audit", "draft", "measure", "policy", "report", "show")

_ENDINGS = (".py", ".html", ".j2", ".toml", ".js", ".css", ".ipynb")

#: Sentences in code run over several literals, and a line's end stands in a notebook as ``\n``.
_SEAMS = re.compile(r'"\s*\n\s*[rf]*"|\\n",?\s*\n\s*"|<[^<>]{0,400}>|\\[ntu"]')


@functools.cache
def own_words() -> Words:
    """Return the words of the package's templates, rules and sentences, file by file."""
    return Words.of([_SEAMS.sub(" ", path.read_text("utf-8")) for path in _files()])


@functools.cache
def own_runs(length: int) -> Hashes:
    """Return the hash of each run of so many words that sellerkit says itself."""
    return own_words().runs(length)


def _files() -> list[Path]:
    places = [_PACKAGE / name for name in _FOLDERS]
    places += [_PACKAGE.parent / "notebooks", _PACKAGE / "notebooks"]
    found = [path for place in places for path in place.rglob("*") if path.suffix in _ENDINGS]
    return sorted(path for path in found if path.parent.name != "vendor" and path.is_file())
