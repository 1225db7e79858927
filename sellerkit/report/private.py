"""Files that hold what buyers wrote: readable by their owner only."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

OWNER_ONLY = 0o600
OWNER_ONLY_FOLDER = 0o700


def keep_private(source: Path, target: Path) -> None:
    """Copy a file that nobody else may read, not even while it is written."""
    target.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with source.open("rb") as read, os.fdopen(os.open(target, flags, OWNER_ONLY), "wb") as write:
        shutil.copyfileobj(read, write)
