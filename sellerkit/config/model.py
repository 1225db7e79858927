"""The fields of `sellerkit.toml`. Secrets are never among them: only the names of variables."""

from __future__ import annotations

import ipaddress
import re
import zoneinfo
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from sellerkit.policy import marketplaces

#: The reports that a run can make; the portfolio comes by itself where there are several accounts.
ReportName = Literal["compliance", "atoz", "due"]
Period = Literal["last-week", "last-month", "rolling-30"]

_SECRETS = frozenset({"password", "token", "secret", "webhook", "url"})


def _store(code: str) -> str:
    if code.upper() not in marketplaces():
        raise ValueError(f"no such store; there are {', '.join(marketplaces())}")
    return code.upper()


def _zone(name: str) -> str:
    try:
        return zoneinfo.ZoneInfo(name).key
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("no such time zone; write it like Europe/Berlin") from error


def _folder(value: Any) -> Any:
    if isinstance(value, str) and not value.strip():
        raise ValueError("it is empty")
    if isinstance(value, str) and "\0" in value:
        raise ValueError("no path has a NUL in it")
    try:
        return Path(value).expanduser() if isinstance(value, str) else value
    except RuntimeError as error:  # of a user that there is not
        raise ValueError(f"{value} names no folder of a user here") from error


def _open(url: str) -> str:
    if ":" in urlsplit(url).netloc.rpartition("@")[0]:
        raise ValueError(
            "a password does not belong in this file: put it in an environment variable, and name "
            "that in options_env"
        )
    return url


def is_this_machine(host: str) -> bool:
    """Tell whether a host is this machine, so that nobody is on the way to it."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


Word: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Store: TypeAlias = Annotated[str, AfterValidator(_store)]
Zone: TypeAlias = Annotated[str, AfterValidator(_zone)]
Place: TypeAlias = Annotated[Path, BeforeValidator(_folder)]
Address: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")]
#: The name of an environment variable that holds a secret.
Variable: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Port: TypeAlias = Annotated[int, Field(ge=0, le=65535)]
Encryption = Literal["tls", "starttls", "none"]


class Part(BaseModel):
    """A part of the file: an unknown field is an error, and nothing changes once it is read."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=False)

    @model_validator(mode="before")
    @classmethod
    def _no_secret(cls, said: Any) -> Any:
        """Say of a secret what to write instead, rather than that there is no such field."""
        for name in said if isinstance(said, dict) else ():
            if name in _SECRETS - set(cls.model_fields) and f"{name}_env" in cls.model_fields:
                raise ValueError(
                    f"a secret does not belong in this file: write {name}_env = "
                    '"NAME", and put it in the environment variable NAME'
                )
        return said


class Imap(Part):
    """A mailbox on a mail server."""

    kind: Literal["imap"]
    host: Word
    user: Word
    folders: list[Word] = []
    since: date | None = None
    keep: Place | None = None
    encryption: Encryption = "tls"
    port: Port = 0
    password_env: Variable = "SELLERKIT_IMAP_PASSWORD"
    token_env: Variable = "SELLERKIT_IMAP_TOKEN"

    @property
    def name(self) -> str:
        """What a sentence calls it."""
        return f"imap {self.user} on {self.host}"


class Amazon(Part):
    """Amazon's reports, over its API; its credentials are where `sellerkit fetch amazon` has them.

    `marketplaces` are the stores, none: the account's own; `reports` by name, none: all.
    """

    kind: Literal["amazon"]
    marketplaces: list[Store] = []
    reports: list[Word] = []
    keep: Place = Path("amazon-reports")

    @property
    def name(self) -> str:
        """What a sentence calls it."""
        return "amazon " + ", ".join(self.marketplaces or ["reports"])


Source: TypeAlias = Annotated[Imap | Amazon, Field(discriminator="kind")]


class Account(Part):
    """A seller account: what of it is read, and into which lake."""

    name: Word
    marketplace: Store | None = None
    timezone: Zone = ""
    lake: Word = ""
    own_addresses: list[Address] = []
    files: list[Place] = []
    fetch: list[Source] = []

    @property
    def folder(self) -> str:
        """The folder of this account's reports, as `sellerkit report` calls it."""
        return re.sub(r"[^\w .&+-]", "_", self.name).strip(". ") or "_"


class Reports(Part):
    """Which reports are made, over which window, where, and how many old ones stay there."""

    names: list[ReportName] = Field(default=["compliance", "atoz", "due"], min_length=1)
    period: Period = "rolling-30"
    out: Place = Path("reports")
    keep: Annotated[int, Field(ge=1)] | None = None


class LocalFolder(Part):
    """A folder that others see: of a web server, or a share."""

    kind: Literal["folder"]
    folder: Place
    keep: Annotated[int, Field(ge=1)] = 30

    @property
    def name(self) -> str:
        """What a sentence calls it."""
        return f"folder {self.folder}"


