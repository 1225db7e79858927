"""What a GitHub workflow needs besides the time: packages, and folders that outlive a machine."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sellerkit import __version__
from sellerkit.config import Amazon, Config, Fsspec, Imap
from sellerkit.config.stores import LIBRARIES
from sellerkit.errors import UsageError
from sellerkit.schedule.plan import Plan
from sellerkit.schedule.words import without, writable


def workflow(plan: Plan) -> dict[str, Any]:
    """Return what the template of a workflow is filled with.

    Raises
    ------
    UsageError
        A folder that lies outside of the repository, or a path that GitHub reads as something else.
    """
    root = _root(plan.home)
    kept = [_inside(place, root) for place in dict.fromkeys(_kept(plan.config))]
    config = plan.config.file.relative_to(root).as_posix()
    for text in (config, plan.account, *kept):
        without(text, "${{", "a path or name", "GitHub")
    keeping = _keeping(plan)
    cron = plan.when.cron()
    return {
        "config": config,
        "kept": [_pattern(place) for place in kept],
        "packages": _packages(plan.config),
        "keeping": keeping,
        "due": f"github.event_name != 'schedule' || github.event.schedule == '{cron}'",
    }


def _root(home: Path) -> Path:
    """Return the folder of the repository; where there is none, that of the configuration."""
    return next((each for each in (home, *home.parents) if (each / ".git").exists()), home)


def _kept(config: Config) -> Iterator[Path]:
    """Yield the folders that a run goes on from."""
    yield config.reports.out
    for account in config.accounts:
        near = "://" not in account.lake
        if near:
            yield Path(account.lake)
        for source in account.fetch:
            if isinstance(source, Amazon) or source.keep is not None:
                yield Path(str(source.keep))
            elif isinstance(source, Imap) and near:
                yield Path(account.lake.rstrip("/\\") + ".mail")


def _inside(place: Path, root: Path) -> str:
    writable(str(place), "the path of a folder")
    place = Path(os.path.normpath(place))
    if not place.is_relative_to(root) or place == root:
        raise UsageError(
            f"{place} is kept from run to run and lies outside of the repository {root}; "
            "name a folder in it in the configuration"
        )
    return place.relative_to(root).as_posix()


def _pattern(place: str) -> str:
    """Return a path as a pattern that means it alone; none begins with a mark."""
    return "./" + re.sub(r"([*?\[])", r"[\1]", place)


def _packages(config: Config) -> list[str]:
    amazon = any(isinstance(s, Amazon) for account in config.accounts for s in account.fetch)
    schemes = [target.url for target in config.publish if isinstance(target, Fsspec)]
    schemes += [account.lake for account in config.accounts]
    stores = {LIBRARIES.get(url.partition("://")[0], "") for url in schemes if "://" in url}
    extras = ",".join(["s3"] * (LIBRARIES["s3"] in stores) + ["spapi"] * amazon)
    ours = f"sellerkit{f'[{extras}]' if extras else ''}=={__version__}"
    return [ours, *sorted(stores - {"", LIBRARIES["s3"]})]


def _keeping(plan: Plan) -> str:
    """Return when the cache is asked for between two runs, so that GitHub does not forget it."""
    at = f"{plan.when.at.minute} {plan.when.at.hour}"
    if plan.when.every == "week":
        return f"{at} * * {(plan.when.weekday + 4) % 7}"
    return f"{at} 6,11,16,21,26 * *" if plan.when.every == "month" else ""
