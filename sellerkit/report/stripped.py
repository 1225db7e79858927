"""Notebooks are saved without what they showed: it may be what buyers wrote."""

from __future__ import annotations

from typing import Any


def strip(model: dict[str, Any], **_: Any) -> None:
    """Take outputs and run numbers out of a notebook that JupyterLab is about to save.

    Parameters
    ----------
    model : dict
        What Jupyter hands to its ``ContentsManager.pre_save_hook``; changed in place. What is no
        notebook stays as it is.
    """
    if model["type"] != "notebook":
        return
    for cell in model["content"]["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = []
            cell["execution_count"] = None
