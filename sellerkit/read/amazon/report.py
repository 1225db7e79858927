"""What Amazon's flat-file reports share: recognition by columns, faults by line."""

from __future__ import annotations

import functools
import tomllib
from importlib.resources import files

import numpy as np
import pandas as pd

from sellerkit.policy import by_domain
from sellerkit.read import values
from sellerkit.read.flat import Lines, header_of, plain
from sellerkit.read.source import Context, Source

#: So many orders are named in a warning.
_NAMED = 5


def speaks_of(
    source: Source,
    signature: frozenset[str],
    *,
    of_which: int = 3,
    without: frozenset[str] = frozenset(),
) -> bool:
    """Tell whether a header has enough of a report's own columns, and none of another's."""
    names = {plain(name) for name in header_of(source)}
    return len(signature & names) >= of_which and not without & names


@functools.cache
def localised() -> dict[str, dict[str, list[str]]]:
    """Return what reports call things in other languages, as `headers.toml` has it."""
    return tomllib.loads(files(__package__).joinpath("headers.toml").read_text("utf-8"))


@functools.cache
def aliases(section: str) -> dict[str, str]:
    """Return plain column names in other languages → the English ones."""
    names = localised()[section]
    return {plain(local): plain(english) for english, own in names.items() for local in own}


def skip(lines: Lines, reasons: pd.Series) -> None:
    """Account for lines that were understood and hold nothing for a history, each by its reason."""
    for reason, count in reasons.value_counts().items():
        lines.parsed.skipped[str(reason)] += int(count)


def name_claims(source: Source, lines: Lines, orders: pd.Series) -> None:
    """Warn of orders with an A-to-z claim of which the report does not say when it was filed."""
    # a cell may hold anything, even line feeds
    claimed = orders.dropna().str.split().str.join(" ").str.slice(0, 40).unique()
    if len(claimed):
        more = f" and {len(claimed) - _NAMED} more" if len(claimed) > _NAMED else ""
        lines.parsed.warnings.append(
            f"{source.name}: A-to-z claims on {', '.join(claimed[:_NAMED])}{more} are named, "
            "without when they were filed; give Amazon's mails about them, or a claims.csv"
        )


def column(lines: Lines, name: str) -> pd.Series:
    """Return a column's cells, nulls where the report lacks it."""
    if name in lines.cells:
        return lines.cells[name]
    return pd.Series(None, index=lines.cells.index, dtype="str")


class Reading:
    """Cells being read as values, with the faults of each line."""

    def __init__(self, lines: Lines, context: Context) -> None:
        self.lines, self.context = lines, context
        self.faults: dict[int, str] = {}

    def text(self, name: str) -> pd.Series:
        """Return a column as text."""
        return column(self.lines, name)

    def needed(self, name: str) -> pd.Series:
        """Return a column as text; a line without it is at fault."""
        cells = self.text(name)
        for row in cells.index[cells.isna().to_numpy(bool)]:
            self.faults.setdefault(row, f"{name.replace('_', '-')}: is missing")
        return cells

    def instants(self, name: str, zones: pd.Series) -> pd.Series:
        """Return a column as instants."""
        cells = self.text(name)
        return self._checked(name, cells, values.instants(cells, zones), "date or time")

    def days(self, name: str, zones: pd.Series) -> pd.Series:
        """Return a column of days, ``10-Jul-2025`` or ISO, as the ends of these days."""
        cells = self.text(name)
        found = values.instants(values.named_month_days(cells), zones)
        return self._checked(name, cells, found, "date")

    def money(self, name: str) -> pd.Series:
        """Return a column as amounts."""
        cells = self.text(name)
        return self._checked(name, cells, values.money(cells), "amount")

    def whole(self, name: str) -> pd.Series:
        """Return a column as whole numbers."""
        cells = self.text(name)
        return self._checked(name, cells, values.whole_numbers(cells), "whole number")

    def flags(self, name: str) -> pd.Series:
        """Return a column as flags."""
        cells = self.text(name)
        return self._checked(name, cells, values.flags(cells), "yes or no")

    def mapped(self, name: str, words: dict[str, str]) -> pd.Series:
        """Return a column's words as ours; a word that begins with a known one counts as it."""
        cells = self.text(name)
        found = values.by_distinct(cells, lambda said: _meanings(said, words))
        return self._checked(name, cells, found, "known word")

    def kept(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows without fault, with their place; the others are set aside."""
        self.lines.quarantine(self.faults)
        placed = rows.assign(source_pos=pd.Series(self.lines.at, dtype="Int64"))
        return placed.drop(index=list(self.faults)) if self.faults else placed

    def _checked(
        self, name: str, cells: pd.Series, converted: values.Converted, what: str
    ) -> pd.Series:
        found, bad = converted
        for row in bad.index[bad.to_numpy(bool)]:
            said = f"{name.replace('_', '-')}: {str(cells[row])[:80]!r} is no {what}"
            self.faults.setdefault(row, said)
        return found


def _meanings(cells: pd.Series, words: dict[str, str]) -> values.Converted:
    folded = cells.str.casefold()
    found = folded.map(words)
    for word, meaning in words.items():
        begins = found.isna() & folded.str.startswith(f"{word} ").fillna(False).astype(bool)
        found = found.mask(begins, meaning)
    return found.astype("str"), cells.notna() & found.isna()


def stores_of_mails(addresses: pd.Series) -> pd.Series:
    """Return the store of each buyer's relay address; null where it is none."""
    domain = addresses.str.casefold().str.extract(r"@marketplace\.(.+)$")[0]
    return domain.map(by_domain()).astype("str")


def stores_of(channels: pd.Series) -> pd.Series:
    """Return the store of each sales channel: ``Amazon.de`` → ``DE``, ``Non-Amazon`` → null."""
    return values.by_distinct(channels, _stores)[0]


def _stores(channels: pd.Series) -> values.Converted:
    found = channels.str.casefold().map(by_domain()).astype("str")
    return found, channels.notna() & found.isna()


def repeated(ids: pd.Series) -> np.ndarray:
    """Tell which ids stand more than once; null is one of none."""
    codes = pd.factorize(ids, use_na_sentinel=False)[0]
    return np.asarray(np.bincount(codes)[codes] > 1) if len(codes) else np.zeros(0, dtype=bool)


def numbered(orders: pd.Series, items: pd.Series) -> pd.Series:
    """Return ids for items that have none: what they are, numbered where an order has it twice."""
    several = repeated(orders)
    again = items[several].groupby([orders[several], items[several].fillna("")]).cumcount()
    again = again[again > 0]
    ids = items.fillna("item")
    ids.loc[again.index] += "#" + (again + 1).astype("str")
    return ids
