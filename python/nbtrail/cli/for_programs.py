"""The option --json: what a command found, for other programs."""

from __future__ import annotations

import click

as_json = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")


def echo(found: object) -> None:
    """Print what was found, any value or record, as one line of JSON."""
    import msgspec

    click.echo(msgspec.json.encode(found))
