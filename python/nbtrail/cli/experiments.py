"""`nbtrail experiments`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from nbtrail.cli import for_programs, look, text

if TYPE_CHECKING:
    from nbtrail.entities import Experiment

PROJECT = "project"
"""The tag that groups experiments."""


@click.group()
def experiments() -> None:
    """List, make, rename and delete experiments."""


@experiments.command(
    "list",
    epilog=text.examples(
        "nbtrail experiments list",
        "nbtrail experiments list --filter \"tags.project = 'pricing' and name LIKE 'xgb%'\"",
        "nbtrail experiments list --deleted",
    ),
)
@click.option("--filter", "wanted", default="", help="Such as `tags.project = 'pricing'`.")
@click.option("--deleted", is_flag=True, help="List those that can be restored.")
@for_programs.as_json
def list_experiments(wanted: str, deleted: bool, as_json: bool) -> None:
    """List experiments, those with the latest run first; those of a project together."""
    from nbtrail.entities import ViewType

    store = look.existing_store()
    found = store.experiments.list(ViewType(1 + deleted))
    if wanted:
        chosen, _ = store.experiments.search(ViewType(1 + deleted), wanted, max_results=50_000)
        ids = {one.experiment_id for one in chosen}
        found = [one for one in found if one.experiment_id in ids]
    if as_json:
        for_programs.echo(found)
    elif found:
        click.echo(_table(found, store.experiments.run_counts()))
    else:
        click.echo("No experiment is like that.")


def _table(found: list[Experiment], counts: dict[str, int]) -> str:
    """Return a line for each; the column PROJECT is there when any has one."""
    turns: dict[str, int] = {}
    for one in found:  # projects in the order in which they come first, the others between them
        turns.setdefault(one.tags.get(PROJECT) or f"experiment {one.experiment_id}", len(turns))
    found = sorted(
        found, key=lambda e: turns[e.tags.get(PROJECT) or f"experiment {e.experiment_id}"]
    )
    columns = ["ID", "NAME", "RUNS", "CREATED"]
    rows: list[list[object]] = [
        [e.experiment_id, e.name, counts.get(e.experiment_id, 0), text.moment(e.creation_time)]
        for e in found
    ]
    if any(PROJECT in one.tags for one in found):
        columns.insert(0, "PROJECT")
        rows = [[one.tags.get(PROJECT), *row] for one, row in zip(found, rows, strict=True)]
    return text.table(columns, rows)


@experiments.command(
    epilog=text.examples(
        "nbtrail experiments create wine",
        "nbtrail experiments create xgb-eu --project pricing",
        "nbtrail experiments create large --artifact-location s3://bucket/large",
    )
)
@click.argument("name")
@click.option("--project", help="The project that it belongs to: its tag `project`.")
@click.option("--artifact-location", metavar="URI", help="Where its runs keep their files.")
def create(name: str, project: str | None, artifact_location: str | None) -> None:
    """Make the experiment NAME, in a store that is made if need be."""
    from nbtrail.tracking import current_store

    tags = {PROJECT: project} if project else {}
    made = current_store().experiments.create(name, artifact_location, tags)
    click.echo(f"Made {text.cell(made.name)}, id {made.experiment_id}.")


@experiments.command(
    epilog=text.examples(
        "nbtrail experiments rename wine wine-2024",
    )
)
@click.argument("experiment", type=look.EXPERIMENT)
@click.argument("new")
def rename(experiment: str, new: str) -> None:
    """Give EXPERIMENT (a name or an id) the name NEW."""
    store = look.existing_store()
    found = look.find_experiment(store, experiment)
    store.experiments.rename(found.experiment_id, new)
    click.echo(f"Renamed {text.cell(found.name)} to {text.cell(new)}.")


@experiments.command(
    epilog=text.examples(
        "nbtrail experiments tag wine project pricing",
        'nbtrail experiments tag wine project ""      takes the tag away',
    )
)
@click.argument("experiment", type=look.EXPERIMENT)
@click.argument("key")
@click.argument("value")
def tag(experiment: str, key: str, value: str) -> None:
    """Give EXPERIMENT (a name or an id) a tag."""
    store = look.existing_store()
    found = look.find_experiment(store, experiment)
    if value:
        store.experiments.set_tags(found.experiment_id, {key: value})
    else:
        store.experiments.delete_tag(found.experiment_id, key)
    click.echo(f"Tagged {text.cell(found.name)}.")


@experiments.command(
    epilog=text.examples(
        "nbtrail experiments delete wine",
    )
)
@click.argument("experiment", type=look.EXPERIMENT)
def delete(experiment: str) -> None:
    """Take EXPERIMENT (a name or an id) and its runs out of all listings.

    They can be restored until `nbtrail gc` deletes them for good.
    """
    store = look.existing_store()
    found = look.find_experiment(store, experiment)
    store.experiments.delete(found.experiment_id)
    click.echo(f"Deleted. To undo: nbtrail experiments restore {found.experiment_id}")


@experiments.command(
    epilog=text.examples(
        "nbtrail experiments restore wine",
    )
)
@click.argument("experiment", type=look.EXPERIMENT)
def restore(experiment: str) -> None:
    """Bring EXPERIMENT (a name or an id), which was deleted, back with its runs."""
    store = look.existing_store()
    found = look.find_experiment(store, experiment)
    store.experiments.restore(found.experiment_id)
    click.echo(f"Restored {text.cell(found.name)}.")
