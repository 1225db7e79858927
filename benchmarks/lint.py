"""How often a rule that a message breaks is told, on a labelled set: `python -m benchmarks.lint`.

A decision is a message and a rule. Prints the figures of the parts that phrases were written from
(``tune``, ``tune2``) and of those that are only measured (``held``, ``fresh``, ``later``), and
writes them to docs/lint.md. No message is ever printed, so nobody can tune on a measured part by
looking.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from sellerkit.measure import wilson
from sellerkit.text import language
from sellerkit.text.lint import lint, rules

LABELLED = Path(__file__).with_name("labelled_seller")
PAGE = Path(__file__).parents[1] / "docs" / "lint.md"
TEMPLATE = LABELLED / "lint_page.md"

#: What is wanted of the measured part.
WANTED = {"precision": 0.97, "recall": 0.90}
PARTS = {
    "held": "only measured",
    "held2": "written by another author in natural wording, only measured",
    "tune": "phrases were written from it",
    "tune2": "phrases were written from it, plain wording",
    "fresh": "written before the phrases were widened, by who widened them",
    "later": "written after that, roundabout wording",
}

_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "ja")


def main() -> None:
    """Print the figures of all parts, and write the page."""
    found = {part: decisions(part) for part in PARTS}
    for part, each in found.items():
        print(f"{part}\n{figures(each, 'rule').to_string(index=False)}\n")
        print(f"{figures(each, 'written_in').to_string(index=False)}\n")
    PAGE.write_text(page(found), "utf-8")
    print(f"written: {PAGE.relative_to(PAGE.parents[1])}")


def decisions(part: str) -> pd.DataFrame:
    """Return one row for each message and rule of a part that is labelled or told.

    Columns: `id`, `written_in`, `rule`, `wanted` (the label has it), `told`.
    """
    labels = [
        label | {"written_in": code}
        for code in _LANGUAGES
        for label in map(
            json.loads, (LABELLED / f"{code}.lint.{part}.jsonl").read_text("utf-8").splitlines()
        )
    ]
    frame = pd.DataFrame(labels)
    texts = frame[["subject", "body", "marketplace"]].astype("str")
    texts["language"] = language(texts["subject"], texts["body"])
    rows = lint(texts.assign(proactive=frame["kind"] == "proactive"))
    told = rows[["row", "rule"]].drop_duplicates().assign(told=True)
    wanted = frame["rules"].explode().dropna().rename("rule").rename_axis("row").reset_index()
    both = wanted.assign(wanted=True).merge(told, on=["row", "rule"], how="outer")
    both[["wanted", "told"]] = both[["wanted", "told"]].notna()
    return (
        frame[["id", "written_in"]].join(both.set_index("row"), how="right").reset_index(drop=True)
    )


def figures(found: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return precision and recall by rule or language, with 95 % Wilson intervals."""
    every = pd.concat([found, found.assign(**{by: "all"})])
    right = every["wanted"] & every["told"]
    rows = (
        every.assign(right=right)
        .groupby(by)[["wanted", "told", "right"]]
        .sum()
        .rename(columns={"wanted": "n"})
        .reset_index()
    )
    for name, of in (("precision", "told"), ("recall", "n")):
        rows[name] = rows["right"] / rows[of]
        rows[f"{name}_low"], rows[f"{name}_high"] = wilson(rows["right"], rows[of])
    order = {name: at for at, name in enumerate((*rules(), *_LANGUAGES, "all"))}
    return rows.sort_values(by, key=lambda c: c.map(order)).reset_index(drop=True).round(3)


def page(found: dict[str, pd.DataFrame]) -> str:
    """Return docs/lint.md."""
    blanks = {f"wanted_{name}": f"{share:.2f}" for name, share in WANTED.items()}
    for part, each in found.items():
        for by in ("rule", "written_in"):
            blanks[f"{part}_{by}"] = "\n".join(_lines(figures(each, by), by))
        totals = figures(each, "rule").set_index("rule").loc[["all"]].reset_index()
        blanks[f"{part}_all"] = _lines(totals.assign(rule=part), "rule")[0]
    return TEMPLATE.read_text("utf-8").format(**blanks)


def _lines(rows: pd.DataFrame, by: str) -> list[str]:
    return [
        f"| {row[by]} | {row['n']} | {row['told']} | {row['right']} "
        f"| {_share(row, 'precision')} | {_share(row, 'recall')} |"
        for row in rows.to_dict("records")
    ]


def _share(row: dict[str, float], name: str) -> str:
    if pd.isna(row[name]):
        return "–"
    reached = "" if row[name] >= WANTED[name] else ", missed"
    return f"{row[name]:.3f} ({row[f'{name}_low']:.3f} to {row[f'{name}_high']:.3f}{reached})"


if __name__ == "__main__":
    main()
