"""The options that say where something is executed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from nbtrail.cli.parameters import split

_OF = {"scheduler": "dask", "host": "ssh"}  # options that say which backend is meant


def options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the option `backend`: None, or what `projects.sweep` takes."""

    @click.option(
        "--backend",
        metavar="NAME",
        help="Where: local (the default), dask, jupyter, ray, slurm, ssh or a plugin's.",
    )
    @click.option("--scheduler", metavar="ADDRESS", help="Of the Dask cluster: tcp://HOST:PORT.")
    @click.option("--host", metavar="[USER@]HOST", help="Of the backend ssh.")
    @click.option(
        "--backend-option",
        "others",
        metavar="NAME=VALUE",
        multiple=True,
        callback=split,
        help="Any option of a backend, as docs/sweeps.md lists them; can be repeated.",
    )
    @wraps(command)
    def with_backend(
        backend: str | None,
        scheduler: str | None,
        host: str | None,
        others: dict[str, str],
        **rest: Any,
    ) -> None:
        named = {"scheduler": scheduler, "host": host}
        given = {name: value for name, value in named.items() if value is not None}
        name = backend or next((_OF[one] for one in given), None)
        if name is None and others:
            raise click.UsageError("--backend-option goes with --backend.")
        command(backend={**others, **given, "name": name} if name else None, **rest)

    return with_backend
