"""The texts of drafts: TOML files, one per language, which a seller may edit."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Any

from sellerkit.errors import InputError, UsageError

#: What there is a text for: the kinds of owed mail, and a check-in, which nobody owes.
TEMPLATES = (
    "inquiry", "return_information", "outside_window", "out_of_stock", "late_shipment",
    "late_delivery", "claim", "check_in",
)  # fmt: skip

#: What a text may name, and what a gap is called where it has no value.
NAMES = {
    "seller": "the name of your shop",
    "order_id": "the order id",
    "order": "the order id, with what was ordered",
    "item": "what was ordered",
    "ship_by": "the day by which it was to be shipped",
    "shipped_on": "the day on which it was shipped",
    "delivery_by": "the day by which it was to arrive",
    "delivered_on": "the day on which it was delivered",
    "canceled_on": "the day on which the order was canceled",
    "carrier": "the carrier",
    "tracking": "the tracking number",
    "return_until": "the last day to send it back",
    "return_ended": "the day on which the return period ended",
    "refund": "the amount refunded",
    "refunded_on": "the day of the refund",
    "respond_by": "the day by which the claim is to be answered",
    "return_address": "your return address",
    "new_date": "the new day of shipping or delivery",
}

#: Nothing on file tells these: they come from values.toml beside edited texts, or from --set.
SELLERS_OWN = ("seller", "return_address", "new_date")

#: The seller's standing values, beside his texts.
_VALUES = "values.toml"

#: A text through Amazon has at most 4,000 characters; a file of texts is no longer than this.
_LONGEST = 200_000


@dataclass(frozen=True)
class Template:
    """One text in one language: lines of a subject and of a body, with {names}."""

    name: str
    language: str
    subject: str
    text: str


@dataclass(frozen=True)
class Templates:
    """All texts, by language and name, and the seller's standing values.

    A language or a text that the seller's folder does not have is sellerkit's own.
    """

    texts: Mapping[tuple[str, str], Template]
    values: Mapping[str, str]

    @property
    def languages(self) -> set[str]:
        """The languages that there is a text in."""
        return {language for language, _ in self.texts}

    @classmethod
    def load(cls, folder: Path | None = None) -> Templates:
        """Read sellerkit's texts, and over them a seller's own.

        Parameters
        ----------
        folder : Path, optional
            Files such as ``de.toml`` and ``values.toml``, as `write_templates` makes them.

        Raises
        ------
        InputError
            A file that cannot be read, or that is no such file.
        UsageError
            A text that names what there is not.
        """
        texts: dict[tuple[str, str], Template] = {}
        for entry in files(__package__).joinpath("texts").iterdir():
            _add(texts, entry.name, tomllib.loads(entry.read_text("utf-8")))
        if folder is None:
            return cls(texts, {})
        if not folder.is_dir():
            raise InputError(f"{folder}: no such folder of templates")
        values: dict[str, str] = {}
        for path in sorted(folder.glob("*.toml")):
            if path.name == _VALUES:
                values = own_values(_read(path), str(path))
            else:
                _add(texts, path.name, _read(path), str(path))
        return cls(texts, values)

    def find(self, name: str, language: str) -> Template:
        """Return a text in a language, else in English."""
        return self.texts.get((language, name)) or self.texts["en", name]


def write_templates(folder: Path) -> list[Path]:
    """Copy sellerkit's texts out, to be edited; files that are there are left as they are.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    InputError
        The folder cannot be written to.
    """
    lines = [f"# {name} = {what!r}" for name, what in NAMES.items() if name in SELLERS_OWN[:2]]
    ours = files(__package__).joinpath("texts")
    wanted = {entry.name: entry.read_text("utf-8") for entry in ours.iterdir()}
    wanted[_VALUES] = "# Values that stand in every text.\n" + "\n".join(lines) + "\n"
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in sorted(wanted.items()):
            if not (folder / name).exists():
                (folder / name).write_text(text, "utf-8")
                written.append(folder / name)
    except OSError as error:
        raise InputError(f"{folder}: {error.strerror or error}") from error
    return written


def own_values(given: Mapping[str, Any], place: str) -> dict[str, str]:
    """Return values that a seller gives himself: any that a text may name.

    Raises
    ------
    UsageError
        A name that no text may use, or a value that is no text.
    """
    for name, value in given.items():
        _known(name, place)
        if not isinstance(value, str) or not value.strip():
            raise UsageError(f"{place}: {name} has to be a text in quotes")
    return {name: " ".join(value.split()) for name, value in given.items()}


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _LONGEST:
            raise InputError(f"{path}: longer than {_LONGEST:,} bytes, so no file of templates")
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {error}") from error


def _add(
    texts: dict[tuple[str, str], Template], file: str, read: dict[str, Any], place: str = ""
) -> None:
    language = file.removesuffix(".toml")
    place = place or file
    if not re.fullmatch("[a-z]{2}", language):
        raise UsageError(f"{place}: name the file by its language (ISO 639-1), such as de.toml")
    for name, part in read.items():
        if name not in TEMPLATES:
            raise UsageError(f"{place}: no text is called {name}{_meant(name, TEMPLATES)}")
        if not isinstance(part, dict) or set(part) != {"subject", "text"}:
            raise UsageError(f"{place}: [{name}] has to have a subject and a text, and no more")
        where = f"{place}: [{name}]"
        for each in part.values():
            _check(each, where)
        texts[language, name] = Template(name, language, part["subject"], part["text"])


def _check(text: object, where: str) -> None:
    if not isinstance(text, str) or not text.strip():
        raise UsageError(f"{where} has an empty text")
    for name in names_in(text, where):
        _known(name, where)


def names_in(text: str, where: str = "text") -> list[str]:
    """Return the names that a text has in braces, in order.

    Raises
    ------
    UsageError
        A brace without its partner, or more than a name in braces.
    """
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        raise UsageError(f"{where}: {error}; write a brace itself as {{{{ or }}}}") from error
    for _, name, form, conversion in parts:
        if form or conversion:
            raise UsageError(f"{where}: {{{name}}} may not have more than a name in its braces")
    return [name for _, name, _, _ in parts if name is not None]


def _known(name: str, where: str) -> None:
    if name not in NAMES:
        raise UsageError(f"{where}: there is no {{{name}}}{_meant(name, NAMES)}")


def _meant(name: str, known: Any) -> str:
    close = difflib.get_close_matches(name[:80], list(known), n=1)
    return f"; do you mean {close[0]}?" if close else f"; there are {', '.join(known)}"
