"""Cells → values: instants, days, flags, numbers and money, never guessed.

Each function takes a ``str`` column and returns the values and a mask of the cells that say
something which is no such value.
"""

from __future__ import annotations

import pandas as pd

from sellerkit.policy import zone_of
from sellerkit.tables import TS_DTYPE

Converted = tuple[pd.Series, pd.Series]

_INSTANT = (
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?"
    r" ?(?:[Zz]|UTC|[+-]\d{2}(?::?\d{2})?)?)?"
)
_DAY = r"\d{4}-\d{2}-\d{2}"

_FLAGS = {
    **dict.fromkeys(("true", "1", "yes", "y", "t"), True),
    **dict.fromkeys(("false", "0", "no", "n", "f"), False),
}

_MONTHS = {
    name: f"{number:02}"
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}  # fmt: skip


def instants(cells: pd.Series, zones: pd.Series) -> Converted:
    """Read ISO 8601; without an offset UTC; a bare day is its last microsecond in its zone."""
    written = cells.str.strip()
    fits = written.str.fullmatch(_INSTANT).fillna(False).astype(bool)
    bare = written.str.fullmatch(_DAY).fillna(False).astype(bool)
    text = written.where(fits & ~bare).str.replace(",", ".").str.replace(" ?UTC$", "Z", regex=True)
    exact = pd.to_datetime(text, format="ISO8601", utc=True, errors="coerce").astype(TS_DTYPE)
    values = exact.where(~bare, ends_of_days(written.where(bare), zones))
    return values, cells.notna() & values.isna()


def ends_of_days(days: pd.Series, zones: pd.Series) -> pd.Series:
    """Return the last microsecond of days written ``2026-01-31``, each in its zone."""
    following = pd.to_datetime(days, format="%Y-%m-%d", errors="coerce") + pd.Timedelta(days=1)
    ends = pd.Series(pd.NaT, index=days.index, dtype=TS_DTYPE)
    for zone in zones[days.notna()].unique():
        here = (zones == zone) & following.notna()
        local = following[here].dt.tz_localize(zone, nonexistent="shift_forward", ambiguous=True)
        ends[here] = local.dt.tz_convert("UTC").astype(TS_DTYPE) - pd.Timedelta(microseconds=1)
    return ends


def named_month_days(cells: pd.Series) -> pd.Series:
    """Return ``10-Jul-2025`` as ``2025-07-10``; what is written otherwise stays."""
    parts = cells.str.extract(r"^(\d{1,2})[-/ ]([A-Za-z]{3})[a-z]*\.?[-/ ](\d{4})$")
    month = parts[1].str.casefold().map(_MONTHS)
    iso = parts[2] + "-" + month + "-" + parts[0].str.zfill(2)
    return iso.fillna(cells)


def zones(marketplaces: pd.Series, fallback: str | None, currencies: pd.Series | None) -> pd.Series:
    """Return each row's zone: its own store's, else the given one's, else its currency's."""
    stores = marketplaces.fillna(fallback) if fallback else marketplaces
    money = currencies if currencies is not None else pd.Series(None, index=stores.index)
    pairs = pd.DataFrame({"store": stores.to_numpy(object), "currency": money.to_numpy(object)})
    known = pairs.drop_duplicates().assign(
        zone=lambda rows: [zone_of(*row) for row in rows.itertuples(index=False)]
    )
    found = pairs.merge(known, how="left", on=["store", "currency"])["zone"]
    return found.set_axis(marketplaces.index)


def flags(cells: pd.Series) -> Converted:
    """Read true/false, yes/no, y/n, 1/0, in any case."""
    values = cells.str.casefold().map(_FLAGS).astype("boolean")
    return values, cells.notna() & values.isna()


def whole_numbers(cells: pd.Series) -> Converted:
    """Read whole numbers, also written ``2.0``."""
    fits = cells.str.fullmatch(r"[+-]?\d{1,15}(?:\.0*)?").fillna(False).astype(bool)
    values = pd.to_numeric(cells.where(fits), errors="coerce").astype("Int64")
    return values, cells.notna() & ~fits


def numbers(cells: pd.Series) -> Converted:
    """Read numbers with a decimal point; ``nan`` and ``inf`` are none."""
    fits = cells.str.fullmatch(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
    fits = fits.fillna(False).astype(bool)
    values = pd.to_numeric(cells.where(fits), errors="coerce").astype("float64")
    return values, cells.notna() & values.isna()


def words(cells: pd.Series, choices: tuple[str, ...]) -> Converted:
    """Read one of a closed set of words, in any case."""
    values = cells.str.casefold().str.replace("[ -]", "_", regex=True)
    values = values.where(values.isin(choices))
    return values, cells.notna() & values.isna()


def money(cells: pd.Series) -> Converted:
    """Read amounts as stores write them: ``1,234.56``, ``1.234,56``, ``119,00 €``, ``EUR 9.01``.

    The last of two different signs parts the decimals. ``1,234`` and ``1.234`` alone could be
    either: what the column's other amounts use decides; where they do not, the cell is no amount.
    """
    bare = cells.str.replace(r"[^\d.,+-]", "", regex=True)
    torn = cells.str.contains(r"\d[^\d.,'\s]+\d").fillna(False).astype(bool)
    fits = bare.str.fullmatch(r"[+-]?\d[\d.,]*").fillna(False).astype(bool) & ~torn
    bare = bare.where(fits)
    comma_last = bare.str.rfind(",") > bare.str.rfind(".")
    both = bare.str.contains(",", regex=False) & bare.str.contains(".", regex=False)
    decimals = bare.str.extract(r"[.,](\d+)$")[0].str.len()
    single = bare.str.count("[.,]") == 1
    # thousands are parted after one to three digits, and no number begins with zero thousands
    groups = bare.str.fullmatch(r"[+-]?[1-9]\d{0,2}[.,]\d{3}").fillna(False).astype(bool)
    # a sign that stands twice parts thousands, so the other one parts the decimals
    twice = ~both & (bare.str.count("[.,]") > 1)
    comma_last = comma_last ^ twice
    plainly = both | twice | (single & ~groups)
    uses_comma = bool((plainly & comma_last).fillna(False).any())
    uses_point = bool((plainly & ~comma_last & decimals.notna()).fillna(False).any())
    by_comma = comma_last.where(plainly, uses_comma and not uses_point).fillna(False).astype(bool)
    unsure = groups & (uses_comma == uses_point)
    european = bare.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    text = european.where(by_comma, bare.str.replace(",", "", regex=False))
    values = pd.to_numeric(text.mask(unsure), errors="coerce").astype("float64")
    return values, cells.notna() & values.isna()
