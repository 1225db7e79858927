"""`sellerkit doctor`: checks the whole set-up and says what to mend."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from sellerkit.cli.options import AsJson
from sellerkit.cli.printed import harmless_json, out, plain
from sellerkit.cli.run import DEFAULT_CONFIG, ConfigOption, utc_now
from sellerkit.errors import SellerkitError

_MARKS = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "bad": "[red]mend[/]"}


def doctor(
    config: ConfigOption = DEFAULT_CONFIG,
    connect: Annotated[
        bool, typer.Option("--connect", help="Log in to mail servers and Amazon as well.")
    ] = False,
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="T", help="What time it is. Default: the clock's.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Check all that `sellerkit run` needs and say what to mend; exit 1 where something is wrong.

    No connection is opened but with --connect.

    Example: [bold]sellerkit doctor --config sellerkit.toml --connect[/]
    """
    found = _found(config, connect, as_of)
    bad = sum(one["state"] == "bad" for one in found)
    if as_json:
        print(harmless_json(json.dumps({"checks": found, "bad": bad}, ensure_ascii=False)))
    else:
        table = Table(Column(""), Column("", overflow="fold"), Column("", overflow="fold"))
        for one in found:
            table.add_row(_MARKS[one["state"]], plain(one["what"]), plain(one["said"]))
        out.print(table)
        words = f"{bad} to mend" if bad else "all is well"
        out.print(words, style="red" if bad else "green", highlight=False)
    if bad:
        raise typer.Exit(1)


def _found(config: Path, connect: bool, as_of: str) -> list[dict[str, str]]:
    import pandas as pd

    from sellerkit.audit import instant
    from sellerkit.config import load, use_secrets
    from sellerkit.fetch.clock import Clock
    from sellerkit.unattended.doctor import Asked, examine_setup

    now = instant(as_of, "--as-of") if as_of else pd.Timestamp(utc_now())
    try:
        wanted = load(config)
        use_secrets(wanted.secrets, os.environ)
    except SellerkitError as error:
        return [{"what": "configuration", "state": "bad", "said": str(error)}]
    asked = Asked(wanted, now, Clock(utc_now, time.sleep), connect)
    return [dict(vars(one)) for one in examine_setup(asked)]
