"""environment.yml, pyproject.toml and requirements.lock name the same packages and ranges."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


def pyproject() -> dict[str, Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = [line for e in project["project"]["optional-dependencies"].values() for line in e]
    lines = project["project"]["dependencies"] + extras + project["dependency-groups"]["dev"]
    return {canonicalize_name(r.name): r for r in map(Requirement, lines)}


def test_conda_users_get_the_same_names_and_ranges() -> None:
    listed = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    plain = [entry for entry in listed if isinstance(entry, str)]
    by_pip = next(entry["pip"] for entry in listed if isinstance(entry, dict))
    found = {
        canonicalize_name(r.name): r
        for r in map(Requirement, [e for e in plain + by_pip if e != "-e ."])
    }
    assert str(found.pop("python").specifier) == ">=3.11"
    found.pop("pip")
    assert {n: r.specifier for n, r in found.items()} == {
        n: r.specifier for n, r in pyproject().items()
    }


def test_the_lock_holds_every_package_within_its_range() -> None:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    locked: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, re.M):
        locked.setdefault(canonicalize_name(name), set()).add(version)
    for name, requirement in pyproject().items():
        assert any(requirement.specifier.contains(v) for v in locked.get(name, ())), name


def test_the_lock_names_no_place_to_fetch_from() -> None:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    assert "://" not in text
    assert "--index-url" not in text
