"""The small shop, read once for all tests of its dossiers."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_shop import AS_OF, write_shop

import sellerkit as sk


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `files` and their `lake`."""
    return write_shop(tmp_path_factory.mktemp("shop")).parent


@pytest.fixture(scope="session")
def run(shop: Path) -> sk.Run:
    return sk.load_run(str(shop / "lake"), as_of=AS_OF)
