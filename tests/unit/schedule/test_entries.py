"""Each scheduler's file, read back by the scheduler's own rules: a path is never a command."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
from datetime import UTC, date
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import jsonschema
import pytest
import yaml

from sellerkit.config import Config, load
from sellerkit.errors import UsageError
from sellerkit.schedule import SCHEDULERS, Here, Plan, entries, plan_of

TODAY = date(2026, 11, 25)

FOLDERS = [
    "plain",
    "my shop",
    'it\'s "mine"',
    "100% $(touch touched) `touch touched` ;&|<> touched",
    "$HOME %h %i ${HOME} ~",
    "-n",
    "#a: [b] {c}, *?! &x",
    "Müller & 店 😀",
    " ends in blanks ",
    "back\\slash\\n\\",
    "{{ 7*7 }} ${{ secrets.A }}",
    "no\u00a0break\u3000wide",
]

CONFIG = """
timezone = "Europe/Berlin"
[[account]]
name = "a"
[[account]]
name = {name}
marketplace = "JP"
timezone = "Asia/Tokyo"
[[account.fetch]]
kind = "imap"
host = "imap.example.com"
user = "shop@example.com"
password_env = "MAIL_PASSWORD"
[reports]
period = "last-week"
[[tell]]
kind = "slack"
url_env = "HOOK"
"""


def tool(name: str, variable: str) -> str:
    found = shutil.which(name)
    if not found:
        if os.environ.get(variable) == "1":
            pytest.fail(f"{name} is required here and not installed")
        pytest.skip(f"{name} is not installed")
    return found


def configured(folder: Path, name: str = "b") -> Config:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "sellerkit.toml"
    file.write_text(CONFIG.format(name=json.dumps(name)), "utf-8")
    return load(file)


def planned(folder: Path, account: str = "", program: str = "/usr/bin/true") -> Plan:
    config = configured(folder, account or "b")
    return plan_of(config, program=[program], at="06:30", account=account)


def made(scheduler: str, plan: Plan, machine: object = ZoneInfo("Europe/Berlin")) -> list[str]:
    here = Here(machine, TODAY, plan.home)  # type: ignore[arg-type]
    return [entry.text for entry in entries(scheduler, plan, here)]


@pytest.fixture(params=FOLDERS)
def hostile(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / request.param


def wanted(plan: Plan) -> list[str]:
    return [
        "run",
        "--config",
        str(plan.config.file),
        *(["--account", plan.account] * bool(plan.account)),
    ]


def test_a_crontab_starts_just_that_program_with_just_these_words(hostile: Path) -> None:
    """As cron does: what is before an unescaped % is given to sh, ``\\%`` as ``%``."""
    if "\\" in hostile.name:
        with pytest.raises(UsageError, match="backslash"):
            made("cron", planned(hostile))
        return
    program = hostile / "bin" / "sellerkit"
    plan = planned(hostile, "it's 5% $(b)", str(program))
    program.parent.mkdir()
    program.write_text('#!/bin/sh\npwd\nfor w; do echo "$w"; done\nexit 4\n')
    program.chmod(0o755)
    [text] = made("cron", plan)
    line = text.splitlines()[-1]
    fields, command = line.split("  ", 1)
    assert fields == "30 23 * * 0"  # in Tokyo it is Monday
    assert "%" not in command.replace("\\%", "")
    # it asks first whether it is winter in Berlin
    asked = command.replace("\\%", "%").partition("esac; ")[2]
    done = subprocess.run(
        ["/bin/sh", "-c", asked], cwd="/", capture_output=True, text=True, check=True
    )
    said = (hostile / "run.log").read_text("utf-8").splitlines()
    assert said == [str(hostile), "run", "--config", "sellerkit.toml", "--account", plan.account]
    assert done.stdout == f"{plan.name} failed; run.log beside its configuration says why\n"
    assert not [*hostile.parent.rglob("touched"), *Path("/").glob("touched")]


def test_cron_itself_reads_the_crontab(tmp_path: Path) -> None:
    crontab = tool("crontab", "SELLERKIT_REQUIRE_SCHEDULERS")
    lines = []
    for n, name in enumerate(name for name in FOLDERS if "\\" not in name):
        zone = ZoneInfo(["Europe/Berlin", "UTC", "America/New_York"][n % 3])
        lines += made("cron", planned(tmp_path / name, "it's 5% $(b)"), zone)
    done = subprocess.run(
        [crontab, "-n", "-"], input="\n".join(lines), capture_output=True, text=True
    )
    assert (done.returncode, "successfully" in done.stderr + done.stdout) == (0, True), done.stderr
    broken = subprocess.run([crontab, "-n", "-"], input=b"30 25 * * *  true\n", capture_output=True)
    assert broken.returncode != 0


def test_a_unit_starts_just_that_program_with_just_these_words(tmp_path: Path) -> None:
    """systemd's own reader has nothing to say of any, and says what each would start."""
    analyze = tool("systemd-analyze", "SELLERKIT_REQUIRE_SCHEDULERS")
    units = tmp_path / "units"
    units.mkdir()
    asked = []
    for n, name in enumerate(FOLDERS):
        plan = planned(tmp_path / name, 'it\'s 5% $(b) "c" ;')
        asked.append(["/usr/bin/true", *wanted(plan)])
        for entry in entries("systemd", plan, Here(UTC, TODAY, units)):
            (units / entry.name.replace(plan.name, f"unit{n}")).write_text(entry.text, "utf-8")
    files = sorted(units.iterdir(), key=str)
    done = subprocess.run([analyze, "verify", *files], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    debug = os.environ | {"SYSTEMD_LOG_LEVEL": "debug"}
    done = subprocess.run([analyze, "verify", *files], env=debug, capture_output=True, text=True)
    lines = [x.partition("Command Line: ")[2] for x in done.stdout.splitlines()]
    assert sorted(words_of(line) for line in lines if line) == sorted(asked)


def words_of(line: str) -> list[str]:
    """Return the words of a line as a shell reads it, which is how systemd shows one."""
    script = f"for w in {line}; do printf '%s\\0' \"$w\"; done"
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=True)
    return done.stdout.decode().split("\0")[:-1]


