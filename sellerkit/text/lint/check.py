"""What in a seller's messages breaks the rules, and exactly where."""

from __future__ import annotations

import functools
from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sellerkit.text.lint import signs, weighing
from sellerkit.text.lint.addresses import addresses, shaped
from sellerkit.text.lint.folding import Folded, fold_with_places, folded_alike
from sellerkit.text.lint.phones import phone_numbers
from sellerkit.text.lint.places import Place, frame_of, placed, whole
from sellerkit.text.lint.wording import Words, first_places, holds, may_break, searched_in, words

#: A message through Amazon has at most 4,000 characters; a longer text is read so far.
LONGEST = 20_000

#: How many texts are remembered with their numbers and addresses: templates come again and again.
_KEPT = 1024

#: The rules that are told from the words, in the order of rules.md.
_WORDED = ("incentive", "review_pressure", "marketing", "asks_to_cancel")

#: An at sign, or what is written for one; a dot in a name, or what is written for one.
_MAY_MAIL = (
    "[@＠]|(?i)[\\[(<{]\\s?(at|ät|aet)\\s?[\\])>}]|アット"
    "|\\s(ät|aet|arobase|arroba|chiocciola|apenstaartje)\\s"
)
_DOT = "(dot|punkt|point|punto|punt|ponto)"
_MAY_LINK = "|".join(
    [
        "(?i):[/\\\\]{2}", "[a-z0-9\u00c0-\u024f][.．][a-z]{2}", "．", "ドット", "www\\s?\\.",
        f"[\\[(<{{]\\s?{_DOT}\\s?[\\])>}}]", "[a-z0-9]\\s\\.\\s?[a-z]{2}",
        f"\\s{_DOT}\\s(com|net|org|eu|info|shop|store|de|fr|it|es|nl|uk|jp|io|co)\\b",
        f"\\s{_DOT}\\s[a-z]{{2,3}}\\s(barra|slash|schr[aä]gstrich)\\s",
    ]
)  # fmt: skip
_MAY_PHONE = (
    r"[0-9０-９](?:[\s().\-/‐‑–—−ー－]{0,3}[0-9０-９]){6}"
    r"|(?i)\b(?:(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|null|eins|zw[eo]i?|drei|vier|f.nf|sechs"
    r"|sieben|acht|neun|z.ro|un|deux|trois|quatre|cinq|sept|huit|neuf|dix|onze|douze|cero|uno|dos|tres|cuatro|cinco|seis"
    r"|siete|ocho|nueve|due|tre|quattro|cinque|sei|sette|otto|nove|nul|een|twee|drie|vijf|zes|zeven|negen)[\s,./-]{1,3}){2}"
    r"|[〇零一二三四五六七八九](?:[-ー－の・,、 ]?[〇零一二三四五六七八九]){8}"
)
_ORDERS = r"[0-9]{3}[-‐‑–—−ー ][0-9]{7}[-‐‑–—−ー ][0-9]{7}"


def lint(messages: pd.DataFrame) -> pd.DataFrame:
    """Find in seller messages every place that breaks a rule which a text alone can break.

    Parameters
    ----------
    messages : pd.DataFrame
        `subject`, `body` (``str``, null where absent), `language` (ISO 639-1, null where unknown),
        `marketplace` (country code or null), `proactive` (``bool``: no buyer asked for it). Any
        index. Of a body the first `LONGEST` characters are read.

    Returns
    -------
    pd.DataFrame
        `row` (position in `messages`), `rule`, `severity`, `excerpt`, `start`, `end` (character
        offsets in the body; -1 both where it is in the subject or about the whole message), `why`
        (one sentence). By row, in the order of the rules, by place. At most one place of a worded
        rule for each language that the text is searched in.

    Source
    ------
    rules.md, Messages that break the rules.
    """
    return _breaks(_Reading(messages))


