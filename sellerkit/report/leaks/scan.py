"""The last look at a page before it is published: no words of buyers, nor who they are.

Whatever went wrong before, a slip in a template or a chart's label, is found here. The page is
small and the lake is large: so the page's own runs of words are put into a set, and the lake is
looked through once, batch by batch.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sellerkit import tables
from sellerkit.errors import ReportError
from sellerkit.lake import QUARANTINE, Lake
from sellerkit.lake.stream import batches
from sellerkit.report.leaks.own import own_runs
from sellerkit.report.leaks.people import (
    NAME_LENGTHS,
    RELAY,
    before_names,
    mail_addresses,
    names_in,
    postal_addresses,
    telling,
)
from sellerkit.report.leaks.shown import Shown, read_shown
from sellerkit.report.leaks.words import Hashes, Lookup, Words, fold

#: So many words in a row of a message are its text, and no accident …
RUN = 8

#: … when at least so many of them are words: "1 2 3 4 5 6 7 8" is in many a table.
_LETTERED = 5

#: Where people write what they like. Quarantine holds whole lines and mails.
_TEXTS = (
    (tables.MESSAGES, ("subject", "body")),
    (tables.CALLS, ("purpose", "notes")),
    (tables.RETURNS, ("reason",)),
    (tables.ORDERS, ("cancel_reason",)),
    (QUARANTINE, ("raw",)),
)

#: Letters that are looked at in one go.
_CHUNK = 1 << 19

_IDS = ((tables.MESSAGES, "buyer_id"), (tables.MAILS, "buyer_id"))

TEXT, ID, NAME = "words of a message", "a buyer’s id", "a buyer’s name"
RELAYED, MAIL, POSTAL = "a relay address", "a mail address", "a postal address"


@dataclass(frozen=True, order=True)
class Leak:
    """What kind of thing was found, and in which section; never the thing itself."""

    section: str
    kind: str


@dataclass
class _Wanted:
    """Runs of the page that are looked for in the lake, by their length, and where they stand."""

    shown: Shown
    streams: list[Words]
    own: dict[int, Hashes] = field(default_factory=dict)
    lookups: dict[int, Lookup] = field(default_factory=dict)

    def lookup(self, length: int) -> Lookup:
        """Return the page's runs of a length that sellerkit does not say itself."""
        if length not in self.lookups:
            runs = np.concatenate([words.runs(length) for words in self.streams])
            if length == RUN:
                counts = np.concatenate([words.lettered_in(RUN) for words in self.streams])
                runs = runs[counts >= _LETTERED]
            said = np.concatenate([own_runs(length), self.own.get(length, runs[:0])])
            self.lookups[length] = Lookup(np.setdiff1d(runs, said))
        return self.lookups[length]

    def sections(self, length: int, found: Hashes) -> set[str]:
        """Return the sections of the page in which some runs stand."""
        wanted, names = Lookup(found), set()
        for words, texts in zip(self.streams, self.shown.streams, strict=True):
            for place in wanted.places(words.runs(length)):
                names.add(texts[words.texts[place]][0])
        return names


def leaks(
    page: str,
    lake: Lake,
    *,
    texts: bool = False,
    names: bool = False,
    own: Iterable[str] = (),
    scripts: Iterable[str] = (),
) -> list[Leak]:
    """Look through a finished page for what buyers wrote and who they are.

    Parameters
    ----------
    page : str
        HTML, whole.
    lake : Lake
        All accounts of it are looked at, and all instants.
    texts, names : bool
        The page was asked for with message texts, or with buyers' names: these are not looked for.
    own : iterable of str
        What the page says of itself: the account's label, the rules of the user's policy file, a
        draft made for it. A run of words that stands there is no leak.
    scripts : iterable of str
        The page's own scripts.

    Returns
    -------
    list of Leak
        By section and kind; empty where nothing was found.

    Notes
    -----
    A text is found by any eight words in a row of which five begin with a letter; ids, names and
    addresses by all of their words. Not found: what was said in fewer words, an id of under six
    letters, a first name alone, words inside a picture.
    """
    if texts and names:
        return []
    wanted = _wanted(page, own, scripts)
    found: set[Leak] = set()
    if not names:
        found |= _relayed(wanted.shown) | _ids(wanted, lake)
    found |= _told(wanted, lake, texts=texts, names=names)
    return sorted(found)


def refuse_leaks(
    page: str,
    lake: Lake,
    *,
    name: str,
    texts: bool = False,
    names: bool = False,
    own: Iterable[str] = (),
    scripts: Iterable[str] = (),
) -> None:
    """Refuse to publish a page that holds what it was not asked to show; see `leaks`.

    Raises
    ------
    ReportError
        Says which kinds of things were found and in which sections, not what they were.
    """
    found = leaks(page, lake, texts=texts, names=names, own=own, scripts=scripts)
    if found:
        said = ", ".join(f"{leak.kind} in {leak.section}" for leak in found[:4])
        more = f" and {len(found) - 4} more" if len(found) > 4 else ""
        raise ReportError(
            f"{name} is not published: the finished page holds {said}{more}; if that is wanted, ask"
            " for it with --with-texts or --with-names, else mend the notebook’s cell that shows it"
        )


