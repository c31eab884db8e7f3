"""`nbtrail experiments`."""

from __future__ import annotations

import click

from nbtrail.cli import look, text


@click.group()
def experiments() -> None:
    """List experiments."""


@experiments.command(
    "list",
    epilog=text.examples(
        "nbtrail experiments list",
    ),
)
def list_experiments() -> None:
    """List experiments, those with the latest run first."""
    store = look.existing_store()
    counts = store.experiments.run_counts()
    rows = [
        (e.experiment_id, e.name, counts.get(e.experiment_id, 0), text.moment(e.creation_time))
        for e in store.experiments.list()
    ]
    click.echo(text.table(("ID", "NAME", "RUNS", "CREATED"), rows))
