"""A report read by several threads, in parts, gives what is read at once."""

from __future__ import annotations

from pathlib import Path

import amazon_samples
import pandas as pd
import pytest

from sellerkit.read import parts
from sellerkit.read.amazon.orders import ALL_ORDERS
from sellerkit.read.source import Context, Source

CONTEXT = Context("shop", "DE")


def report(tmp_path: Path, lines: list[str]) -> Path:
    header = amazon_samples.table(amazon_samples.ALL_ORDERS_ROW).partition("\n")[0]
    path = tmp_path / "orders.txt"
    path.write_text("\r\n".join([header.rstrip("\r"), *lines]), "utf-8", newline="")
    return path


def line(number: int, **changed: str) -> str:
    row = amazon_samples.ALL_ORDERS_ROW | {
        "amazon-order-id": f"302-{number // 2:07}-0000001",
        "sku": f"SKU-{number % 3}",
        "item-price": f"{number}.50",
        **{name.replace("_", "-"): value for name, value in changed.items()},
    }
    return amazon_samples.table(row).splitlines()[1]


def both(path: Path, monkeypatch: pytest.MonkeyPatch) -> list:
    monkeypatch.setattr(parts, "PART_BYTES", 5_000)
    several = ALL_ORDERS.parse(Source(str(path), path.read_bytes(), str(path)), CONTEXT)
    one = ALL_ORDERS.parse(Source(str(path), path.read_bytes()), CONTEXT)
    return [several, one]


@pytest.mark.parametrize("odd", [None, "bad", "short", "blank", "long"])
def test_the_parts_give_what_the_whole_gives(odd, tmp_path, monkeypatch):
    lines = [line(n) for n in range(120)]
    if odd == "bad":
        lines[70] = line(70, purchase_date="yesterday")
    if odd == "short":
        lines[70] = lines[70].rstrip("\t")
    if odd == "blank":
        lines[70:70] = ["", " \t "]
    if odd == "long":
        lines[70] += "\tone\ttoo\tmany" * 9
    several, one = both(report(tmp_path, lines), monkeypatch)
    assert several.read == one.read == 120 + 2 * (odd == "blank")
    assert several.skipped == one.skipped
    assert several.quarantined == one.quarantined
    assert len(one.quarantined) == (odd in ("bad", "long"))
    for name in ("orders", "order_items"):
        ours, theirs = (
            pd.DataFrame(parsed.tables[name]).sort_values("source_pos", ignore_index=True)
            for parsed in (several, one)
        )
        pd.testing.assert_frame_equal(ours, theirs)
    assert len(one.tables["orders"]) == 60


def test_a_file_in_windows_charset_is_read_whole(tmp_path, monkeypatch):
    path = report(tmp_path, [line(n) for n in range(120)])
    path.write_bytes(path.read_text("utf-8").replace("SKU-1", "SKÜ").encode("cp1252"))
    several, one = both(path, monkeypatch)
    assert several.warnings == one.warnings == [f"{path}: read as cp1252"]
    assert (several.tables["order_items"]["sku"] == "SKÜ").sum() == 40
