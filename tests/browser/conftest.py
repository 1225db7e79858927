"""Pages made by running the real notebooks on a small shop with hostile mail, once for all."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import papermill
import pytest
from playwright.sync_api import Browser, sync_playwright

from sellerkit.read.ingest import ingest
from sellerkit.read.source import Context
from sellerkit.report.exporter import notebook_path, render_page
from sellerkit.report.index import write_index
from sellerkit.report.load import load_run
from sellerkit.report.places import Place
from sellerkit.report.record import record_of, write_record
from sellerkit.sample import write_sample
from sellerkit.show.chart import PLOTLY_MIME

HOSTILE = "<img src=x onerror=document.title='owned'><b>bold</b></script> {{ 7*7 }} %{x}"

NOTEBOOKS = {
    "compliance": "compliance",
    "atoz": "atoz_readiness",
    "due": "due",
    "portfolio": "portfolio",
}

_FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass(frozen=True)
class Built:
    """A page on disk and how many charts its notebook gave."""

    path: Path
    charts: int


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def pages(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Built]:
    folder = tmp_path_factory.mktemp("pages")
    sample = write_sample(folder / "histories", orders=120)
    _write_hostile(sample.folder / "messages.csv")
    context = Context(sample.account, own_addresses=frozenset(sample.own_addresses))
    ingest([sample.folder], folder / "lake", context)
    told = {"lake": str(folder / "lake"), "as_of": sample.as_of, "texts": True}
    empty = told | {"as_of": "2014-01-01T00:00:00Z"}
    built = {name: _build(folder, name, notebook, told) for name, notebook in NOTEBOOKS.items()}
    built["index"] = _index(folder)
    return built | {
        f"{name}_empty": _build(folder, f"{name}_empty", notebook, empty)
        for name, notebook in NOTEBOOKS.items()
        if name != "portfolio"
    }


def _index(folder: Path) -> Built:
    """The list of all runs: one that was published of an account with a hostile name."""
    run = load_run(folder / "lake", as_of="2026-10-05T06:00:00Z")
    record = record_of(run, "compliance", "0").model_copy(update={"account": HOSTILE})
    place = Place.of(folder / "reports", "shop", "compliance", run.audit.until)
    write_record(record, place)
    return Built(write_index(folder / "reports"), 0)


def _write_hostile(path: Path) -> None:
    """A message that is open, and one that was missed by so much that it is among the worst."""
    rows = [
        {"message_id": HOSTILE, "thread_id": HOSTILE, "order_id": "", "sender": "buyer",
         "marketplace": "DE", "sent_at": sent_at, "buyer_id": HOSTILE, "topic": "inquiry",
         "subject": HOSTILE, "body": HOSTILE}
        | {"message_id": f"{HOSTILE}{n}", "thread_id": f"{HOSTILE}{n}"}
        for n, sent_at in enumerate(["2026-10-05T05:00:00Z", "2026-09-05T06:30:00Z"])
    ]  # fmt: skip
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def _build(folder: Path, name: str, notebook: str, parameters: dict[str, object]) -> Built:
    done = folder / f"{name}.ipynb"
    papermill.execute_notebook(
        str(notebook_path(notebook)), str(done), parameters=parameters, progress_bar=False
    )
    executed = nbformat.read(done, as_version=4)
    path = folder / f"{name}.html"
    path.write_text(render_page(executed, title=name), "utf-8")
    outputs = [output for cell in executed.cells for output in cell.get("outputs", [])]
    return Built(path, sum(PLOTLY_MIME in output.get("data", {}) for output in outputs))