class Fsspec(Part):
    """Any store that fsspec knows; `options` are given to it, `options_env` by variables."""

    kind: Literal["fsspec"]
    url: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9+.-]*://"), AfterValidator(_open)]
    options: dict[str, str | int | float | bool] = {}
    options_env: dict[str, Variable] = {}
    keep: Annotated[int, Field(ge=1)] = 30

    @property
    def name(self) -> str:
        """What a sentence calls it."""
        return f"store {self.url}"


class Mail(Part):
    """Mail over SMTP; as a publish target with the pages, as a channel with what is new.

    Attributes
    ----------
    attach : bool
        Whether the pages are in the mail; else it says where they are.
    link : str
        The address below which others find the pages; empty for their paths on this machine.
    """

    kind: Literal["mail"]
    host: Word
    sender: Address
    to: list[Address] = Field(min_length=1)
    user: str = ""
    password_env: Variable = "SELLERKIT_SMTP_PASSWORD"
    encryption: Encryption = "starttls"
    port: Port = 0
    attach: bool = True
    link: Annotated[str, StringConstraints(pattern=r"^([a-z][a-z0-9+.-]*://\S+)?$")] = ""

    @model_validator(mode="after")
    def _no_eyes_on_the_way(self) -> Mail:
        if self.encryption == "none" and not is_this_machine(self.host):
            raise ValueError(
                f'encryption = "none": {self.host} is another machine, and anybody on the way '
                "could read password and mails; use tls or starttls"
            )
        return self

    @property
    def name(self) -> str:
        """What a sentence calls it."""
        return f"mail to {', '.join(self.to)}"


class Webhook(Part):
    """A channel of Slack or Teams. Its address is a secret, so it stands in a variable."""

    kind: Literal["slack", "teams"]
    url_env: Variable

    @property
    def name(self) -> str:
        """What a sentence calls it."""
        return f"{self.kind}, {self.url_env}"


PublishTarget: TypeAlias = Annotated[LocalFolder | Fsspec | Mail, Field(discriminator="kind")]
Channel: TypeAlias = Annotated[Mail | Webhook, Field(discriminator="kind")]


class Limits(Part):
    """What is told once it is crossed, and what a run may take.

    Attributes
    ----------
    on_time_share, coverage : float or None
        From 0 to 1: told when the share of inquiries answered in time, or of any kind of duty
        that was met, falls below.
    due_hours : float
        What falls due within so many hours is told.
    parallel : int
        Accounts at work at the same time, each in a process of its own.
    free_disk_mb : int
        `doctor` says when less is free.
    """

    on_time_share: Annotated[float, Field(ge=0, le=1)] | None = None
    coverage: Annotated[float, Field(ge=0, le=1)] | None = None
    due_hours: Annotated[float, Field(gt=0)] = 24.0
    parallel: Annotated[int, Field(ge=1, le=64)] = 2
    free_disk_mb: Annotated[int, Field(ge=0)] = 500


class Pii(Part):
    """How many days buyers' data is kept; `sellerkit purge` goes by it."""

    retention_days: Annotated[int, Field(ge=1)] | None = None


class Config(Part):
    """All that a run needs; paths in it are relative to the folder of the file.

    Attributes
    ----------
    timezone : str
        In which weeks and months begin, and in which the times of an account that names no zone
        of its own are shown.
    policy : str
        A date, a file of rules, or both, as ``--policy``.
    secrets : Path
        A file of lines ``NAME=value``, added to the environment where it is there.
    heartbeat_days : int
        After so many days without a message one says that all is well; 0 for never.
    """

    file: Path = Path("sellerkit.toml")
    timezone: Zone = "UTC"
    lake: Word = "lake"
    policy: str = ""
    secrets: Place = Path("secrets.env")
    heartbeat_days: Annotated[int, Field(ge=0)] = 7
    accounts: list[Account] = Field(alias="account", min_length=1)
    reports: Reports = Reports()
    limits: Limits = Limits()
    publish: list[PublishTarget] = []
    tell: list[Channel] = []
    pii: Pii = Pii()

    @property
    def pii_retention_days(self) -> int | None:
        """How many days buyers' data is kept; None for ever."""
        return self.pii.retention_days

    @property
    def state(self) -> Path:
        """The folder of what a run remembers."""
        return self.reports.out / ".sellerkit"

    @model_validator(mode="after")
    def _names_differ(self) -> Config:
        seen: dict[str, str] = {}
        for account in self.accounts:
            # on some file systems two names that differ in capitals only are one folder
            other = seen.setdefault(account.folder.casefold(), account.name)
            if other is not account.name:
                raise ValueError(
                    f"account {account.name!r} and account {other!r} would have one folder of "
                    "reports; give them names that differ in letters"
                )
        return self

    def variables(self) -> Iterator[tuple[str, str]]:
        """Yield what needs a secret and the variable in which it stands, but for mailboxes."""
        for part in (*self.publish, *self.tell):
            if isinstance(part, Mail) and part.user:
                yield part.name, part.password_env
            elif isinstance(part, Webhook):
                yield part.name, part.url_env
            elif isinstance(part, Fsspec):
                yield from ((part.name, name) for name in part.options_env.values())
