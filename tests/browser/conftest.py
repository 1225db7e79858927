"""Pages made by running the real notebooks on a small shop with hostile mail, once for all."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from playwright.sync_api import Browser, sync_playwright

from sellerkit.lake import Lake
from sellerkit.read.ingest import ingest
from sellerkit.read.source import Context
from sellerkit.report.exporter import notebook_path, render_page
from sellerkit.report.run import REPORTS
from sellerkit.sample import write_sample
from sellerkit.show.chart import PLOTLY_MIME

HOSTILE = "<img src=x onerror=document.title='owned'><b>bold</b></script> {{ 7*7 }} %{x}"

_FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass(frozen=True)
class Built:
    """A page on disk, the same without scripts, and how many charts its notebook gave."""

    path: Path
    still: Path
    charts: int


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core, which is not ours to keep: .ci/run fetches it and says where."""
    path = os.environ.get("SELLERKIT_AXE", "")
    if not path:
        if os.environ.get("SELLERKIT_REQUIRE_BROWSER") == "1":
            pytest.fail("axe-core is required here and SELLERKIT_AXE names no file")
        pytest.skip("SELLERKIT_AXE names no axe.min.js")
    return Path(path).read_text("utf-8")


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The parameters that a report on the shop may want."""
    folder = tmp_path_factory.mktemp("shop")
    sample = write_sample(folder / "histories", orders=120)
    _write_hostile(sample.folder / "messages.csv")
    context = Context(sample.account, own_addresses=frozenset(sample.own_addresses))
    ingest([sample.folder], folder / "lake", context)
    orders = Lake.open(folder / "lake").histories()["claims"]["order_id"].dropna()
    return {
        "lake": str(folder / "lake"), "as_of": sample.as_of, "texts": True,
        "order": str(orders.iloc[0]),
    }  # fmt: skip


@pytest.fixture(scope="session")
def pages(
    chromium: str, shop: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Built]:
    folder = tmp_path_factory.mktemp("pages")
    empty = shop | {"as_of": "2014-01-01T00:00:00Z"}
    notebooks = {name: notebook for name, (notebook, _) in REPORTS.items()}
    built = {name: _build(folder, name, notebook, shop) for name, notebook in notebooks.items()}
    return built | {
        f"{name}_empty": _build(folder, f"{name}_empty", notebooks[name], empty)
        for name in ("compliance", "atoz")
    }


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


def _build(folder: Path, name: str, notebook: str, shop: dict[str, Any]) -> Built:
    done = folder / f"{name}.ipynb"
    source = str(notebook_path(notebook))
    known = papermill.inspect_notebook(source)
    parameters = {key: value for key, value in shop.items() if key in known}
    papermill.execute_notebook(source, str(done), parameters=parameters, progress_bar=False)
    executed = nbformat.read(done, as_version=4)
    path, still = folder / f"{name}.html", folder / f"{name}.static.html"
    path.write_text(render_page(executed, title=name), "utf-8")
    still.write_text(render_page(executed, title=name, static=True), "utf-8")
    outputs = [output for cell in executed.cells for output in cell.get("outputs", [])]
    charts = sum(PLOTLY_MIME in output.get("data", {}) for output in outputs)
    return Built(path, still, charts)
