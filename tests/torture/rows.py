"""What a part of the torture says: one row of the table each, and what of it went wrong."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Row:
    """Figures of one thing that was tried many times.

    Attributes
    ----------
    part : str
        What was done.
    tried : int
        How often, or with how many inputs.
    lost, doubled : int or None
        Messages, rows or files that were there before and are not any more, or are there twice;
        None where nothing could be.
    scripts : int or None
        Strangers' scripts that a browser ran, or wanted to run; None where there was no browser.
    seconds, peak_mib : float or None
        The worst of the processor's time and of the memory of all processes together.
    broken : list of str
        A sentence for each promise that was broken.
    """

    part: str
    tried: int = 0
    lost: int | None = None
    doubled: int | None = None
    scripts: int | None = None
    seconds: float | None = None
    peak_mib: float | None = None
    broken: list[str] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        """Tell whether every promise was kept."""
        return not (self.broken or self.lost or self.doubled or self.scripts)
