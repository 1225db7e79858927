"""When buyers write: contacts by weekday and hour."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sellerkit.measure.clock import wall_clock

_CELLS = 7 * 24


def arrivals(contacts: pd.DataFrame, *, zone: str) -> pd.DataFrame:
    """Contacts, and those answered late or not at all, by local weekday and hour of arrival.

    Parameters
    ----------
    contacts : pd.DataFrame
        The contacts of a window, any order; read are `sent_at`, `status`, `counted`.
    zone : str
        IANA name of the seller's zone.

    Returns
    -------
    pd.DataFrame
        `weekday` (0 Monday to 6 Sunday), `hour` (0 to 23), `contacts`, `late` (late or missed),
        all ``int64``. Always 168 rows, weekday by weekday; no contact gives zeros.

    Notes
    -----
    Counted contacts only. Where the clocks go back, both passes of the hour are in its cell.
    """
    counted = contacts[contacts["counted"]]
    local = wall_clock(counted["sent_at"], zone).dt
    cell = (local.day_of_week * 24 + local.hour).to_numpy("int64")
    late = counted["status"].isin(["late", "missed"]).to_numpy(bool)
    weekday, hour = np.divmod(np.arange(_CELLS), 24)
    return pd.DataFrame(
        {
            "weekday": weekday,
            "hour": hour,
            "contacts": np.bincount(cell, minlength=_CELLS),
            "late": np.bincount(cell[late], minlength=_CELLS),
        }
    )
