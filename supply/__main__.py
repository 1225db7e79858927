"""``python -m supply sbom FILE`` and ``python -m supply licences``."""

from __future__ import annotations

import sys
from pathlib import Path

from supply.licences import PAGE, page
from supply.lock import LOCK, locked


def main(words: list[str]) -> int:
    """Write the bill of materials, or docs/licences.md."""
    text = LOCK.read_text("utf-8")
    if words == ["licences"]:
        PAGE.write_text(page(locked(text)), "utf-8")
    elif len(words) == 2 and words[0] == "sbom":
        from supply.sbom import bill

        Path(words[1]).write_text(bill(locked(text), text), "utf-8")
    else:
        sys.exit(str(__doc__))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
