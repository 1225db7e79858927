"""A report against the least that papermill and nbconvert take for any notebook with a chart library.

`sellerkit report compliance` opens the sample shop's lake, audits it, runs 20 cells, draws, renders,
looks for leaks and publishes. The others run a notebook that imports pandas and plotly, and nothing.
Wanted is at most 1.5 times the two commands.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat

from benchmarks import measure, written

Took = tuple[float, float]
OURS = "sellerkit report compliance"


def prepare(folder: Path) -> str:
    """Write the bare notebook and the sample shop's lake; return the instant to look at it."""
    from sellerkit.read.ingest import ingest
    from sellerkit.read.source import Context
    from sellerkit.sample import write_sample

    bare = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("import pandas\nimport plotly.express")]
    )
    bare.metadata.kernelspec = {"name": "python3", "language": "python", "display_name": "Python 3"}
    nbformat.write(bare, folder / "bare.ipynb")
    sample = write_sample(folder / "histories")
    context = Context(sample.account, own_addresses=frozenset(sample.own_addresses))
    ingest([sample.folder], folder / "lake", context)
    return sample.as_of


def ours(folder: Path, as_of: str, *names: str) -> Took:
    """Build reports by the command."""
    words = ["--lake", str(folder / "lake"), "--as-of", as_of, "--out", str(folder / "reports")]
    return measure.run(["-m", "sellerkit", "report", *names, *words])[:2]


def two_commands(folder: Path) -> Took:
    """Run and convert the bare notebook as their documents show it."""
    bare, done = str(folder / "bare.ipynb"), str(folder / "done.ipynb")
    ran = measure.run(["-m", "papermill", "--no-progress-bar", bare, done])
    made = measure.run(["-m", "nbconvert", "--to", "html", done])
    return ran[0] + made[0], max(ran[1], made[1])


def one_process(folder: Path) -> Took:
    """Run and convert it by their functions, which saves a second start of Python."""
    return measure.run(["-m", "benchmarks.report_time", str(folder)])[:2]


def main(folder: Path, runs: int, *, write: bool = False) -> None:
    """Measure all in turn, print, and keep the results where that is asked for."""
    as_of = prepare(folder)
    contestants: dict[str, Callable[[], Took]] = {
        OURS: lambda: ours(folder, as_of, "compliance"),
        "sellerkit report compliance atoz due": lambda: ours(
            folder, as_of, "compliance", "atoz", "due"
        ),
        "papermill and nbconvert, two commands": lambda: two_commands(folder),
        "papermill and nbconvert, one process": lambda: one_process(folder),
    }
    found: dict[str, list[Took]] = {name: [] for name in contestants}
    for _ in range(runs):
        for name, run in contestants.items():
            found[name].append(run())
    bare = statistics.median(took for took, _ in found["papermill and nbconvert, two commands"])
    rows = []
    print(f"\nA report, medians of {runs}")
    for name, each in found.items():
        took, mib = (statistics.median(column) for column in zip(*each, strict=True))
        rows.append((name, f"{took:.2f}", f"{took / bare:.2f}", f"{mib:,.0f}"))
        print(f"{name:40}{took:9.2f} s{took / bare:8.2f}{mib:8.0f} MiB")
    if write:
        written.fill("report", ("", "seconds", "of two commands", "peak MiB"), rows)


if __name__ == "__main__":
    import papermill
    from nbconvert import HTMLExporter

    place = Path(sys.argv[1])
    papermill.execute_notebook(
        str(place / "bare.ipynb"), str(place / "done.ipynb"), progress_bar=False
    )
    text, _ = HTMLExporter().from_filename(str(place / "done.ipynb"))
    (place / "done.html").write_text(text, "utf-8")
