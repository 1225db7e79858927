"""The text of a new `sellerkit.toml`: every field that there is, commented."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment


@dataclass(frozen=True)
class Answers:
    """What `sellerkit init` asks; what is empty stands in the file as a comment."""

    account: str = "My shop"
    marketplace: str = "DE"
    timezone: str = "Europe/Berlin"
    own_address: str = ""
    files: str = ""
    imap_host: str = ""
    imap_user: str = ""
    amazon: bool = False
    period: str = "last-week"
    publish_folder: str = ""
    smtp_host: str = ""
    mail_from: str = ""
    mail_to: str = ""


def config_text(answers: Answers) -> str:
    """Return the text of a configuration file for some answers."""
    environment = Environment(autoescape=False, trim_blocks=True, lstrip_blocks=True)
    environment.filters["toml"] = _quoted
    source = files(__package__).joinpath("sellerkit.toml.j2").read_text("utf-8")
    return environment.from_string(source).render(vars(answers)) + "\n"


def _quoted(text: str) -> str:
    """Return a text as TOML quotes it: as JSON does, but for one control character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
