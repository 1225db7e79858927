"""What comes again after a purge: it is known by its tokens, and gets no words back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sellerkit import tables
from sellerkit.lake.key import is_purged, purge_key
from sellerkit.lake.log import QUARANTINE
from sellerkit.lake.scrub import IDS, item_keys, keys, scrubbed, with_ids, without_references
from sellerkit.lake.store import Lake
from sellerkit.lake.tokens import Tokens, bare, is_token
from sellerkit.tables import NO_RESPONSE_NEEDED, Table

_ALL = tables.AUDITED | {t.name: t for t in (tables.MAILS, tables.TOLD)}
_PLACE = ["account", "source_sha256", "source_pos", "reason"]


@dataclass(frozen=True)
class Forgotten:
    """The tokens of a lake: by them rows that come again are known.

    Attributes
    ----------
    tokens : Tokens
    known : dict
        By kind, each token on file by its bare form.
    set_aside : pd.MultiIndex
        The places in files of what was purged from quarantine.
    present : pd.Index
        The mails and messages that are on file under their own ids.
    """

    tokens: Tokens
    known: dict[str, dict[str, str]] = field(default_factory=dict)
    set_aside: pd.MultiIndex = field(default_factory=lambda: pd.MultiIndex.from_arrays([[]] * 4))
    present: pd.Index = field(default_factory=lambda: pd.Index([]))

    @classmethod
    def of(cls, lake: Lake) -> Forgotten | None:
        """Return what a lake has forgotten; None where it never was purged."""
        if not is_purged(lake.address):
            return None
        known: dict[str, dict[str, str]] = {}
        present = [
            keys(frame["account"], frame["message_id"])
            for table in (tables.MESSAGES, tables.MAILS)
            for frame in [lake.read(table, ["account", "message_id"])]
        ]
        for kind, ids in _ids(lake):
            found = ids[is_token(ids)]
            known.setdefault(kind, {}).update({bare(each): each for each in found})
        aside = lake.read(QUARANTINE)
        aside = aside[is_token(aside["reason"])]
        places = pd.MultiIndex.from_frame(aside[_PLACE])
        tokens = Tokens(purge_key(lake.address))
        return cls(tokens, known, places, present[0].union(present[1]))

    def lookup(self, kind: str, accounts: pd.Series, values: pd.Series) -> pd.Series:
        """Return ids with the tokens of those that are forgotten."""
        known = self.known.get(kind)
        if not known or not len(values):
            return values
        found = self.tokens.of(kind, accounts, values).map(known)
        return values.where(found.isna(), found.astype("str"))

    def translated(self, table: Table, rows: pd.DataFrame) -> pd.DataFrame:
        """Return incoming rows as a purged lake knows them.

        A row that was purged comes without its words, so that it says nothing new. Any other keeps
        its words and its own id, and names what was purged by its tokens.
        """
        if table is QUARANTINE:
            return self._aside(rows)
        if table is not NO_RESPONSE_NEEDED and table.name not in IDS:
            return rows
        new = with_ids(table.name, rows, self.lookup, self.tokens)
        if table is NO_RESPONSE_NEEDED:
            return new
        own = self.own(table.name, rows)
        if "buyer_id" in rows:
            order = "named_order_id" if table is tables.MAILS else "order_id"
            same = (~own) & (new[order].isna() | (new[order] == rows[order])).to_numpy(bool)
            # one who buys again is met under his own name
            new["buyer_id"] = new["buyer_id"].where(~same, rows["buyer_id"])
        if table is tables.MAILS:
            new = without_references(new, own, self.present, self.tokens)
        return scrubbed(table.name, new, own, self.tokens)

    def own(self, name: str, rows: pd.DataFrame) -> np.ndarray:
        """Tell which rows are purged ones that come again."""
        column, kind = next(iter(IDS[name].items()))
        asked = item_keys(rows, self.tokens) if kind == "item" else rows[column]
        return (self.lookup(kind, rows["account"], asked) != asked).to_numpy(bool)

    def _aside(self, rows: pd.DataFrame) -> pd.DataFrame:
        reasons = self.tokens.of("reason", rows["account"], rows["reason"])
        places = pd.MultiIndex.from_frame(rows.assign(reason=reasons)[_PLACE])
        again = np.asarray(places.isin(self.set_aside))
        return rows.assign(
            reason=rows["reason"].where(~again, reasons), raw=rows["raw"].mask(again)
        )


def _ids(lake: Lake) -> Iterator[tuple[str, pd.Series]]:
    """Yield the ids of all tables by kind."""
    for name, columns in IDS.items():
        if name in _ALL:
            wanted = list(columns) + (["thread_id"] if name == "messages" else [])
            frame = lake.read(_ALL[name], [c for c in wanted if c in _ALL[name]])
            for column in frame:
                yield columns.get(str(column), "thread"), frame[column].dropna()
    marked = lake.read(NO_RESPONSE_NEEDED, ["kind", "marks"])
    for kind in ("message", "order"):
        yield kind, marked.loc[marked["kind"] == kind, "marks"]
