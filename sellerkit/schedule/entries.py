"""The files of each scheduler, from templates beside this module."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, tzinfo
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from sellerkit.schedule import words
from sellerkit.schedule.clocks import CronTime, cron_times
from sellerkit.schedule.github import workflow
from sellerkit.schedule.plan import Plan


@dataclass(frozen=True)
class Entry:
    """A file for a scheduler.

    Attributes
    ----------
    name : str
        Of the file.
    text : str
    paste : bool
        Whether it is also of use where it is only shown; a notebook must lie in a folder.
    """

    name: str
    text: str
    paste: bool = True


@dataclass(frozen=True)
class Here:
    """What is known of this machine and this moment.

    Attributes
    ----------
    machine : datetime.tzinfo
        The zone of the machine's clock.
    today : datetime.date
    folder : Path
        Where the files will lie.
    python : str
        What the environment is called in which JupyterLab runs.
    """

    machine: tzinfo
    today: date
    folder: Path
    python: str = "python"


def entries(scheduler: str, plan: Plan, here: Here) -> list[Entry]:
    """Return the files that a scheduler needs.

    Parameters
    ----------
    scheduler : str
        Of `SCHEDULERS`.
    plan : Plan
    here : Here

    Raises
    ------
    UsageError
        A path that this scheduler would read as something else, or cannot reach.
    """
    return SCHEDULERS[scheduler](plan, here)


def _cron(plan: Plan, here: Here) -> list[Entry]:
    times = cron_times(plan.when, here.machine, here.today)
    # from its folder the configuration is named alone: a crontab's lines are short
    wanted = [*plan.program, "run", "--config", plan.config.file.name, *plan.words_after]

    def command(time: CronTime) -> str:
        filled = _filled(
            "cron_command.j2", plan=plan, words=wanted, asks=time.asks, of_day=time.of_day
        )
        return filled.rstrip("\n")

    return [
        Entry(f"{plan.name}.crontab", _filled("cron.j2", plan=plan, times=times, command=command))
    ]


def _systemd(plan: Plan, here: Here) -> list[Entry]:
    day = {"day": "*-*-*", "week": f"{plan.when.day[:3]} *-*-*", "month": "*-*-01"}
    timer = _filled("timer.j2", plan=plan, days=day[plan.when.every])
    service = _filled("service.j2", plan=plan)
    return [Entry(f"{plan.name}.service", service), Entry(f"{plan.name}.timer", timer)]


def _github(plan: Plan, here: Here) -> list[Entry]:
    return [Entry(f"{plan.name}.yml", _filled("github.j2", plan=plan, **workflow(plan)))]


def _airflow(plan: Plan, here: Here) -> list[Entry]:
    place = here.folder / f"{plan.name}.ipynb"
    words.writable(str(place), "the path of --out")
    done = here.folder / f"{plan.name}.last-run.ipynb"
    for text in (str(place), *plan.words):
        # Airflow fills in templates, and papermill what stands in braces
        words.without(text, "{", "a path or name", "Airflow")
    dag = _filled("airflow.j2", plan=plan, today=here.today, notebook=str(place), done=str(done))
    return [Entry(f"{plan.name}.py", dag), _notebook(plan)]


def _jupyter(plan: Plan, here: Here) -> list[Entry]:
    # its parameters are put into a cell as they stand: each is Python, so text is quoted
    given = {"config": repr(str(plan.config.file)), "account": repr(plan.account)}
    job = {
        "name": plan.name,
        "input_uri": f"{plan.name}.ipynb",
        "runtime_environment_name": here.python,
        "output_formats": ["ipynb", "html"],
        "parameters": given,
        "schedule": plan.when.cron(),
        "timezone": plan.when.zone,
    }
    text = json.dumps(job, ensure_ascii=False, indent=2) + "\n"
    return [Entry(f"{plan.name}.job.json", text), _notebook(plan)]


def _notebook(plan: Plan) -> Entry:
    """Return the notebook that runs a configuration, its parameters filled in."""
    made = json.loads(files(__package__).joinpath("template", "run.ipynb").read_text("utf-8"))
    cell = next(each for each in made["cells"] if each["id"] == "parameters")
    cell["source"] = _filled("run.py.j2", plan=plan).rstrip("\n")
    text = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
    return Entry(f"{plan.name}.ipynb", text, paste=False)


def _filled(template: str, **values: Any) -> str:
    return _environment().from_string(_text(template)).render(values)


@cache
def _text(template: str) -> str:
    return files(__package__).joinpath("template", template).read_text("utf-8")


@cache
def _environment() -> Environment:
    made = Environment(
        autoescape=False,  # nothing of it is HTML; each template says how a text is quoted
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "shell": words.shell,
        "crontab": words.crontab,
        "unit": words.unit,
        "yaml": words.yaml,
        "python": repr,
    }
    return made


SCHEDULERS: dict[str, Callable[[Plan, Here], list[Entry]]] = {
    "cron": _cron,
    "systemd": _systemd,
    "github": _github,
    "airflow": _airflow,
    "jupyter": _jupyter,
}
