"""What a mapping file may say, checked field by field."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from sellerkit.errors import InputError
from sellerkit.policy import marketplaces
from sellerkit.read.canonical import required
from sellerkit.tables import HISTORIES, PROVENANCE, Table

#: Seconds and milliseconds since 1970, which no pattern of digits can say.
UNIX, UNIX_MS = "unix", "unix_ms"

#: A name of a hundred thousand dots takes seconds to read.
_MAX_SIGNS = 100_000

_ORIGIN = {column.name for column in PROVENANCE}
_PROBE = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_Word = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _zone(name: str | None) -> str | None:
    """Check that there is such a zone."""
    if name is not None:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(
                f"{name!r} is no time zone; give one such as Europe/Berlin, or UTC"
            ) from error
    return name


Zone = Annotated[str | None, BeforeValidator(_zone)]


class Cell(_Strict):
    """Where one of our columns comes from, and how it is to be read.

    Attributes
    ----------
    column : str
        Their column, by its header; in JSON a field.
    path : str
        In JSON: a field of a field, ``customer.address.0``.
    constant : str, int, float or bool
        The same in every row.
    format : str
        How a date is written: ``%d.%m.%Y %H:%M`` (as Python's strptime), ``unix`` or ``unix_ms``.
        Without it dates are ISO 8601.
    timezone : str
        The zone of dates that name none.
    values : dict
        Their words and ours: ``{inbound = "buyer"}``; case does not matter.
    """

    column: _Word | None = None
    path: _Word | None = None
    constant: str | int | float | bool | None = None
    format: _Word | None = None
    timezone: Zone = None
    values: dict[str, str | bool | int | float] | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Cell:
        given = [name for name in ("column", "path", "constant") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("give one of column, path and constant")
        return self

    @field_validator("format")
    @classmethod
    def _whole_format(cls, pattern: str | None) -> str | None:
        """Check that a pattern has a day, and not only a part of one."""
        if pattern is None or pattern in (UNIX, UNIX_MS):
            return pattern
        if "%Z" in pattern:
            raise ValueError("%Z is not unique (IST is three zones): give timezone instead")
        try:
            day = datetime.strptime(_PROBE.strftime(pattern), pattern).date()  # noqa: DTZ007
        except ValueError as error:
            raise ValueError(f"{pattern!r} is no pattern for dates ({error})") from error
        if day != _PROBE.date():
            raise ValueError(f"{pattern!r} lacks the year, the month or the day")
        return pattern

    @property
    def theirs(self) -> str | None:
        """The column or path; null for a constant."""
        return self.column or self.path

    @property
    def has_time(self) -> bool:
        """Whether the pattern tells the time of the day, or an instant."""
        if self.format in (None, UNIX, UNIX_MS):
            return True
        midnight = _PROBE.replace(hour=0, minute=0)
        return _PROBE.strftime(self.format or "") != midnight.strftime(self.format or "")

    @property
    def names_zone(self) -> bool:
        """Whether each date says itself where in the world it is meant."""
        return self.format in (UNIX, UNIX_MS) or "%z" in (self.format or "")


def _as_cell(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


class Mapping(_Strict):
    """A mapping file.

    Attributes
    ----------
    history : str
        What the rows become: one of the seven histories.
    columns : dict
        Our column to theirs.
    account, marketplace : str
        Of all rows that do not name their own.
    timezone : str
        The zone of dates that name none, for all columns.
    records : str
        In JSON: the path of the list of records.
    sheet : str
        In a spreadsheet: the sheet; the first one without it.
    header : int
        In a table: the row of the header, from 1.
    """

    history: str
    columns: dict[str, Annotated[Cell, BeforeValidator(_as_cell)]]
    account: _Word | None = None
    marketplace: _Word | None = None
    timezone: Zone = None
    records: _Word | None = None
    sheet: _Word | None = None
    header: int = Field(default=1, ge=1, le=10_000)

    @property
    def digest(self) -> str:
        """Eight hexadecimal digits that tell this mapping from others."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:8]

    @property
    def table(self) -> Table:
        """The history's columns and types."""
        return HISTORIES[self.history]

    @field_validator("history")
    @classmethod
    def _known_history(cls, name: str) -> str:
        if name not in HISTORIES:
            raise ValueError(f"there is no history {name!r}; there are {', '.join(HISTORIES)}")
        return name

    @field_validator("marketplace")
    @classmethod
    def _known_store(cls, code: str | None) -> str | None:
        if code is not None and code.upper() not in marketplaces():
            raise ValueError(f"no such store; there are {', '.join(marketplaces())}")
        return code.upper() if code else None

    @model_validator(mode="after")
    def _fitting_columns(self) -> Mapping:
        known = [name for name in self.table.names if name not in _ORIGIN]
        for name, cell in self.columns.items():
            if name not in known:
                raise ValueError(
                    f"columns.{name}: {self.history} has no such column; there are "
                    + ", ".join(known)
                )
            self._check_dates(name, cell)
        missing = [name for name in self.needed if name not in self.columns]
        if missing:
            raise ValueError(f"columns.{missing[0]}: is missing; no row can be without it")
        return self

    @property
    def needed(self) -> list[str]:
        """Our columns that must be there. A message without an id gets one from its words."""
        return [name for name in required(self.table) if name != "message_id"]

    def _check_dates(self, name: str, cell: Cell) -> None:
        is_date = self.table[name].kind == "ts"
        if cell.format and not is_date:
            raise ValueError(f"columns.{name}.format: {name} is no date")
        zoned = cell.names_zone or cell.timezone or self.timezone
        if cell.format and cell.has_time and not zoned:
            raise ValueError(
                f"columns.{name}.timezone: say in which zone these times are: Europe/Berlin, UTC"
            )


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Raises
    ------
    InputError
        It is not there, no TOML, or says something that it may not; the message names the field.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    if len(text) > _MAX_SIGNS:
        raise InputError(f"{path}: far larger than a mapping is; name the data as FILE")
    try:
        return Mapping.model_validate(tomllib.loads(text))
    except ValidationError as error:
        raise InputError(f"{path}: {_first_fault(error.errors())}") from error
    except ValueError as error:  # TOMLDecodeError, or a number of thousands of digits
        raise InputError(f"{path}: not a TOML file: {error}") from error
    except RecursionError as error:
        raise InputError(f"{path}: nested too deeply to be a mapping") from error


def _first_fault(faults: Iterable[Any]) -> str:
    fault: dict[str, Any] = next(iter(faults))
    place = ".".join(str(part) for part in fault["loc"])
    said = str(fault["msg"]).removeprefix("Value error, ")
    return f"{place}: {said}" if place else said
