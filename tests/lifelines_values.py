"""Write what lifelines says of seeded waits to tests/data/lifelines.json.

lifelines asks for a pandas below 3, so it cannot stand beside sellerkit. Run by hand, in an
environment of its own: ``uv run --no-project --with lifelines==0.30.3 tests/lifelines_values.py``.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

from lifelines import KaplanMeierFitter, __version__
from lifelines.statistics import logrank_test

VALUES = Path(__file__).parent / "data" / "lifelines.json"


def pairs(seed: int, n: int, mean: float) -> list[tuple[int, bool]]:
    """Return whole hours waited (so that there are ties), and whether an answer ended the wait."""
    random = Random(seed)
    return [(int(random.expovariate(1 / mean)), random.random() < 0.8) for _ in range(n)]


def main() -> None:
    """Write the values."""
    samples = []
    for seed, n, mean in [(1, 12, 9), (2, 50, 14), (3, 200, 20), (4, 120, 30)]:
        waits = pairs(seed, n, mean)
        fitter = KaplanMeierFitter().fit(*zip(*waits, strict=True))
        share = 1 - fitter.survival_function_["KM_estimate"]
        band = 1 - fitter.confidence_interval_
        samples.append(
            {
                "waits": waits,
                "hours": share.index.tolist(),
                "share": share.tolist(),
                "high": band.iloc[:, 0].tolist(),
                "low": band.iloc[:, 1].tolist(),
            }
        )
    tests = []
    for first, second in [(0, 1), (1, 2), (2, 3), (3, 0)]:
        one, other = (list(zip(*samples[n]["waits"], strict=True)) for n in (first, second))
        found = logrank_test(one[0], other[0], one[1], other[1])
        tests.append({"first": first, "second": second, "chi_square": found.test_statistic,
                      "p_value": found.p_value})  # fmt: skip
    text = json.dumps({"lifelines": __version__, "samples": samples, "tests": tests})
    VALUES.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