def _wanted(page: str, own: Iterable[str], scripts: Iterable[str]) -> _Wanted:
    shown = read_shown(page, without=scripts)
    streams = [Words.of([text for _, text in stream]) for stream in shown.streams]
    told = Words.of(list(own))
    said = {length: told.runs(length) for length in range(1, RUN + 1)}
    return _Wanted(shown, streams, said)


def _relayed(shown: Shown) -> set[Leak]:
    return {
        Leak(section, RELAYED)
        for stream in shown.streams
        for section, text in stream
        if RELAY in fold(text)
    }


def _ids(wanted: _Wanted, lake: Lake) -> set[Leak]:
    """Look for the buyer ids of the lake: the local parts of aliases, ids of a helpdesk."""
    found: set[Leak] = set()
    for table, column in _IDS:
        for batch in batches(lake, table, [column]):
            ids = pc.unique(batch.column(0)).drop_null().to_pylist()
            words = Words.of([each for each in ids if telling(each)])
            for length, runs in _whole(words):
                hits = runs[wanted.lookup(length).places(runs)]
                found |= {Leak(section, ID) for section in wanted.sections(length, hits)}
    return found


def _whole(words: Words) -> Iterator[tuple[int, Hashes]]:
    """Yield each text as one run: those of one word, those of two, …, and the first eight words."""
    starts = np.flatnonzero(np.diff(words.texts, prepend=-1))
    counts = np.diff(np.append(starts, len(words.texts)))
    for length in np.unique(np.minimum(counts, RUN)).tolist():
        fits = counts == length if length < RUN else counts >= RUN
        yield length, words.runs(length)[starts[fits]]


def _told(wanted: _Wanted, lake: Lake, *, texts: bool, names: bool) -> set[Leak]:
    """Look for the words of messages, and for names and addresses that stand in them."""
    addresses = _addresses(wanted) if not names else {}
    found: dict[tuple[str, int], list[Hashes]] = {}
    for rows in _rows(lake):
        words = Words.of(rows)
        if not texts:
            runs = words.runs(RUN)[words.within(RUN)]
            _keep(found, TEXT, RUN, runs[wanted.lookup(RUN).places(runs)])
        for (kind, length), lookup in addresses.items():
            runs = words.runs(length)
            _keep(found, kind, length, runs[lookup.places(runs)])
        if not names:
            for length in NAME_LENGTHS:
                _keep(found, NAME, length, _names(wanted, words, rows, length))
    return {
        Leak(section, kind)
        for (kind, length), hits in found.items()
        for section in wanted.sections(length, np.concatenate(hits))
    }


def _keep(found: dict[tuple[str, int], list[Hashes]], kind: str, length: int, hits: Hashes) -> None:
    if len(hits):
        found.setdefault((kind, length), []).append(np.unique(hits))


def _rows(lake: Lake) -> Iterator[Sequence[str]]:
    for table, columns in _TEXTS:
        for batch in batches(lake, table, columns):
            for column in batch.columns:
                yield from _chunks(column.drop_null())


def _chunks(texts: pa.Array) -> Iterator[Sequence[str]]:
    """Yield texts by so many letters as the processor keeps at hand."""
    letters = np.cumsum(pc.binary_length(texts).to_numpy(zero_copy_only=False)) // _CHUNK
    cuts = np.flatnonzero(np.diff(letters, prepend=-1))
    for start, end in zip(cuts, np.append(cuts, len(texts))[1:], strict=True):
        yield texts.slice(start, end - start).to_pylist()


def _addresses(wanted: _Wanted) -> dict[tuple[str, int], Lookup]:
    """Return the addresses that the page shows: of each the lake is asked whether it knows it."""
    runs: dict[tuple[str, int], list[Hashes]] = {}
    texts = [text for stream in wanted.shown.streams for _, text in stream]
    for kind, addresses in ((MAIL, mail_addresses), (POSTAL, postal_addresses)):
        told = Words.of([each for text in texts for each in addresses(text)])
        for length, hashes in _whole(told):
            _keep(runs, kind, length, hashes[wanted.lookup(length).places(hashes)])
    return {
        (kind, length): Lookup(np.concatenate(hashes)) for (kind, length), hashes in runs.items()
    }


def _names(wanted: _Wanted, words: Words, rows: Sequence[str], length: int) -> Hashes:
    """Return the runs of the page that a text tells as a name: after a greeting, or at its end.

    Hashes keep no capitals: where a run stands in such a place, its text is read.
    """
    runs = words.runs(length)
    after = _cues().places(words.hashes) + 1
    last = np.flatnonzero(np.diff(words.texts, append=-1)) + 1 - length
    places = np.union1d(after, last)
    places = places[(places >= 0) & (places < len(runs))]
    hits = places[wanted.lookup(length).places(runs[places])]
    told = [
        place
        for place in hits.tolist()
        if any(_run(name) == runs[place] for name in names_in(rows[words.texts[place]]))
    ]
    return runs[np.array(told, dtype=np.int64)]


@functools.cache
def _cues() -> Lookup:
    return Lookup(Words.of(before_names()).hashes)


@functools.lru_cache(maxsize=1 << 16)
def _run(name: tuple[str, ...]) -> np.uint64:
    return Words.of([" ".join(name)]).runs(len(name))[0]
