"""Parameters as options give them: one by one, and from a file."""

from __future__ import annotations

from pathlib import Path

import click

from nbtrail.cli import text


def split(_ctx: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """Return the values of ``NAME=VALUE`` options by name."""
    found: dict[str, str] = {}
    for pair in given:
        name, separator, value = pair.partition("=")
        if not (name and separator):
            raise click.BadParameter(f"'{pair}' is not of the form NAME=VALUE.")
        if name in found:
            raise click.BadParameter(f"'{name}' is given more than once.")
        found[name] = value
    return found


def from_file(
    _ctx: click.Context, _option: click.Parameter, path: Path | None
) -> dict[str, object]:
    """Return the values by name that a YAML or JSON file has."""
    if path is None:
        return {}
    import yaml

    try:
        found = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise click.BadParameter(f"{path} cannot be read: {text.line(str(error))}") from None
    if not isinstance(found, dict):
        raise click.BadParameter(f"{path} must have a line `name: value` for each parameter.")
    return {str(name): value for name, value in found.items()}
