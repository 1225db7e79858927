"""Notebooks for people, the README's first analysis, and reports of one's own, on the sample."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ipywidgets
import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from sellerkit.report.exporter import read_notebook
from sellerkit.show.chart import PLOTLY_MIME

CONTROL = "application/vnd.jupyter.widget-view+json"

#: Notebook → how many charts it shows, and how many controls.
SHOWN = {
    "02_response_times": (3, 3),
    "03_obligations": (0, 1),
    "04_claims": (1, 1),
}

#: After this comment stand the five lines in README.md.
FIRST = re.compile(r"<!-- first analysis -->\s*```python\n(.*?)```", re.DOTALL)


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """A notebook's shell without a kernel: five kernels would take longer than five notebooks."""
    main = sys.modules["__main__"]
    made = InteractiveShell.instance(history_load_length=0)
    made.history_manager.enabled = False
    made.reset()
    yield made
    InteractiveShell.clear_instance()
    # a shell takes its place, and processes that other tests start would look there
    sys.modules["__main__"] = main


def shown(shell: InteractiveShell, code: str) -> list[dict[str, Any]]:
    """Run a cell; return what it displayed, its value last."""
    with capture_output(stdout=False, stderr=False) as captured:
        done = shell.run_cell(code)
    done.raise_error()
    bundles = [dict(output.data) for output in captured.outputs]
    if done.result is not None:
        bundles.append(shell.display_formatter.format(done.result)[0])
    return bundles


def code_of(name: str, **parameters: Any) -> list[str]:
    cells = [cell for cell in read_notebook(name).cells if cell.cell_type == "code"]
    given = "\n".join(f"{key} = {value!r}" for key, value in parameters.items())
    tags = [cell.metadata.get("tags", []) for cell in cells]
    place = next(n for n, tag in enumerate(tags) if "parameters" in tag)
    sources = [cell.source for cell in cells]
    return [*sources[: place + 1], given, *sources[place + 1 :]]


@pytest.mark.parametrize("name", SHOWN)
def test_a_notebook_for_people_runs_with_nobody_before_it(
    name: str, shell: InteractiveShell, lake: tuple[Path, dict]
) -> None:
    bundles = [b for cell in code_of(name, lake=str(lake[0])) for b in shown(shell, cell)]
    charts = sum(PLOTLY_MIME in bundle for bundle in bundles)
    controls = sum(CONTROL in bundle for bundle in bundles)
    assert (charts, controls) == SHOWN[name]


def test_a_row_of_ones_own_moves_duties(shell: InteractiveShell, lake: tuple[Path, dict]) -> None:
    cells = code_of("05_your_own_rules", lake=str(lake[0]), value=1.0, starts="2026-01-01")
    bundles = [b for cell in cells for b in shown(shell, cell)]
    assert sum(CONTROL in bundle for bundle in bundles) == 1
    moved, tried = [b["text/html"] for b in bundles if "another status" in b.get("text/html", "")]
    assert '<td class="">met</td><td class="">late</td>' in moved
    # the row holds on every day of the window, so it moves what trying its value moves
    assert moved == tried


def test_a_choice_draws_again(
    shell: InteractiveShell, lake: tuple[Path, dict], monkeypatch: pytest.MonkeyPatch
) -> None:
    boxes: list[ipywidgets.Dropdown] = []

    class Box(ipywidgets.Dropdown):
        def __init__(self, *words: Any, **options: Any) -> None:
            super().__init__(*words, **options)
            boxes.append(self)

    monkeypatch.setattr(ipywidgets, "Dropdown", Box)
    for cell in code_of("02_response_times", lake=str(lake[0]))[:3]:
        shown(shell, cell)
    topics = '["all", "return", "no such topic"]'
    _, first = shown(shell, f"show.choose(lab.response_times, run, topic={topics})")
    shell.push({"box": boxes[0]})
    blank, again = shown(shell, "box.value = 'return'")
    assert blank["text/html"] == "" and again[PLOTLY_MIME] != first[PLOTLY_MIME]
    assert "No such inquiry" in shown(shell, "box.value = 'no such topic'")[1]["text/html"]


def test_the_first_analysis_in_the_readme_gives_a_chart(
    root: Path, shell: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a checkout, with nothing made before: the README's own five lines."""
    found = FIRST.search((root / "README.md").read_text("utf-8"))
    assert found, "README.md has no python block after the comment `first analysis`"
    code = found[1]
    assert len([line for line in code.splitlines() if line.strip()]) == 5
    (tmp_path / "data").symlink_to(root / "data", target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    assert PLOTLY_MIME in shown(shell, code)[-1]


@pytest.fixture(scope="module")
def own(run: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a report of one's own, and a notebook that is called like ours."""
    home = tmp_path_factory.mktemp("own")
    done = run("new-report", "late-answers", "--dir", "mine", cwd=home)
    assert (done.code, done.out.strip()) == (0, str(Path("mine") / "late-answers.ipynb")), done.err
    (home / "compliance.ipynb").write_bytes((home / "mine/late-answers.ipynb").read_bytes())
    return home


def test_a_report_of_ones_own_runs_like_ours(run: Any, own: Path, lake: tuple[Path, dict]) -> None:
    words = ("--lake", lake[0], "--as-of", "2026-10-05T06:00Z", "-p", "store=DE")
    done = run("report", "late-answers", "--reports-dir", "mine", *words, cwd=own)
    assert done.code == 0, done.err
    page = own / done.out.strip()
    assert page.parts[-2:] == ("late-answers", "2026-10-05.html")
    assert (page.parent / "2026-10-05.findings" / "summary.json").is_file()
    text = page.read_text("utf-8")
    assert "<title>Late answers, " in text and "Which inquiries are answered late?" in text
    assert text.count('class="chart"') == 1 and "were late or missed" in text
    # neither the cells for the lab nor the code are in it
    assert "Write your own" not in text and "lab.rows" not in text and "jp-Rendered" not in text


def test_its_parameters_are_checked_like_ours(run: Any, own: Path, lake: tuple[Path, dict]) -> None:
    words = ("report", "mine/late-answers.ipynb", "--lake", lake[0], "-p")
    done = run(*words, "shop=DE", cwd=own)
    assert done.code == 4 and "has no parameter 'shop'" in done.err and "store" in done.err
    done = run(*words, "texts=perhaps", cwd=own)
    assert done.code == 4 and "not of type bool" in done.err


def test_our_names_go_before(run: Any, own: Path) -> None:
    done = run("report", "compliance", "--lake", "nowhere", cwd=own)
    assert done.code == 3 and "your compliance.ipynb is not run" in " ".join(done.err.split())
    done = run("report", "./compliance.ipynb", "--lake", "nowhere", cwd=own)
    assert done.code == 2 and "goes before yours" in done.err


def test_what_is_there_stays(run: Any, own: Path) -> None:
    before = (own / "mine/late-answers.ipynb").read_bytes()
    done = run("new-report", "late-answers", "--dir", "mine", cwd=own)
    assert done.code == 2 and "is there already" in done.err
    assert (own / "mine/late-answers.ipynb").read_bytes() == before


def test_a_new_report_is_a_notebook_of_its_name(own: Path) -> None:
    made = nbformat.read(own / "mine/late-answers.ipynb", as_version=4)
    nbformat.validate(made)
    assert made.cells[0].source.startswith("# Late answers\n")
