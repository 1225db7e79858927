"""Where a figure rests on a rule that no Amazon source states: the word beside it, and why."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from sellerkit.show.words import format_list, format_plural

#: What the rows of a figure are called: one of them, and many.
_ROWS = {
    "contacts": ("buyer message", ""),
    "inquiry": ("inquiry", "inquiries"),
    "return": ("return request", ""),
    "order_problem": ("order problem", ""),
    "claim": ("claim to answer", "claims to answer"),
    "readiness": ("claim’s readiness", "claims’ readiness"),
    "exposure": ("exposed order", ""),
    "calls": ("call", ""),
    "check_ins": ("check-in", ""),
}


def why_assumed(assumed: pd.DataFrame | None) -> dict[str, str]:
    """Return for each figure what is assumed of the rules that it rests on; often nothing.

    Parameters
    ----------
    assumed : pd.DataFrame or None
        As measured: figure, rule_id, rule, doubt, rows.
    """
    if assumed is None:
        return dict.fromkeys(_ROWS, "")
    return dict.fromkeys(_ROWS, "") | {
        str(figure): " ".join(f"{row.rule}: {row.doubt}" for row in rows.itertuples())
        for figure, rows in assumed.groupby("figure", sort=False)
    }


def limits_assumed(
    assumed: pd.DataFrame | None, figures: Collection[str]
) -> list[tuple[str, str, str]]:
    """Return for each rule that is assumed its id, its row, and a sentence on what it touches.

    Parameters
    ----------
    assumed : pd.DataFrame or None
        As measured.
    figures : collection of str
        Those of the page.
    """
    if assumed is None:
        return []
    here = assumed[assumed["figure"].isin(figures)]
    return [
        (str(rule_id), str(name), f"{rows['doubt'].iloc[0]} It touches {_touched(rows)}.")
        for (rule_id, name), rows in here.groupby(["rule_id", "rule"], sort=False)
    ]


def _touched(rows: pd.DataFrame) -> str:
    return format_list([format_plural(row.rows, *_ROWS[row.figure]) for row in rows.itertuples()])
