"""`sellerkit.toml` read and checked: an error names the file, the line and the key."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from sellerkit.config.model import (
    Account,
    Amazon,
    Config,
    Fsspec,
    Imap,
    Limits,
    LocalFolder,
    Mail,
    Pii,
    Reports,
    Webhook,
)
from sellerkit.errors import InputError, printable
from sellerkit.policy.rule import near, shown

#: Written by hand; what is larger is something else.
_MOST_BYTES = 1_000_000

Key = str | int

_MODELS: dict[str, Sequence[type[BaseModel]]] = {
    "account": (Account,),
    "fetch": (Imap, Amazon),
    "publish": (LocalFolder, Fsspec, Mail),
    "tell": (Mail, Webhook),
    "reports": (Reports,),
    "limits": (Limits,),
    "pii": (Pii,),
}


def load(path: Path) -> Config:
    """Read a configuration.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Config
        Relative paths in it are those from the folder of the file.

    Raises
    ------
    InputError
        No such file; no TOML; an unknown key, a missing one, or a value that cannot be. The
        message names the file, the line and the key, and how many more faults there are.
    """
    text = _text(path)
    try:
        said = tomllib.loads(text)
    except RecursionError as error:
        raise InputError(f"{path}: not a configuration: it is nested too deeply") from error
    except ValueError as error:
        raise InputError(f"{path}: not a TOML file: {error}") from error
    if "file" in said:
        line = line_of(text, ["file"])
        raise InputError(f"{path}, line {line}, file: there is no such key")
    try:
        config = Config.model_validate(said)
    except ValidationError as error:
        raise InputError(_told(error, said, text, path)) from error
    return _placed(config, path)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; `sellerkit init` makes one") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > _MOST_BYTES:
        raise InputError(f"{path}: larger than 1 MB, so no configuration")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not a TOML file: byte {error.start} is no UTF-8") from error


def _told(error: ValidationError, said: dict[str, Any], text: str, path: Path) -> str:
    faults = error.errors()
    fault = faults[0]
    where = _keys(fault["loc"], said)
    parts = [str(path), f"line {line_of(text, where)}" if where else "", _shown_key(where)]
    more = len(faults) - 1
    rest = f" (and {more} more fault{'s' if more > 1 else ''})" if more else ""
    place = ", ".join(part for part in parts if part)
    return printable(f"{place}: {_why(dict(fault), where)}{rest}")


def _keys(loc: Sequence[Key], said: Any) -> list[Key]:
    """Return the keys of a fault as the file has them: pydantic adds the ``kind`` of a table."""
    keys: list[Key] = []
    here = said
    for n, part in enumerate(loc):
        kind = here.get("kind") if isinstance(here, dict) else None
        if part == kind and n and isinstance(loc[n - 1], int):
            continue
        keys.append(part)
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            break
    return keys


def _shown_key(keys: Sequence[Key]) -> str:
    """Return keys as ``account 2, fetch 1, host``."""
    words: list[str] = []
    for key in keys:
        if isinstance(key, int) and words:
            words[-1] += f" {key + 1}"
        else:
            words.append(str(key))
    return ", ".join(words)


def line_of(text: str, keys: Sequence[Key]) -> int:
    """Return the line on which a key stands; where it is missing, that of the table it is of.

    tomllib tells no lines, so the text is read a line longer and longer: the key stands where
    it first is there. Lines that end within a value cannot be read alone, so the first of them
    is the one that opened it.
    """
    lines = text.splitlines(keepends=True)
    whole = tomllib.loads(text)
    while keys and not _has(whole, keys):
        keys = keys[:-1]
    complete = 0
    for number in range(1, len(lines) + 1):
        try:
            so_far = tomllib.loads("".join(lines[:number]))
        except ValueError:
            continue
        if _has(so_far, keys):
            return complete + 1
        complete = number
    return 1


def _has(said: Any, keys: Iterable[Key]) -> bool:
    for key in keys:
        try:
            said = said[key]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def _why(fault: dict[str, Any], keys: Sequence[Key]) -> str:
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        return f"there is no such key{near(str(keys[-1]), _known(keys))}"
    if kind in ("missing", "union_tag_not_found"):
        choices = _choices(context) if kind != "missing" else ""
        return f"it is missing{choices}" if kind == "missing" else f"kind is missing{choices}"
    if kind == "union_tag_invalid":
        return f"kind is {shown(context['tag'])}; there are {context['expected_tags']}"
    if kind == "value_error":
        return str(context["error"])
    if kind == "string_pattern_mismatch" and any("_env" in str(key) for key in keys):
        # what stands there may be the secret itself, so it is not repeated
        return "it must be the name of an environment variable, and not the secret itself"
    if kind == "string_pattern_mismatch":
        return f"{shown(fault['input'])} is not of the form {_FORMS.get(keys[-1], 'asked for')}"
    if kind == "too_short":
        return "there must be at least one"
    words = str(fault["msg"]).replace("Input should", "it should")
    return f"{words[0].lower()}{words[1:]}, and is {shown(fault['input'])}"


#: What a field looks like that a pattern holds.
_FORMS: dict[Key, str] = {
    "sender": "name@example.com",
    "url": "s3://bucket/folder",
}


def _choices(context: dict[str, Any]) -> str:
    return f": say what it is by {context.get('discriminator', 'kind')}"


def _known(keys: Sequence[Key]) -> list[str]:
    """Return the fields that there are where an unknown one stands."""
    tables = [key for key in keys[:-1] if isinstance(key, str)]
    models = _MODELS.get(tables[-1], ()) if tables else (Config,)
    fields = [(name, info.alias) for model in models for name, info in model.model_fields.items()]
    return sorted({alias or name for name, alias in fields} - {"file"})


def _placed(config: Config, path: Path) -> Config:
    """Return the configuration with whole paths, and with what an account takes from the top."""
    home = path.resolve().parent
    targets = [
        each.model_copy(update={"folder": _at(each.folder, home)})
        if isinstance(each, LocalFolder)
        else each
        for each in config.publish
    ]
    out = _at(config.reports.out, home)
    return config.model_copy(
        update={
            "file": path.resolve(),
            "lake": _lake(config.lake, home),
            "policy": _policy(config.policy, home),
            "secrets": _at(config.secrets, home),
            "accounts": [_placed_account(account, config, home) for account in config.accounts],
            "publish": targets,
            "reports": config.reports.model_copy(update={"out": out}),
        }
    )


def _placed_account(account: Account, config: Config, home: Path) -> Account:
    # where neither names a zone, a report takes that of the store with the most messages
    zone = config.timezone if "timezone" in config.model_fields_set else ""
    sources = [
        each if each.keep is None else each.model_copy(update={"keep": _at(each.keep, home)})
        for each in account.fetch
    ]
    return account.model_copy(
        update={
            "lake": _lake(account.lake or config.lake, home),
            "timezone": account.timezone or zone,
            "files": [_at(each, home) for each in account.files],
            "fetch": sources,
        }
    )


def _at(place: Path, home: Path) -> Path:
    return home / place


def _lake(address: str, home: Path) -> str:
    return address if "://" in address else str(_at(Path(address).expanduser(), home))


def _policy(said: str, home: Path) -> str:
    """Return a policy whose files are found from any folder; a date stays as it is."""
    parts = [part.strip() for part in said.split(",")] if said else []
    return ",".join(str(home / part) if (home / part).is_file() else part for part in parts)
