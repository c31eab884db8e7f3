"""Options of the form NAME=VALUE, which can be repeated."""

from __future__ import annotations

import click


def split(_ctx: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """Return the values by name; a callback for click."""
    found: dict[str, str] = {}
    for pair in given:
        name, separator, value = pair.partition("=")
        if not (name and separator):
            raise click.BadParameter(f"'{pair}' is not of the form NAME=VALUE.")
        if name in found:
            raise click.BadParameter(f"'{name}' is given more than once.")
        found[name] = value
    return found
