"""Instants as the clock on the wall shows them."""

from __future__ import annotations

import zoneinfo

import pandas as pd

from sellerkit.errors import UsageError


def wall_clock(instants: pd.Series, zone: str) -> pd.Series:
    """Return instants as local times without a zone, one per instant.

    Parameters
    ----------
    instants : pd.Series
        ``datetime64[us, UTC]``.
    zone : str
        IANA name, ``Europe/Berlin``.

    Returns
    -------
    pd.Series
        ``datetime64[us]``, same index; a missing instant stays missing.

    Raises
    ------
    UsageError
        A zone that does not exist.

    Notes
    -----
    Always defined: where the clocks go back, two instants show the same time; where they go
    forward, nothing shows the hour that is left out.
    """
    try:
        return instants.dt.tz_convert(zoneinfo.ZoneInfo(zone)).dt.tz_localize(None)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
        raise UsageError(
            f"no time zone is called {zone!r}; an IANA name such as Europe/Berlin is wanted"
        ) from error
