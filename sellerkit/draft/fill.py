"""A text with {names} and values → a subject and a body, and which gaps are left."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from sellerkit.draft.templates import NAMES, Template, names_in

#: Lines that stand only where all their names have a value, and what stands in for them.
_IF_KNOWN, _ELSE = "? ", ": "

#: No rule of Amazon's is broken by one empty line; more than one is.
_BLANKS = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class Filled:
    """What a template became.

    Attributes
    ----------
    subject, text : str
    gaps : list of str
        What stands there as ``[fill in: …]``, in order, each once.
    """

    subject: str
    text: str
    gaps: list[str]


def fill(template: Template, values: Mapping[str, str]) -> Filled:
    """Fill a template.

    Parameters
    ----------
    template : Template
    values : mapping of str to str
        For names; one that is not there has no value. Values are put in as they are: braces in
        them mean nothing.
    """
    subject, text = _lines(template.subject, values), _lines(template.text, values)
    missing = [name for line in (*subject, *text) for name in names_in(line) if name not in values]
    gaps = {name: f"[fill in: {NAMES[name]}]" for name in missing}
    whole = dict(values) | gaps
    filler = Formatter()
    return Filled(
        " ".join(filler.vformat(" ".join(subject), (), whole).split()),
        _BLANKS.sub("\n\n", filler.vformat("\n".join(text), (), whole)).strip() + "\n",
        [NAMES[name] for name in gaps],
    )


def _lines(text: str, values: Mapping[str, str]) -> list[str]:
    """Return the lines that stand: a chain of ``? `` and ``: `` lines gives one at most."""
    lines, taken = [], True
    for line in text.strip().splitlines():
        mark = line[:2]
        if mark not in (_IF_KNOWN, _ELSE):
            taken = True
            lines.append(line)
            continue
        if mark == _ELSE and taken:
            continue
        taken = all(name in values for name in names_in(line[2:]))
        if taken:
            lines.append(line[2:])
    return lines
