"""`nbtrail datasets`."""

from __future__ import annotations

import click

from nbtrail.cli import look, text

NO_DATASETS = "No run has logged a dataset. `nbtrail.log_input(nbtrail.data.from_pandas(…))` does."


@click.group()
def datasets() -> None:
    """List the datasets that runs used."""


@datasets.command(
    "list",
    epilog=text.examples(
        "nbtrail datasets list",
        "nbtrail datasets list --experiment wine",
        "nbtrail runs list --filter \"datasets.name = 'bottles'\"     the runs that used one",
    ),
)
@click.option(
    "--experiment",
    type=look.EXPERIMENT,
    metavar="NAME",
    help="Only what runs of this experiment used.",
)
def list_datasets(experiment: str | None) -> None:
    """List datasets, what was used last first."""
    store = look.existing_store()
    ids = [look.find_experiment(store, experiment).experiment_id] if experiment else None
    rows = [
        (
            one.dataset.name,
            one.dataset.digest,
            ", ".join(one.contexts),
            one.runs,
            text.moment(one.last_used),
            text.source(one.dataset.source),
        )
        for one in store.datasets.search(experiment_ids=ids)
    ]
    columns = ("DATASET", "DIGEST", "USED FOR", "RUNS", "LAST USED", "SOURCE")
    click.echo(text.table(columns, rows) if rows else NO_DATASETS)
