"""`nbtrail import`: runs that were made elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from nbtrail.cli import text
from nbtrail.errors import AlreadyExists, InvalidValue

if TYPE_CHECKING:
    from nbtrail.store.documents import RunDocument


@click.command(
    "import",
    epilog=text.examples(
        "nbtrail import run.json",
        "nbtrail import results/*.json",
        "nbtrail import --schema > run.schema.json",
        'echo \'{"experiment": "wine", "metrics": {"acc": 0.9}}\' | nbtrail import -',
    ),
)
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--schema", is_flag=True, help="Print the JSON Schema of a file, and end.")
def import_(files: tuple[str, ...], schema: bool) -> None:
    """Register the run that each of FILES describes: a JSON document, or - for standard input.

    A document with a `run_id` can be imported again and stays one run.
    """
    from nbtrail.store import documents
    from nbtrail.tracking import current_store

    if schema:
        click.echo(json.dumps(documents.schema(), indent=2))
        return
    if not files:
        raise click.UsageError("Name at least one file. --schema says what is in one.")
    read = [(file, _read(file)) for file in files]
    for name, document in read:
        with _naming(name):
            made = current_store().documents.register(document)
        click.echo(f"{made.info.run_id}  {text.cell(made.info.run_name)}")


def _read(file: str) -> RunDocument:
    from nbtrail.store import documents

    with _naming(file), click.open_file(file, "rb") as opened:
        return documents.read(opened.read())


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Say in errors which file has the mistake."""
    try:
        yield
    except (InvalidValue, AlreadyExists) as error:
        raise InvalidValue(f"{name}: {error}") from error
