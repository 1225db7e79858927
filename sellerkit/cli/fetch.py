"""`sellerkit fetch …`: the commands that open a connection."""

import typer

fetch_app = typer.Typer(
    name="fetch",
    help="Fetch histories from a mail server or from Amazon; only these commands open a connection",
    no_args_is_help=True,
)
