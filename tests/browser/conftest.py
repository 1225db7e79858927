"""Pages made by playing the real notebooks on a small shop with hostile mail, once for all."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from played import played
from playwright.sync_api import Browser, sync_playwright

from sellerkit.read.ingest import ingest
from sellerkit.read.source import Context
from sellerkit.report.exporter import render_page
from sellerkit.report.index import write_index
from sellerkit.report.load import load_run
from sellerkit.report.places import Place
from sellerkit.report.record import record_of, write_record
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
    order = _claimed(sample.folder)
    _write_hostile(sample.folder / "messages.csv", order)
    context = Context(sample.account, own_addresses=frozenset(sample.own_addresses))
    ingest([sample.folder], folder / "lake", context)
    return {
        "lake": str(folder / "lake"), "as_of": sample.as_of, "texts": True,
        "order": order,
    }  # fmt: skip


@pytest.fixture(scope="session")
def pages(
    chromium: str, shop: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Built]:
    folder = tmp_path_factory.mktemp("pages")
    empty = shop | {"as_of": "2014-01-01T00:00:00Z"}
    notebooks = {name: notebook for name, (notebook, _) in REPORTS.items()}
    built = {name: _build(folder, name, notebook, shop) for name, notebook in notebooks.items()}
    built["index"] = _index(folder, shop)
    return built | {
        f"{name}_empty": _build(folder, f"{name}_empty", notebooks[name], empty)
        for name in ("compliance", "atoz", "due")
    }


def _claimed(folder: Path) -> str:
    """Return an order with a claim."""
    with next(folder.rglob("claims.csv")).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))[-1]["order_id"]


def _index(folder: Path, shop: dict[str, Any]) -> Built:
    """The list of all runs: one that was published of an account with a hostile name."""
    run = load_run(shop["lake"], as_of=shop["as_of"])
    record = record_of(run, "compliance", "0").model_copy(update={"account": HOSTILE})
    write_record(record, Place.of(folder / "reports", "shop", "compliance", run.audit.until))
    path = write_index(folder / "reports")
    return Built(path, path, 0)


def _write_hostile(path: Path, order: str) -> None:
    """A message that is open, and one that was missed by so much that it is among the worst."""
    rows = [
        {"message_id": HOSTILE, "thread_id": HOSTILE, "order_id": "", "sender": "buyer",
         "marketplace": "DE", "sent_at": sent_at, "buyer_id": HOSTILE, "topic": "inquiry",
         "subject": HOSTILE, "body": HOSTILE}
        | {"message_id": f"{HOSTILE}{n}", "thread_id": f"{HOSTILE}{n}", "order_id": about}
        for n, (sent_at, about) in enumerate(
            [("2026-10-05T05:00:00Z", ""), ("2026-09-05T06:30:00Z", ""),
             ("2026-10-05T05:30:00Z", order)]
        )
    ]  # fmt: skip
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def _build(folder: Path, name: str, notebook: str, shop: dict[str, Any]) -> Built:
    executed = played(notebook, **shop)
    path, still = folder / f"{name}.html", folder / f"{name}.static.html"
    path.write_text(render_page(executed, title=name), "utf-8")
    still.write_text(render_page(executed, title=name, static=True), "utf-8")
    outputs = [output for cell in executed.cells for output in cell.get("outputs", [])]
    charts = sum(PLOTLY_MIME in output.get("data", {}) for output in outputs)
    return Built(path, still, charts)
