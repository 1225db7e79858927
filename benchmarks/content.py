"""How often an answer's content is told right, on a labelled set: `python -m benchmarks.content`.

Each labelled answer is told its language and judged as the audit does. Prints counts of the part
that phrases were written by and of the part that is only measured, and writes docs/content.md. No
message of the measured part is ever printed, so nobody can tune on it by looking.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sellerkit.measure import wilson
from sellerkit.text import content_ok, language

LABELLED = Path(__file__).with_name("labelled_seller")
PAGE = Path(__file__).parents[1] / "docs" / "content.md"
TEMPLATE = LABELLED / "content.md"

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "ja")

#: What is wanted of the measured part, in each language.
WANTED = 0.90


def main() -> None:
    """Print the figures of both parts, and write the page."""
    found = {part: answers(part) for part in ("tune", "held")}
    for part, each in found.items():
        print(f"{part}\n{figures(each, 'written_in').round(3).to_string(index=False)}\n")
    PAGE.write_text(page(found), "utf-8")
    print(f"written: {PAGE.relative_to(PAGE.parents[1])}")


def answers(part: str) -> pd.DataFrame:
    """Return one row per labelled answer of a part (``tune`` or ``held``), and what was told.

    Columns: `id`, `written_in`, `expected`, `ok` (labels); `language`, `told`.
    """
    labels = pd.DataFrame(
        [
            json.loads(line) | {"written_in": code}
            for code in LANGUAGES
            for line in (LABELLED / f"{code}.content.{part}.jsonl").read_text("utf-8").splitlines()
        ]
    )
    body = labels["body"].astype("str")
    told_language = language(pd.Series(None, index=body.index, dtype="str"), body)
    told = content_ok(labels["expected"].astype("str"), body, told_language)
    return labels[["id", "written_in", "expected", "ok"]].assign(language=told_language, told=told)


def figures(found: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return accuracy with its 95 % Wilson interval, precision and recall of ok, by a column."""
    rows = found.assign(
        right=(found["told"] == found["ok"]).fillna(False).astype(bool),
        said=found["told"].fillna(False).astype(bool),
        null=found["told"].isna(),
    )
    rows["hit"] = rows["said"] & rows["ok"]
    sums = rows.groupby(by, sort=False)[["right", "said", "ok", "hit", "null"]].sum()
    sums["n"] = rows.groupby(by, sort=False).size()
    sums["accuracy"] = sums["right"] / sums["n"]
    sums["low"], sums["high"] = wilson(sums["right"], sums["n"])
    sums["precision"] = sums["hit"] / sums["said"].replace(0, np.nan)
    sums["recall"] = sums["hit"] / sums["ok"].replace(0, np.nan)
    return sums.reset_index()


def page(found: dict[str, pd.DataFrame]) -> str:
    """Return docs/content.md."""
    held, tune = found["held"], found["tune"]
    languages = [
        f"| {row.written_in} {_measured(row)} | {row.null} "
        f"| {'reached' if row.accuracy >= WANTED else 'missed'} |"
        for row in figures(held, "written_in").itertuples()
    ]
    return TEMPLATE.read_text("utf-8").format(
        wanted=f"{WANTED:.2f}",
        languages="\n".join(languages),
        kinds="\n".join(
            f"| {row.expected} {_measured(row)} |" for row in figures(held, "expected").itertuples()
        ),
        cells="\n".join(_cells(held)),
        tune="\n".join(
            f"| {row.written_in} | {row.n} | {row.right} | {row.accuracy:.3f} "
            f"| {row.precision:.2f} | {row.recall:.2f} |"
            for row in figures(tune, "written_in").itertuples()
        ),
    )


def _measured(row: Any) -> str:
    return (
        f"| {row.n} | {row.right} | {row.accuracy:.3f} | {row.low:.3f} to {row.high:.3f} "
        f"| {row.precision:.2f} | {row.recall:.2f}"
    )


def _cells(held: pd.DataFrame) -> list[str]:
    kinds = list(dict.fromkeys(held["expected"]))
    lines = [f"| written in | {' | '.join(kinds)} |", "|---" * (len(kinds) + 1) + "|"]
    for code in LANGUAGES:
        own = figures(held[held["written_in"] == code], "expected").set_index("expected")
        cells = [f"{own['right'][kind]} of {own['n'][kind]}" for kind in kinds]
        lines.append(f"| {code} | {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    main()
