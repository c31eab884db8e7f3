"""Parameters as options give them: one by one, and from a file."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

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


def parametrised(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say what of a project is run, and its `parameters`."""

    @click.option(
        "-P",
        "--param",
        "parameters",
        metavar="NAME=VALUE",
        multiple=True,
        callback=split,
        help="Set a parameter; can be repeated.",
    )
    @click.option(
        "-f",
        "--params-file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        callback=from_file,
        help="Set the parameters that a YAML or JSON file has; -P beats it.",
    )
    @click.option("-e", "--entry-point", help="What of a project is run (else main).")
    @click.option("--version", help="A commit, tag or branch of the project's repository.")
    @wraps(command)
    def with_parameters(
        parameters: dict[str, str], params_file: dict[str, object], **rest: Any
    ) -> None:
        command(parameters={**params_file, **parameters}, **rest)

    return with_parameters
