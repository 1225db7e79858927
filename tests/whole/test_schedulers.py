"""Jobs that jupyter-scheduler executes, and a DAG that Airflow loads."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jupyter_jobs import jupyter_server
from scheduled import configured, pages

#: Prints what Airflow's own loader makes of a folder of DAGs.
LOADER = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(dag_folder=sys.argv[1])
dags = [
    {
        "id": name, "schedule": repr(dag.timetable), "zone": dag.timezone.name,
        "tasks": [[task.task_type, task.input_nb, task.parameters] for task in dag.tasks],
    }
    for name, dag in bag.dags.items()
]
print("LOADED", json.dumps({"errors": bag.import_errors, "dags": dags}))
"""


@pytest.mark.slow
def test_jupyter_scheduler_runs_a_configuration_and_a_report_with_parameters(
    tmp_path: Path, run: Any, root: Path, lake: tuple[Path, dict]
) -> None:
    """Both as the extension's menu starts them: over its own server, in processes of its own."""
    folder = tmp_path / "notebooks"
    file = configured(folder / "it's my shop")
    done = run("schedule", "jupyter", "--config", file, "--out", folder, "--at", "06:30")
    assert done.code == 0, done.err
    posted = json.loads((folder / "sellerkit-it-s-my-shop.job.json").read_text("utf-8"))
    (folder / "due.ipynb").write_bytes((root / "notebooks" / "due.ipynb").read_bytes())
    # its parameters are put into a cell as they stand, so text is given in quotes
    report = {
        "name": "due", "input_uri": "due.ipynb", "runtime_environment_name": "python",
        "output_formats": ["ipynb", "html"],
        "parameters": {"lake": repr(str(lake[0])), "as_of": "'2026-10-05T06:00Z'", "hours": "72.0"},
    }  # fmt: skip
    with jupyter_server(folder, tmp_path / "home") as server:
        defined = server.ask("scheduler/job_definitions", posted)["job_definition_id"]
        said = server.ask(f"scheduler/job_definitions/{defined}")
        assert (said["schedule"], said["timezone"]) == ("30 6 * * *", "Asia/Tokyo")
        ours = server.ask(f"scheduler/job_definitions/{defined}/jobs", {})["job_id"]
        theirs = server.ask("scheduler/jobs", report)["job_id"]
        for job in (ours, theirs):
            ended = server.ended(job, within=900)
            assert ended["status"] == "COMPLETED", ended["status_message"]
        shown = server.output(theirs, "html")
        notebook = server.output(ours, "ipynb")
    [page] = pages(file)
    assert str(page) in json.dumps(json.loads(notebook)["cells"], ensure_ascii=False)
    assert "72 hours" in shown and "2026-10-05" in shown


def test_airflow_loads_the_dag(tmp_path: Path, run: Any) -> None:
    """Where SELLERKIT_AIRFLOW names a Python with Airflow and its papermill provider."""
    python = os.environ.get("SELLERKIT_AIRFLOW")
    if not python:
        pytest.skip("SELLERKIT_AIRFLOW names no Python with Airflow")
    file = configured(tmp_path / "it's $(my) 100% shöp")
    dags = tmp_path / "dags"
    done = run("schedule", "airflow", "--config", file, "--out", dags, "--every", "week")
    assert done.code == 0, done.err
    loaded = subprocess.run(
        [python, "-c", LOADER, dags], capture_output=True, text=True,
        env=os.environ | {"AIRFLOW_HOME": str(tmp_path / "home")}, cwd=tmp_path,
    )  # fmt: skip
    assert loaded.returncode == 0, loaded.stderr
    said = json.loads(loaded.stdout.partition("LOADED ")[2])
    assert said["errors"] == {}
    [dag] = said["dags"]
    name = "sellerkit-it-s-my-100-shop"
    assert (dag["id"], dag["zone"]) == (name, "Asia/Tokyo") and "30 6 * * 1" in dag["schedule"]
    [[kind, notebook, parameters]] = dag["tasks"]
    assert (kind, notebook) == ("PapermillOperator", str(dags / f"{name}.ipynb"))
    assert parameters["config"] == str(file) and Path(notebook).is_file()
