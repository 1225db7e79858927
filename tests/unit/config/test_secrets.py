"""A file of secrets: data and no commands, for its owner's eyes alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from sellerkit.config import load, use_secrets
from sellerkit.errors import InputError


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    file = folder / "secrets.env"
    file.write_text(text, "utf-8")
    file.chmod(mode)
    return file


def test_what_stands_in_the_environment_goes_first(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "# mail\n\nA=plain\nexport B='it is $HOME; `x`'\nC=\nD=\"q'\"\nE=a=b # c\nF=ö\nA_2=1\n",
    )  # fmt: skip
    environment = {"A": "kept"}
    assert use_secrets(file, environment) == ["A", "B", "C", "D", "E", "F", "A_2"]
    assert environment == {
        "A": "kept", "B": "it is $HOME; `x`", "C": "", "D": "q'", "E": "a=b # c", "F": "ö",
        "A_2": "1",
    }  # fmt: skip


def test_no_file_says_nothing(tmp_path: Path) -> None:
    environment: dict[str, str] = {}
    assert use_secrets(tmp_path / "none", environment) == [] and environment == {}


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_a_file_that_others_can_open_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(InputError, match="chmod 600"):
        use_secrets(written(tmp_path, "A=1\n", mode), {})


@pytest.mark.parametrize("line", ["hunter2", "A B=hunter2", "1A=hunter2", "A=\0hunter2"])
def test_a_line_that_is_none_is_named_and_not_repeated(tmp_path: Path, line: str) -> None:
    environment: dict[str, str] = {}
    with pytest.raises(InputError, match="line 2: write NAME=value") as raised:
        use_secrets(written(tmp_path, f"A=1\n{line}\n"), environment)
    assert "hunter2" not in str(raised.value) and environment == {}


def test_it_lies_beside_the_configuration_or_where_that_says(tmp_path: Path) -> None:
    file = tmp_path / "sellerkit.toml"
    file.write_text('[[account]]\nname = "a"\n')
    assert load(file).secrets == tmp_path / "secrets.env"
    file.write_text('secrets = "own/keys"\n[[account]]\nname = "a"\n')
    assert load(file).secrets == tmp_path / "own" / "keys"
