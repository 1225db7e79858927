"""Cells → values: instants, days, flags, numbers and money, never guessed.

Each function takes a ``str`` column and returns the values and a mask of the cells that say
something which is no such value.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sellerkit.policy import zone_of
from sellerkit.tables import TS_DTYPE

Converted = tuple[pd.Series, pd.Series]

_INSTANT = (
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?"
    r" ?(?:[Zz]|UTC|[+-]\d{2}(?::?\d{2})?)?)?"
)
_DAY = r"\d{4}-\d{2}-\d{2}"

#: Between these every zone's days are known; what is beyond is no date that a shop has.
_FIRST, _LAST = pd.Timestamp("0002-01-01"), pd.Timestamp("9999-12-30")

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


def by_distinct(cells: pd.Series, read: Callable[[pd.Series], Converted]) -> Converted:
    """Read cells of which many say the same: each of their values once."""
    codes, distinct = pd.factorize(cells)
    values, bad = read(pd.Series(distinct, dtype="str"))
    values = pd.concat([values, pd.Series([None], dtype=values.dtype)])  # what -1 stands for
    found = values.take(codes).set_axis(cells.index)
    return found, pd.Series(np.append(bad.to_numpy(bool), False)[codes], index=cells.index)


def _plainly(cells: pd.Series, signs: str, kind: pa.DataType) -> pd.Series | None:
    """Return cells as Arrow reads them; none where one has another sign, or is no such value.

    Reports of millions of lines are written by one program; a cell that is not as the others sends
    the column through the careful reading.
    """
    column = pa.array(cells, type=pa.large_string(), from_pandas=True)
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    places = np.frombuffer(column.buffers()[1], dtype="int64")[column.offset :][: len(column) + 1]
    text = column.buffers()[2]
    if text:
        written = memoryview(text)[places[0] : places[-1]].tobytes()
        if written.translate(None, signs.encode()):
            return None
    try:
        return pc.cast(column, kind).to_pandas().set_axis(cells.index)
    except pa.ArrowInvalid:
        return None


def instants(cells: pd.Series, zones: pd.Series) -> Converted:
    """Read ISO 8601; without an offset UTC; a bare day is its last microsecond in its zone."""
    plain = _plainly(cells, "0123456789TZ:+-", pa.timestamp("us", "UTC"))
    # Arrow would take an hour without minutes too
    if (
        plain is not None
        and not (cells.str.len() < len("2026-10-05T06:00Z")).any()
        and (_within(plain) | plain.isna()).all()
    ):
        return plain, pd.Series(False, index=cells.index)
    written = cells.str.strip()
    fits = written.str.fullmatch(_INSTANT).fillna(False).astype(bool)
    bare = written.str.fullmatch(_DAY).fillna(False).astype(bool)
    text = written.where(fits & ~bare).str.replace(",", ".").str.replace(" ?UTC$", "Z", regex=True)
    exact = pd.to_datetime(text, format="ISO8601", utc=True, errors="coerce").astype(TS_DTYPE)
    values = exact.where(~bare, ends_of_days(written.where(bare), zones))
    values = values.where(_within(values))
    return values, cells.notna() & values.isna()


def _within(moments: pd.Series) -> pd.Series:
    return moments.between(_FIRST.tz_localize("UTC"), _LAST.tz_localize("UTC"))


def ends_of_days(days: pd.Series, zones: pd.Series) -> pd.Series:
    """Return the last microsecond of days written ``2026-01-31``, each in its zone."""
    following = pd.to_datetime(days, format="%Y-%m-%d", errors="coerce") + pd.Timedelta(days=1)
    following = following.where(following.between(_FIRST, _LAST))
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
    of_store, of_money = pd.factorize(stores)[0], pd.factorize(money)[0]
    pairs = of_store * (of_money.max(initial=0) + 2) + of_money
    _, first, place = np.unique(pairs, return_index=True, return_inverse=True)
    found = [zone_of(stores.iloc[row], money.iloc[row]) for row in first]
    return pd.Series(np.array(found, dtype=object)[place], index=stores.index, dtype="str")


def flags(cells: pd.Series) -> Converted:
    """Read true/false, yes/no, y/n, 1/0, in any case."""
    values = cells.str.casefold().map(_FLAGS).astype("boolean")
    return values, cells.notna() & values.isna()


def whole_numbers(cells: pd.Series) -> Converted:
    """Read whole numbers, also written ``2.0``."""
    plain = _plainly(cells, "0123456789", pa.int64())
    if plain is not None:
        return plain.astype("Int64"), pd.Series(False, index=cells.index)
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
    if cells.isna().all():  # of the nine amounts of a report some stand in no line
        return cells.astype("float64"), pd.Series(False, index=cells.index)
    # three decimals may be thousands
    doubtful = bool((cells.str.slice(-4, -3) == ".").any())
    plain = None if doubtful else _plainly(cells, "0123456789.", pa.float64())
    if plain is not None:
        return plain.astype("float64"), pd.Series(False, index=cells.index)
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
