"""Do the stated intervals hold the truth as often as they say? Writes its part of docs/figures.md.

Run as ``python -m benchmarks.coverage``. Everything is drawn from a fixed seed, so two runs give
the same page.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import pandas as pd

from sellerkit.measure import (
    mean_interval,
    median_hours,
    median_interval,
    quantile_interval,
    survival_curve,
    wilson,
)
from sellerkit.measure.intervals import MEAN_FROM, WAITING_FROM

PAGE = Path(__file__).parents[1] / "docs" / "figures.md"
BEGIN, END = "<!-- written by benchmarks/coverage.py -->", "<!-- end -->"

SIZES = (12, 50, 500)
SEED = 20261005

#: Waits as they are in a shop: half within 6 hours, one of ten over 21.
MEDIAN, SPREAD = 6.0, 1.0
_AS_OF = pd.Timestamp("2026-10-05T06:00", tz="UTC").as_unit("us")


class Held(NamedTuple):
    """How often an interval of a figure of `n` contacts held the truth, of how often it was stated."""

    figure: str
    n: int
    held: float | None
    stated: float


class Bias(NamedTuple):
    """How far figures of `n` contacts are off, as a share of the truth; the middle of all samples."""

    when: str
    n: int
    km_median: float
    middle_median: float
    plain_median: float
    plain_mean: float | None


def shares(random: np.random.Generator, draws: int) -> list[Held]:
    """Wilson intervals of shares whose truths are spread evenly over a half to one."""
    found = []
    for n in SIZES:
        truth = random.uniform(0.5, 1, draws)
        low, high = wilson(random.binomial(n, truth), np.full(draws, n))
        found.append(
            Held("share (Wilson)", n, float(((low <= truth) & (truth <= high)).mean()), 1.0)
        )
    return found


def hours(random: np.random.Generator, draws: int) -> list[Held]:
    """Intervals of the median, the p90 and the mean of waits that are all known."""
    truths = {
        "median": MEDIAN,
        "p90": MEDIAN * math.exp(NormalDist().inv_cdf(0.9) * SPREAD),
        "mean": MEDIAN * math.exp(SPREAD**2 / 2),
    }
    found = []
    for figure, truth in truths.items():
        for n in sorted({*SIZES, MEAN_FROM} if figure == "mean" else SIZES):
            samples = random.lognormal(math.log(MEDIAN), SPREAD, (draws, n))
            ends = [_interval(figure, pd.Series(sample)) for sample in samples]
            found.append(_held(figure, n, ends, truth))
    return found


def _interval(figure: str, sample: pd.Series) -> tuple[float | None, float | None]:
    if figure == "mean":
        return mean_interval(sample)
    return quantile_interval(sample, {"median": 0.5, "p90": 0.9}[figure])


def _held(figure: str, n: int, ends: list[tuple[float | None, float | None]], truth: float) -> Held:
    stated = [pair for pair in ends if pair != (None, None)]
    inside = [
        (low is None or low <= truth) and (high is None or truth <= high) for low, high in stated
    ]
    held = float(np.mean(inside)) if stated else None
    return Held(figure, n, held, len(stated) / len(ends))


#: How many are never answered, and over how many hours before the end they came in.
SHOPS = {
    "one in four is never answered": (0.25, 14 * 24),
    "all came in the last day": (0.0, 24),
}


def waiting(random: np.random.Generator, draws: int) -> tuple[list[Held], list[Bias]]:
    """Medians where some wait still: with them counted, and without."""
    held, biases = [], []
    for when, (never, hours) in SHOPS.items():
        # the hour by which half of all are answered
        truth = MEDIAN * math.exp(NormalDist().inv_cdf(0.5 / (1 - never)) * SPREAD)
        mean = MEDIAN * math.exp(SPREAD**2 / 2)  # of those that are never answered there is none
        for n in SIZES:
            ends, medians, middles, plain, means = [], [], [], [], []
            for _ in range(draws):
                wait = random.lognormal(math.log(MEDIAN), SPREAD, n)
                wait[random.random(n) < never] = np.inf
                age = random.uniform(0, hours, n)
                known = wait[wait <= age]
                curve = survival_curve(_contacts(wait, age), as_of=_AS_OF)
                ends.append(median_interval(curve) if n >= WAITING_FROM else (None, None))
                medians.append(median_hours(curve))
                middles.append(_middle(curve))
                plain.append(np.median(known) if len(known) else np.nan)
                means.append(known.mean() if len(known) else np.nan)
            held.append(_held(f"median, those that wait counted; {when}", n, ends, truth))
            off_mean = None if never else _off(means, mean)
            km, middle = _off(medians, truth), _off(middles, truth)
            biases.append(Bias(when, n, km, middle, _off(plain, truth), off_mean))
    return held, biases


def _middle(curve: pd.DataFrame) -> float | None:
    """Return the median as R's survfit has it: where the curve rests at a half, its rest's middle."""
    after = curve.loc[curve["answered_share"] > 0.5 + 1e-9, "hours"]
    first = median_hours(curve)
    resting = (curve["answered_share"] - 0.5).abs() <= 1e-9
    return (first + after.iloc[0]) / 2 if resting.any() and len(after) and first else first


def _off(values: Sequence[float | None], truth: float) -> float:
    """Return how far the middle value is off; a curve that never reaches a half is above all."""
    found = np.array(values, dtype="float64")
    return float(np.median(np.where(np.isnan(found), np.inf, found)) / truth - 1)


def _contacts(wait: np.ndarray, age: np.ndarray) -> pd.DataFrame:
    hour = 3_600_000_000
    sent = _AS_OF.to_datetime64().astype("datetime64[us]") - (age * hour).astype("int64")
    answered = sent + np.where(wait <= age, wait * hour, 0).astype("int64")
    answered = np.where(wait <= age, answered, np.datetime64("NaT"))
    return pd.DataFrame(
        {"sent_at": pd.Series(sent).dt.tz_localize("UTC"),
         "answered_at": pd.Series(answered).dt.tz_localize("UTC"), "counted": True}
    )  # fmt: skip


def simulate(draws: int, seed: int = SEED) -> tuple[list[Held], list[Bias]]:
    """Return how often each interval held, and how far the medians are off."""
    random = np.random.default_rng(seed)
    found = shares(random, draws * 10) + hours(random, draws)
    held, biases = waiting(random, draws)
    return found + held, biases


def tables(held: list[Held], biases: list[Bias], draws: int) -> str:
    """Return the part of the page that rests on a simulation."""
    lines = [
        f"{draws:,} samples of each size, of shares ten times as many; seed {SEED}.",
        "",
        "| 95 % interval of | contacts | holds the truth |",
        "| --- | ---: | ---: |",
    ]
    lines += [
        f"| {h.figure} | {h.n} | {'none is stated' if h.held is None else f'{h.held:.1%}'} |"
        for h in held
    ]
    lines += [
        "",
        "How far off, against the truth of all contacts:",
        "",
        "| when | contacts | median, those that wait counted | the same, middle of a rest | median of the answered "
        "| mean of the answered |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {b.when} | {b.n} | {b.km_median:+.1%} | {b.middle_median:+.1%} | {b.plain_median:+.1%} | "
        + (f"{b.plain_mean:+.1%} |" if b.plain_mean is not None else "no truth |")
        for b in biases
    ]
    return "\n".join(lines)


def main() -> None:
    """Print the tables, and write them into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=4000, help="samples of each size")
    draws = parser.parse_args().draws
    text = tables(*simulate(draws), draws)
    print(text)
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
