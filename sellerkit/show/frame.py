"""Any frame as a table of the house: every value escaped, instants local, what is long cut."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sellerkit.errors import UsageError
from sellerkit.show.display import Html, render
from sellerkit.show.view import View
from sellerkit.show.words import DASH, format_count, format_share, known

#: Columns that say who a buyer is, or what somebody wrote.
_PRIVATE = ("buyer_id", "subject", "body", "body_new", "raw")

_FLAGS = {True: "yes", False: "no"}


def table(
    frame: pd.DataFrame,
    view: View,
    *,
    caption: str,
    names: Mapping[str, str] | None = None,
    limit: int = 50,
) -> Html:
    """Show a frame, a row to a row, its first column as the rows' heading.

    Parameters
    ----------
    frame : pd.DataFrame
        Any columns, in the order in which they are shown. Instants are shown on the clock of
        `view`; of a column that ends in ``_share`` per cent; a missing value as a dash.
    view : View
    caption : str
        What the table is, for who cannot see it.
    names : mapping of str to str, optional
        Column → its heading; default the column's name with blanks.
    limit : int
        How many rows are shown; the line below says how many there are.

    Returns
    -------
    Html
        The contents list shows the number of rows. A frame without rows gives a sentence.

    Raises
    ------
    UsageError
        A column that says who a buyer is or holds what was written, and a view without texts.

    Examples
    --------
    >>> missed = run.audit.findings["contacts"].query("status == 'missed'")  # doctest: +SKIP
    >>> show.table(missed[["order_id", "sent_at", "due_at"]], view, caption="Missed")
    ... # doctest: +SKIP
    """
    refused = [name for name in frame.columns if name in _PRIVATE]
    if refused and not view.texts:
        raise UsageError(
            f"{caption}: the column {refused[0]} is the buyers’ own; leave it out, "
            "name buyers with view.buyers(rows), or ask for texts"
        )
    shown = frame.head(limit)
    return render(
        "table",
        note={"count": len(frame)},
        caption=caption,
        heads=[(names or {}).get(name, _heading(name)) for name in frame.columns],
        classes=[_class(frame[name]) for name in frame.columns],
        rows=list(zip(*(_cells(shown[name], view) for name in shown), strict=True)),
        total=len(frame),
    )


def _heading(column: Any) -> str:
    words = str(column).removesuffix("_at").removesuffix("_share").replace("_", " ")
    return words[:1].upper() + words[1:]


def _class(values: pd.Series) -> str:
    """Return how a column is set: numbers at the right, what must not be broken on one line."""
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return "r"
    whole = pd.api.types.is_datetime64_any_dtype(values) or str(values.name).endswith("_id")
    return "nw" if whole else ""


def _cells(values: pd.Series, view: View) -> list[str]:
    if str(values.name).endswith("_share"):
        return [format_share(value) for value in values]
    return [_cell(value, view) for value in values.astype("object")]


def _cell(value: Any, view: View) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or DASH
    if not known(value):
        return DASH
    if isinstance(value, bool):
        return _FLAGS[value]
    if isinstance(value, pd.Timestamp) and value.tzinfo is not None:
        return view.moment(value, year=value.year != view.as_of.year)
    if isinstance(value, int):
        return format_count(value)
    return f"{value:,.4g}" if isinstance(value, float) else str(value)
