"""The end of a run: pages are published, and what is new is told, through `sellerkit.deliver`.

The calls, in full:

- ``publish(pages, root, target)`` → addresses. Asked only for a target that lacks something: pages
  of this run, or of an earlier one that it did not get.
- ``news(previous, findings, as_of=, due_hours=, limits=, fetched=, zone=)`` → News, for each
  account: the findings that were told last (None at first), those of this run, what its sources
  brought in all runs, oldest first (`incidents.Brought`), and in which zone times are shown.
- ``tell(news, failures, channels, pages=, heartbeat=, state=, as_of=, accounts=)``: News by
  account, `incidents.Failure` rows, the addresses of what was published, the days of the
  heartbeat, the file in which it remembers what it told, and the accounts that were looked at:
  of others nothing is known to be mended.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sellerkit.config import Config, Mail, PublishTarget
from sellerkit.unattended.examine import Examined
from sellerkit.unattended.state import State
from sellerkit.unattended.steps import Steps


def _late(module: str, name: str) -> Callable[..., Any]:
    """Return a function whose module is loaded when it is called: it opens connections."""

    def call(*words: Any, **named: Any) -> Any:
        return getattr(importlib.import_module(module), name)(*words, **named)

    return call


@dataclass(frozen=True)
class Delivery:
    """How pages are published and news told; a test has its own."""

    publish: Callable[..., Any] = _late("sellerkit.deliver.publish", "publish")
    news: Callable[..., Any] = _late("sellerkit.deliver.news", "news")
    tell: Callable[..., Any] = _late("sellerkit.deliver.tell", "tell")


@dataclass(frozen=True)
class Published:
    """What a target has, by what is remembered: the SHA-256 of each page, and what it lacks."""

    has: Mapping[str, str]
    lacks: Sequence[str]


def publish_all(
    pages: Sequence[Path], config: Config, state: State, steps: Steps, delivery: Delivery
) -> list[str]:
    """Publish pages to every target; return the addresses of what is there now.

    A page that a target has, byte for byte, is not published again; one that it did not get
    (it failed that night) is published in the next run.
    """
    root = config.reports.out
    addresses: list[str] = []
    for target in config.publish:
        with steps.step("publish", target.name) as came:
            known = _known(state, target)
            # the list of all runs is of no use in a mail, where its links lead nowhere
            own = [path for path in pages if not (isinstance(target, Mail) and path.parent == root)]
            wanted = _wanted(own, root, known)
            names = [path.relative_to(root).as_posix() for path in wanted]
            if not wanted:
                came.append("nothing new")
                continue
            # remembered before: where this fails, or the run is killed, the next one makes up
            _remember(state, target, Published(known.has, names))
            addresses += delivery.publish(wanted, root, target)
            fresh = {name: _digest(path) for name, path in zip(names, wanted, strict=True)}
            _remember(state, target, Published({**known.has, **fresh}, []))
            came.append(f"{len(wanted)} pages")
    return addresses


def _wanted(pages: Sequence[Path], root: Path, known: Published) -> list[Path]:
    """Return the pages that a target lacks: those of earlier runs first, the index last."""
    lacking = [root / name for name in known.lacks]
    candidates = [path for path in dict.fromkeys([*lacking, *pages]) if path.is_file()]
    wanted = [
        path for path in candidates
        if known.has.get(path.relative_to(root).as_posix()) != _digest(path)
    ]  # fmt: skip
    return sorted(wanted, key=lambda path: path.parent == root)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _known(state: State, target: PublishTarget) -> Published:
    row = state.run().get("published", {}).get(target.name, {})
    return Published(row.get("has", {}), row.get("lacks", []))


def _remember(state: State, target: PublishTarget, published: Published) -> None:
    rows = state.run().get("published", {})
    row = {"has": dict(published.has), "lacks": list(published.lacks)}
    state.note(published={**rows, target.name: row})


def tell_all(
    examined: Sequence[Examined],
    addresses: Sequence[str],
    config: Config,
    steps: Steps,
    *,
    as_of: pd.Timestamp,
    state: State,
    delivery: Delivery,
) -> dict[str, Any]:
    """Tell what is new, in one message; return the news of each account.

    Findings count as told once it worked; until then the next run tells what is new since those
    that were told last.
    """
    found = {one.account: one.findings for one in examined if one.findings is not None}
    zones = {account.name: account.timezone or config.timezone for account in config.accounts}
    news: dict[str, Any] = {}
    with steps.step("tell") as came:
        if not config.tell:
            _all_told(found, state)
            came.append("nobody is to be told")
            return news
        for name, findings in found.items():
            own = state.account(name)
            news[name] = delivery.news(
                own.previous, findings, as_of=as_of, due_hours=config.limits.due_hours,
                limits=config.limits, fetched=own.brought(), zone=zones[name],
            )  # fmt: skip
        delivery.tell(
            news, list(steps.failures), config.tell, pages=list(addresses),
            heartbeat=config.heartbeat_days, state=state.told, as_of=as_of,
            accounts=[one.account for one in examined],
        )  # fmt: skip
        _all_told(found, state)
        new = sum(not one.empty for one in news.values())
        came.append(f"news of {new} of {len(examined)} accounts")
    return news


def _all_told(found: Mapping[str, Path], state: State) -> None:
    for name, findings in found.items():
        state.account(name).told(findings)