def lint_with_requests(messages: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what `lint` and what `review_requests` return, reading the messages only once."""
    reading = _Reading(messages)
    return _breaks(reading), _requests(reading)


def review_requests(messages: pd.DataFrame) -> pd.DataFrame:
    """Find where seller messages ask for a review or feedback, in whatever way.

    Parameters
    ----------
    messages : pd.DataFrame
        As `lint` takes them.

    Returns
    -------
    pd.DataFrame
        `row`, `excerpt`, `start`, `end` as `lint` gives them: the first place of each message, in
        the body where there is one.
    """
    return _requests(_Reading(messages))


def phrases_tell(messages: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, list[str | None]]:
    """Return what the weights are learned with.

    Which rules of `weighing.LEARNED` the phrases tell, which may be told at all (no buyer spoke of
    them), and the subject that each message answers (None where it answers none).
    """
    reading = _Reading(messages)
    may = np.ones((len(reading.frame), len(weighing.LEARNED)), dtype=bool)
    may[:, _WORDED.index("asks_to_cancel")] = ~reading.buyer_spoke_of("asks_to_cancel")
    return reading.phrases(), may, reading.subjects.where(reading.frame["subject"].isna()).tolist()


def _breaks(reading: _Reading) -> pd.DataFrame:
    places = [*reading.addresses(), *reading.phones(), *reading.worded(), *reading.proactive()]
    return frame_of(places, len(reading.frame))


def _requests(reading: _Reading) -> pd.DataFrame:
    found = [
        place
        for part in ("body", "subject")
        for kind in ("review_request", "incentive", "review_pressure")
        for place in reading.said_anywhere(kind, part)
    ]
    columns = ["row", "rule", "start", "end", "excerpt"]
    frame = pd.DataFrame(found, columns=columns).sort_values("row", kind="stable")
    return frame.drop_duplicates("row")[["row", "excerpt", "start", "end"]].reset_index(drop=True)


class _Reading:
    """Messages while they are read: the columns, and each text folded at most once."""

    def __init__(self, messages: pd.DataFrame) -> None:
        self.frame = messages.reset_index(drop=True)
        self.subjects = self.frame["subject"].astype("str")
        # under "Re:" stand the buyer's words
        self.frame["subject"] = self.subjects.mask(holds(_cells(self.subjects), signs.REPLY))
        self.cells = {name: _cells(self.frame[name]) for name in ("subject", "body")}
        self.proactive_rows = np.flatnonzero(self.frame["proactive"].to_numpy(bool))
        self._store, self._language = (
            self.frame[name].astype("object").where(self.frame[name].notna(), None).to_numpy(object)
            for name in ("marketplace", "language")
        )
        self._searched = searched_in(self.frame["language"], self.frame["marketplace"])
        self._folded: dict[tuple[str, int], Folded] = {}
        # what sellers send is mostly a template: each text is looked through once
        self._coded = {name: pc.dictionary_encode(cells) for name, cells in self.cells.items()}
        self._alike: dict[str, pa.Array] = {}
        self._said: dict[tuple[str, str], list[Place]] = {}
        self._texts: dict[str, np.ndarray] = {
            name: self.frame[name].to_numpy(object) for name in ("subject", "body")
        }

    def text(self, part: str, row: int) -> str:
        return str(self._texts[part][row])[:LONGEST]

    def folded(self, part: str, row: int) -> Folded:
        key = (part, row)
        if key not in self._folded:
            self._folded[key] = fold_with_places(self.text(part, row))
        return self._folded[key]

    def alike(self, part: str) -> pa.Array:
        if part not in self._alike:
            self._alike[part] = folded_alike(self._coded[part].dictionary)
        return self._alike[part]

    def context(self, row: int) -> tuple[str | None, str | None]:
        """Return a message's store and language."""
        return self._store[row], self._language[row]

    def addresses(self) -> Iterable[Place]:
        for part, cells in self.cells.items():
            for row in _rows(holds(cells, f"{_MAY_MAIL}|{_MAY_LINK}")):
                text = self.text(part, row)
                links, mails = _addresses(shaped(text), self.context(row)[1])
                for rule, found in (("external_link", links), ("email_address", mails)):
                    for each in found:
                        yield placed(row, rule, part, text, each.start, each.end)

    def phones(self) -> Iterable[Place]:
        for part, cells in self.cells.items():
            # nearly every message has an order id, which looks like a number to dial
            rest = pc.replace_substring_regex(cells, _ORDERS, ";")
            for row in _rows(holds(rest, _MAY_PHONE)):
                text = self.text(part, row)
                for start, end in _numbers(shaped(text), *self.context(row)):
                    yield placed(row, "phone_number", part, text, start, end)

    def worded(self) -> Iterable[Place]:
        """Return what is told from words: where the phrases stand, or else the weighed window."""
        for column, rule in enumerate(_WORDED):
            told = self.told[:, column]
            found = [place for part in self.cells for place in self.said_anywhere(rule, part)]
            yield from (place for place in found if told[place.row])
            for row in np.setdiff1d(np.flatnonzero(told), [place.row for place in found]):
                folded, text = self.folded("body", row), self.text("body", row)
                # signs of which nothing is left when they are folded one by one have no place
                window = weighing.place_of(folded.text, self._weighed[1][row, column])
                yield placed(
                    row, rule, "body", text, *(folded.origin(*window) if window else (0, 0))
                )

    @functools.cached_property
    def told(self) -> np.ndarray:
        """Which rules of `weighing.LEARNED` each message breaks: ``bool``, a column per rule."""
        proactive = self.frame["proactive"].to_numpy(bool)
        told = weighing.told(self._weighed[0] + self._heard(), self.phrases(), proactive)
        told[:, _WORDED.index("asks_to_cancel")] &= ~self.buyer_spoke_of("asks_to_cancel")
        # who advertises or asks for something says more than a confirmation
        told[:, -1] &= proactive & ~told[:, :-1].any(axis=1)
        # what says nothing that is known is no confirmation either
        told[:, -1] &= self.phrases()[:, -1] | self._weighed[2]
        return told

    def phrases(self) -> np.ndarray:
        """Return which rules of `weighing.LEARNED` the phrases tell, alike."""
        told = np.zeros((len(self.frame), len(weighing.LEARNED)), dtype=bool)
        for column, rule in enumerate(_WORDED):
            for part in self.cells:
                told[[place.row for place in self.said_anywhere(rule, part)], column] = True
        told[self._unneeded(self.proactive_rows), -1] = True
        return told

    @functools.cached_property
    def _weighed(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """How much each body speaks for each rule, which window most, and if it can be unneeded."""
        scores = np.full((len(self.frame), len(weighing.LEARNED)), -np.inf, dtype=np.float32)
        number = np.zeros(scores.shape, dtype=np.int64)
        confirms = np.zeros(len(scores), dtype=bool)
        rows = np.flatnonzero(weighing.is_weighed(self.cells["body"]))
        texts = np.asarray(self._coded["body"].indices.take(pa.array(rows)), dtype="int64")
        names, code = np.unique(self._codes[rows], return_inverse=True)
        distinct, back = np.unique(texts * len(names) + code, return_inverse=True)
        if len(rows):
            cells = self.alike("body").take(pa.array(distinct // len(names)))
            found = weighing.weighed(cells, names[distinct % len(names)])
            scores[rows], number[rows], confirms[rows] = (each[back] for each in found)
        return scores, number, confirms

    @functools.cached_property
    def _codes(self) -> np.ndarray:
        letters = np.asarray(pc.utf8_length(self.cells["body"]).fill_null(0))
        told = weighing.language_of(self.frame["language"], self.frame["marketplace"], letters)
        return told.astype(str)

    def _heard(self) -> np.ndarray:
        """Return how much the subjects that are answered speak for each rule."""
        rows = np.flatnonzero(self.subjects.notna() & self.frame["subject"].isna())
        scores = np.zeros((len(self.frame), len(weighing.LEARNED)), dtype=np.float32)
        coded = pc.dictionary_encode(_cells(self.subjects.iloc[rows]))
        cells = folded_alike(coded.dictionary).take(coded.indices)
        scores[rows] = weighing.heard(cells, self._codes[rows])
        return scores

    def buyer_spoke_of(self, rule: str) -> np.ndarray:
        """Tell which messages answer one whose subject has a word of the rule."""
        pattern = "|".join(f"(?:{patterns.has})" for patterns in words(rule).values())
        return holds(_cells(self.subjects.mask(self.frame["subject"].notna())), pattern)

    def said_anywhere(self, kind: str, part: str) -> list[Place]:
        """Return the places where any message says something of a kind; asked twice, told once."""
        if (kind, part) not in self._said:
            self._said[kind, part] = list(self.said(kind, part, np.arange(len(self.frame))))
        return self._said[kind, part]

    def said(self, kind: str, part: str, among: np.ndarray) -> Iterable[Place]:
        """Return the places where messages say something of a kind."""
        asked = np.zeros(len(self.frame), dtype=bool)
        asked[among] = True
        seen: dict[int, list[tuple[int, int]]] = {}
        for code, patterns in words(kind).items():
            rows = np.flatnonzero(asked & self._searched[code])
            if len(rows):
                rows = rows[holds(self.cells[part].take(pa.array(rows)), patterns.has)]
            for row, span in self._first(part, rows, patterns).items():
                taken = seen.setdefault(row, [])
                if not any(start < span[1] and span[0] < end for start, end in taken):
                    taken.append(span)
                    yield placed(row, kind, part, self.text(part, row), *span)

    def _first(self, part: str, rows: np.ndarray, patterns: Words) -> dict[int, tuple[int, int]]:
        if not len(rows):
            return {}
        codes = np.asarray(self._coded[part].indices.take(pa.array(rows)), dtype="int64")
        distinct, first, code = np.unique(codes, return_index=True, return_inverse=True)
        among = np.flatnonzero(may_break(self.alike(part).take(pa.array(distinct)), patterns))
        texts = [self.folded(part, row) for row in rows[first[among]]]
        found = first_places(texts, np.arange(len(texts)), patterns)
        spans = {int(among[at]): texts[at].origin(*span) for at, span in found.items()}
        said = np.flatnonzero(np.isin(code, list(spans)))
        return {int(rows[at]): spans[int(code[at])] for at in said}

    def proactive(self) -> Iterable[Place]:
        """Return what only a message breaks that nobody asked for, or its subject."""
        for row in _rows(holds(_cells(self.subjects), signs.IMPORTANT)):
            yield whole(row, "important_tag", self.subjects.iat[row])
        rows = self.proactive_rows
        yield from self._without_order(rows)
        for row in _rows(self.told[:, -1]):
            yield whole(row, "unneeded", "")
        for rule, pattern in (("emoji", signs.EMOJI), ("blank_lines", signs.BLANK_LINES)):
            for part in self.cells:
                here = rows[holds(self.cells[part].take(pa.array(rows)), pattern)]
                yield from self._signs(rule, part, here, pattern)

    def _signs(self, rule: str, part: str, rows: np.ndarray, pattern: str) -> Iterable[Place]:
        find = signs.compiled(pattern).finditer
        for row in rows:
            text = self.text(part, row)
            for each in find(text):
                yield placed(row, rule, part, text, *each.span())

    def _without_order(self, rows: np.ndarray) -> Iterable[Place]:
        # of a message that came without any text nothing can be said
        known = self.frame["body"].notna().to_numpy(bool)[rows]
        named = np.zeros(len(rows), dtype=bool)
        for texts in (self.subjects, self.frame["body"]):
            cells = _cells(texts, whole=True).take(pa.array(rows))
            named |= holds(cells, signs.ORDER_ID)
        for row in rows[known & ~named]:
            yield whole(row, "no_order_id", "")

    def _unneeded(self, rows: np.ndarray) -> np.ndarray:
        told = np.unique([each.row for each in self.said("unneeded", "body", rows)]).astype("int64")
        for part in self.cells:
            more = [each.row for each in self.said("substance", part, told)]
            for kind in (*_WORDED, "review_request"):
                more += [each.row for each in self.said_anywhere(kind, part)]
            told = np.setdiff1d(told, np.array(more, dtype="int64"))
        return told


@functools.lru_cache(maxsize=_KEPT)
def _numbers(text: str, store: str | None, language: str | None) -> list[tuple[int, int]]:
    return list(phone_numbers(text, store, language))


_addresses = functools.lru_cache(maxsize=_KEPT)(addresses)


def _rows(found: np.ndarray) -> list[int]:
    return [int(row) for row in np.flatnonzero(found)]


def _cells(texts: pd.Series, *, whole: bool = False) -> pa.Array:
    cells = pa.array(texts, type=pa.large_string(), from_pandas=True)
    if isinstance(cells, pa.ChunkedArray):
        cells = cells.combine_chunks()
    return cells if whole else pc.utf8_slice_codeunits(cells, 0, LONGEST)
