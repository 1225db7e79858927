"""Which reports there are, sellerkit's and one's own, and what each takes."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import papermill

from sellerkit.errors import ReportError, UsageError
from sellerkit.report.exporter import notebook_path
from sellerkit.report.own import find_own, title_of
from sellerkit.report.places import PORTFOLIO

#: What a user calls a report, its notebook and its title.
REPORTS = {
    "compliance": ("compliance", "Compliance report"),
    "atoz": ("atoz_readiness", "A-to-z readiness"),
    "due": ("due", "What is due"),
    "dossier": ("dossier", "Dossier"),
    PORTFOLIO: ("portfolio", "Portfolio"),
}

#: Reports about one order, built only where it is named: the parameter that names it.
OF_ONE = {"dossier": "order"}

#: What ``all`` makes of each account; the portfolio too where there are several accounts.
OF_AN_ACCOUNT = ("compliance", "atoz", "due")

#: Names that no report of one's own can have.
TAKEN = (*REPORTS, "all", "index")

_TYPES: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}

_FLAGS = {"true": True, "false": False}


def find_report(word: str, folder: Path) -> str:
    """Return what `build_reports` takes for a report as a user calls it.

    Parameters
    ----------
    word : str
        A name of `REPORTS`, which goes before all else; the path of a notebook; or the name of
        one in `folder`.
    folder : Path
        Where one's own reports lie.

    Raises
    ------
    UsageError
        There is none, or a notebook is called like a report of sellerkit's.
    """
    if word in TAKEN:
        return word
    own = find_own(word, folder, taken=TAKEN)
    if own is None:
        place = word if word.endswith(".ipynb") else folder / f"{word}.ipynb"
        raise UsageError(
            f"no report is called {word[:80]}; there are {', '.join(TAKEN[:-1])}, "
            f"and there is no notebook {str(place)[:200]}"
        )
    return str(own)


def entry(report: str) -> tuple[str, str, str]:
    """Return what a report is called, its notebook (a name or a path) and its title."""
    if report in REPORTS:
        return report, *REPORTS[report]
    return Path(report).stem, report, title_of(Path(report))


def wanted_reports(names: list[str], parameters: Mapping[str, Any]) -> list[str]:
    """Return the reports that are asked for, each once.

    Raises
    ------
    UsageError
        One that there is none of, one about an order without its id, or two of one name.
    """
    found = [find_report(name, Path()) for name in names]
    if "all" in found:
        of_one = [name for name, own in OF_ONE.items() if parameters.get(own)]
        found = [*OF_AN_ACCOUNT, *of_one, PORTFOLIO, *(name for name in found if name != "all")]
    for name in found:
        if name in OF_ONE and not parameters.get(OF_ONE[name]):
            raise UsageError(f"a {name} is about one order; name it with --order ID")
    wanted = list(dict.fromkeys(found))
    called = [entry(name)[0] for name in wanted]
    twice = [name for name in called if called.count(name) > 1]
    if twice:
        raise UsageError(f"two notebooks are called {twice[0]}; their pages would be one")
    return wanted


def own_parameters(name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a report is told: which order is meant concerns those about one order only."""
    others = {own for report, own in OF_ONE.items() if report != name}
    return {key: value for key, value in parameters.items() if key not in others}


def check_parameters(name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the notebook's parameters, the given ones in place of the defaults, types checked.

    papermill by itself only logs an unknown parameter and goes on with the defaults: a slip of
    the pen would give a report on something else.

    Raises
    ------
    ReportError
        A parameter that the notebook does not have, or a value that is not of its type.
    """
    called, notebook, _ = entry(name)
    known = papermill.inspect_notebook(str(notebook_path(notebook)))
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        raise ReportError(
            f"report {called} has no parameter {unknown[0]!r}; it has {', '.join(known)}"
        )
    defaults = {key: _literal(row) for key, row in known.items()}
    given = {
        key: _typed(key, value, known[key]["inferred_type_name"])
        for key, value in parameters.items()
    }
    return defaults | given


def _literal(row: Mapping[str, Any]) -> Any:
    """Return a parameter's default, which a notebook states as a plain value."""
    try:
        value = ast.literal_eval(row["default"])
    except (ValueError, SyntaxError) as error:
        raise ReportError(
            f"parameter {row['name']} is {str(row['default'])[:80]}: a default is a plain value"
        ) from error
    return _typed(row["name"], value, row["inferred_type_name"])


def _typed(name: str, value: Any, kind: str) -> Any:
    wanted = _TYPES.get(kind)
    if wanted is None:
        raise ReportError(
            f"parameter {name} has none of the types {', '.join(_TYPES)}; state it like "
            f'{name}: str = ""  # what it is'
        )
    if type(value) is wanted:
        return value
    if isinstance(value, str):
        try:
            return _FLAGS[value.lower()] if wanted is bool else wanted(value)
        except (ValueError, KeyError):
            pass
    raise ReportError(f"parameter {name} is {value!r}, which is not of type {kind}")
