"""What stands on file of purges: orders held by the seller's word, what is under way, reports."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sellerkit.errors import InputError, UsageError
from sellerkit.lake import Lake
from sellerkit.lake.key import PURGES

HOLDS = ".holds.json"
UNDER_WAY = ".purge-under-way.json"
REPORTS = PURGES


def write(path: Path, value: Any) -> None:
    """Write JSON that only its owner reads; whoever reads it sees all of it or what was before."""
    fresh = path.with_name(f"{path.name}.writing")
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def read(path: Path, otherwise: Any) -> Any:
    """Read JSON; where there is none, something else.

    Raises
    ------
    InputError
        It is none.
    """
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return otherwise
    except ValueError as error:
        raise InputError(f"{path}: not as sellerkit wrote it; mend it or remove it") from error


def holds_of(lake: Path) -> list[dict[str, str]]:
    """Return what the seller said of single orders: ``order_id``, ``kind``, ``reason``, ``at``."""
    found = read(lake / HOLDS, [])
    wanted = {"order_id", "kind", "reason"}
    if not isinstance(found, list) or not all(
        isinstance(each, dict) and wanted <= set(each) for each in found
    ):
        raise InputError(f"{lake / HOLDS}: not as sellerkit wrote it; mend it or remove it")
    return found


def add_hold(lake: str, order_id: str, kind: str, reason: str, at: str) -> None:
    """Hold an order, or let go of one (``release``); the newest word on an order stands.

    Raises
    ------
    InputError
        No lake is there, or another writes to it.
    """
    with Lake.open(folder_of(lake)).writing():
        _add_hold(folder_of(lake), order_id, kind, reason, at)


def folder_of(lake: str | Path) -> Path:
    """Return the folder of a lake.

    Raises
    ------
    UsageError
        It is in an object store.
    """
    text = str(lake).removeprefix("file://")
    if "://" in text:
        raise UsageError(
            f"{lake}: a purge removes files of old versions, which it can in a folder only; copy "
            "the lake, purge it there, and put it in the place of the old one"
        )
    return Path(text)


def _add_hold(lake: Path, order_id: str, kind: str, reason: str, at: str) -> None:
    others = [each for each in holds_of(lake) if each["order_id"] != order_id]
    said = {"order_id": order_id, "kind": kind, "reason": reason, "at": at}
    write(lake / HOLDS, [*others, said])


def forget(lake: Path, token: Callable[[str], str]) -> None:
    """Take purged orders out of what is on file: their ids, and the words of their reasons."""
    kept = [each for each in holds_of(lake) if token(each["order_id"]) == each["order_id"]]
    if (lake / HOLDS).is_file():
        write(lake / HOLDS, kept)
    for path in sorted((lake / REPORTS).glob("*.json")):
        said = read(path, {})
        new = [_forgotten(each, token) for each in said.get("held", [])]
        if new != said.get("held", []):
            write(path, said | {"held": new})


def _forgotten(each: dict[str, str], token: Callable[[str], str]) -> dict[str, str]:
    order = token(each.get("order_id", ""))
    if order == each.get("order_id", ""):
        return each
    return each | {"order_id": order, "reason": "purged since"}