def test_a_timer_elapses_when_it_was_asked_for(tmp_path: Path) -> None:
    analyze = tool("systemd-analyze", "SELLERKIT_REQUIRE_SCHEDULERS")
    config = configured(tmp_path / "shop")
    for every, on, first in [
        ("day", "", "Wed 2026-11-25 05:30:00 UTC"),
        ("week", "thursday", "Thu 2026-11-26 05:30:00 UTC"),
        ("month", "", "Tue 2026-12-01 05:30:00 UTC"),
    ]:
        plan = plan_of(config, program=["x"], at="6:30", every=every, on=on)
        timer = made("systemd", plan)[1]
        spec = timer.partition("OnCalendar=")[2].partition("\n")[0]
        done = subprocess.run(
            [analyze, "calendar", "--base-time=2026-11-25 00:00:00 UTC", spec],
            env=os.environ | {"TZ": "UTC"}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert f"Next elapse: {first}" in done.stdout


def test_a_workflow_gives_names_by_variables_alone(hostile: Path) -> None:
    plan = planned(hostile, "it's 5% $(b)")
    (hostile.parent / ".git").mkdir()
    if "${{" in hostile.name:
        with pytest.raises(UsageError, match="GitHub reads as something else"):
            made("github", plan)
        return
    [text] = made("github", plan)
    said = yaml.safe_load(text)
    assert said[True]["schedule"][0] == {"cron": "30 6 * * 1", "timezone": "Asia/Tokyo"}
    steps = said["jobs"]["run"]["steps"]
    run = next(step for step in steps if "sellerkit run" in step.get("run", ""))
    assert run["run"] == 'sellerkit run --config "$SELLERKIT_CONFIG" --account "$SELLERKIT_ACCOUNT"'
    assert run["env"] == {
        "SELLERKIT_CONFIG": f"{hostile.name}/sellerkit.toml", "SELLERKIT_ACCOUNT": plan.account,
        "HOOK": "${{ secrets.HOOK }}", "MAIL_PASSWORD": "${{ secrets.MAIL_PASSWORD }}",
        "SELLERKIT_IMAP_TOKEN": "${{ secrets.SELLERKIT_IMAP_TOKEN }}",
    }  # fmt: skip
    kept = steps[1]["with"]["path"].split("\n")
    assert [path.rpartition("/")[2] for path in kept] == ["reports", "lake", "lake.mail"]
    assert all(path.startswith("./") for path in kept)


@pytest.mark.parametrize("every", ["day", "week", "month"])
def test_a_workflow_is_one_by_github_s_schema(tmp_path: Path, every: str) -> None:
    plan = plan_of(configured(tmp_path / "shop"), program=["x"], at="06:30", every=every)
    [text] = made("github", plan)
    said = yaml.safe_load(text)
    said["on"] = said.pop(True)  # YAML 1.1 takes it for a truth
    schema = files("check_jsonschema").joinpath("builtin_schemas/vendor/github-workflows.json")
    jsonschema.validate(said, json.loads(schema.read_text("utf-8")))
    crons = [row["cron"] for row in said["on"]["schedule"]]
    between = {"day": [], "week": ["30 6 * * 4"], "month": ["30 6 6,11,16,21,26 * *"]}
    assert crons[1:] == between[every]
    # nothing but asking for the cache is done in between
    due = said["jobs"]["run"]["steps"][2].get("if", "")
    assert due == ("" if every == "day" else "env.DUE == 'true'")


@pytest.mark.parametrize(
    ("lake", "target", "packages"),
    [
        ("s3://b/lake", "gs://b/web", ["sellerkit[s3]", "gcsfs"]),
        ("s3a://b/lake", "s3://b/web", ["sellerkit[s3]"]),
        ("lake", "sftp://h/web", ["sellerkit", "paramiko"]),
        ("lake", "memory://web", ["sellerkit"]),
    ],
)
def test_a_workflow_installs_what_its_stores_need(
    tmp_path: Path, lake: str, target: str, packages: list[str]
) -> None:
    file = tmp_path / "sellerkit.toml"
    publish = f'[[publish]]\nkind = "fsspec"\nurl = "{target}"\n'
    file.write_text(f'[[account]]\nname = "a"\nlake = "{lake}"\n{publish}')
    [text] = made("github", plan_of(load(file), program=["x"], at="06:30"))
    [install] = [line for line in text.splitlines() if "pip install" in line]
    asked = [word.strip('"').partition("==")[0] for word in install.split("install ")[1].split()]
    assert asked == packages


def test_what_lies_outside_of_the_repository_cannot_be_kept_by_a_workflow(tmp_path: Path) -> None:
    file = tmp_path / "shop" / "sellerkit.toml"
    file.parent.mkdir()
    file.write_text('lake = "../lake"\n[[account]]\nname = "a"\n')
    plan = plan_of(load(file), program=["x"], at="06:30")
    with pytest.raises(UsageError, match="outside of the repository"):
        made("github", plan)


def test_a_dag_names_paths_as_text_alone(hostile: Path) -> None:
    plan = planned(hostile, "it's 5% $(b)")
    if "{" in hostile.name:
        with pytest.raises(UsageError, match="Airflow reads as something else"):
            made("airflow", plan)
        return
    dag, notebook = made("airflow", plan)
    calls = [node for node in ast.walk(ast.parse(dag)) if isinstance(node, ast.Call)]
    [operator] = [call for call in calls if getattr(call.func, "id", "") == "PapermillOperator"]
    given = {word.arg: ast.literal_eval(word.value) for word in operator.keywords}
    assert given["input_nb"] == str(hostile / f"{plan.name}.ipynb")
    assert given["parameters"] == parameters_of(notebook) | {"account": plan.account}
    assert {getattr(call.func, "id", getattr(call.func, "attr", "")) for call in calls} == {
        "DAG", "datetime", "timedelta", "PapermillOperator",
    }  # fmt: skip


def test_a_job_s_parameters_are_python_s_own_texts(hostile: Path) -> None:
    plan = planned(hostile, "it's 5% $(b)")
    job, notebook = made("jupyter", plan)
    said = json.loads(job)
    assert (said["schedule"], said["timezone"]) == ("30 6 * * 1", "Asia/Tokyo")
    given = {name: ast.literal_eval(value) for name, value in said["parameters"].items()}
    assert given == {"config": str(hostile / "sellerkit.toml"), "account": plan.account}
    assert parameters_of(notebook) == given | {"program": ["/usr/bin/true"]}


def parameters_of(notebook: str) -> dict[str, object]:
    cells = json.loads(notebook)["cells"]
    [cell] = [c for c in cells if "parameters" in c["metadata"].get("tags", [])]
    found = {
        node.target.id: ast.literal_eval(node.value)
        for node in ast.parse(cell["source"]).body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value
    }
    assert found.pop("period") == ""
    return found


@pytest.mark.parametrize("sign", ["\n", "\r", "\t", "\x7f", "\u0085", "\u2028", "\u202e", "\udc80"])
@pytest.mark.parametrize("where", ["folder", "account", "program"])
def test_no_entry_is_written_for_a_name_with_a_line_end_or_control(
    tmp_path: Path, sign: str, where: str
) -> None:
    config = configured(tmp_path)
    name = f"a{sign}* * * * * touch b"
    [account] = config.accounts[1:]
    config = config.model_copy(
        update={
            "file": tmp_path / (name if where == "folder" else "plain") / "sellerkit.toml",
            "accounts": [account.model_copy(update={"name": name if where == "account" else "b"})],
        }
    )
    program = f"/{name}" if where == "program" else "/usr/bin/true"
    only = name if where == "account" else ""
    with pytest.raises(UsageError, match=r"line end or a control character in it \(U\+") as raised:
        plan_of(config, program=[program], at="06:30", account=only)
    assert "\n" not in str(raised.value)


def test_a_path_that_cron_would_cut_is_refused(tmp_path: Path) -> None:
    plan = planned(tmp_path.joinpath(*["long" * 50] * 4))
    with pytest.raises(UsageError, match="too long for a crontab"):
        made("cron", plan)


def test_there_is_a_test_for_each_scheduler() -> None:
    assert set(SCHEDULERS) == {"cron", "systemd", "github", "airflow", "jupyter"}
