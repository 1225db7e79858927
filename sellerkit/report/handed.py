"""A run handed from the command to its notebook: audited once, its figures reckoned once.

The command has read and audited the lake when a notebook begins; the notebook's `load_run` asks
for the same again and is given it. What it asks for otherwise is read and audited as anywhere.
"""

from __future__ import annotations

import contextlib
import functools
import os
import pickle
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sellerkit.report.load import Run

#: The environment of a report's kernel names the file.
HANDED = "SELLERKIT_HANDED_OVER"


def hand_over(runs: Iterable[Run], path: Path) -> None:
    """Write runs for a notebook's kernel, with the figures that were reckoned of them.

    The file holds what the lake holds. Its folder must be its owner's alone; the kernel deletes it
    when it has read it.
    """
    # without room for it the notebook reads and audits for itself
    with contextlib.suppress(OSError):
        try:
            with path.open("wb") as file:
                pickle.dump(list(runs), file, protocol=5)
        except BaseException:
            path.unlink(missing_ok=True)
            raise


@functools.cache
def handed_over() -> tuple[Run, ...]:
    """Return the runs that this process was handed over, none where it is no report's kernel."""
    name = os.environ.pop(HANDED, "")
    if not name:
        return ()
    try:
        with Path(name).open("rb") as file:
            return tuple(pickle.load(file))
    except OSError:
        return ()
    finally:
        Path(name).unlink(missing_ok=True)
