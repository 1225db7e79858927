"""A notebook run by papermill, in a kernel that nobody else can listen to."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import DeadKernelError
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from sellerkit.errors import ReportError
from sellerkit.report.exporter import notebook_path
from sellerkit.report.handed import hand_over
from sellerkit.report.kernel import manager_of
from sellerkit.report.load import Run
from sellerkit.report.private import keep_private
from sellerkit.report.warm import kernels


def execute(
    notebook: str, values: dict[str, Any], run: Run, fresh: Path, failed: Path
) -> nbformat.NotebookNode:
    """Run a notebook; where it fails keep it as it stood, with papermill's mark on the cell.

    Parameters
    ----------
    notebook : str
    values : dict
        Its parameters.
    run : Run
        What it is about; its `load_run` is given this where it asks for the same.
    fresh, failed : Path
        A folder for what is made on the way; where a notebook that fails is kept.

    Raises
    ------
    ReportError
        A cell failed, and the message names it and where the notebook is kept; or its kernel died.
    """
    done = fresh / "executed.ipynb"
    run.summary  # noqa: B018  (handed over with the run, so that it is reckoned once)
    try:
        _papermill(notebook_path(notebook), done, values, run, fresh.absolute() / "runs")
    except PapermillExecutionError as error:
        keep_private(done, failed)
        raise ReportError(
            f"report {Path(notebook).stem} failed in cell {error.exec_count}: "
            f"{error.ename}: {error.evalue} (the notebook as it stood: {failed})"
        ) from error
    except DeadKernelError as error:
        raise ReportError(
            f"report {Path(notebook).stem} failed: the process that ran its notebook died, as when "
            "memory runs out"
        ) from error
    failed.unlink(missing_ok=True)
    return nbformat.read(done, as_version=4)


def _papermill(notebook: Path, done: Path, values: dict[str, Any], run: Run, handed: Path) -> None:
    """Have papermill run a notebook in a kernel that is given the run."""
    with kernels() as warm, tempfile.TemporaryDirectory(prefix="sellerkit-") as private:
        hand_over([run], handed)
        papermill.execute_notebook(
            str(notebook),
            str(done),
            parameters=values,
            progress_bar=False,
            # papermill would write the whole notebook anew before and after each cell
            request_save_on_cell_execute=False,
            # this Python's own: a notebook may name a kernel that this machine lacks
            kernel_name="python3",
            kernel_manager_class=manager_of(warm, handed),
            # where the user is, so that what he named by a relative path is found
            cwd=str(Path.cwd()),
            config=_by_socket(Path(private)),
            # what a kernel says when it is stopped concerns nobody; a failure is an exception
            extra_arguments=["--log-level=CRITICAL"],
        )


def _by_socket(folder: Path) -> Config:
    """Have a kernel reached over sockets in a folder of its own, and not over TCP ports.

    A report holds what buyers wrote: nobody else on the machine can listen in this way, and a
    command that was not asked to open a connection opens none. Sockets of two reports in one
    folder would meet, so each report has its own.
    """
    return Config({"ConnectionFileMixin": {"transport": "ipc", "ip": str(folder / "kernel")}})
