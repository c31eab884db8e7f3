"""`nbtrail runs`: list, show, compare, delete, restore. What changes a run is in edits.py."""

from __future__ import annotations

import click

from nbtrail.cli import describe, for_programs, look, text

NO_RUNS = (
    "No runs yet. Execute a notebook with `nbtrail run notebook.ipynb`, or put `%load_ext nbtrail` "
    "into its first cell."
)


@click.group()
def runs() -> None:
    """List, show, compare, edit and delete runs."""


@runs.command(
    "list",
    epilog=text.examples(
        "nbtrail runs list -n 5",
        'nbtrail runs list --experiment wine --filter "metrics.acc > 0.9"',
        'nbtrail runs list --order-by "metrics.acc DESC"',
        "nbtrail runs list --json | jq '.[].info.run_id'",
        "nbtrail runs list --deleted",
    ),
)
@click.option(
    "--experiment", type=look.EXPERIMENT, metavar="NAME", help="Only the runs of this experiment."
)
@click.option("--filter", "wanted", default="", help="Such as `metrics.accuracy > 0.9`.")
@click.option("--order-by", help="Such as `metrics.accuracy DESC`; else the newest first.")
@click.option("-n", "count", type=click.IntRange(1, 50_000), default=20, show_default=True)
@click.option("--deleted", is_flag=True, help="List those that can be restored.")
@for_programs.as_json
def list_runs(
    experiment: str | None,
    wanted: str,
    order_by: str | None,
    count: int,
    deleted: bool,
    as_json: bool,
) -> None:
    """List runs."""
    from nbtrail.entities import ViewType

    store = look.existing_store()
    ids = [look.find_experiment(store, experiment).experiment_id] if experiment else None
    order, view = [order_by] if order_by else [], ViewType(1 + deleted)
    found, more = store.runs.search(ids, wanted, order, count, view=view)
    if as_json:
        from nbtrail.api.native.runs import run_json

        for_programs.echo([run_json(run) for run in found])
    elif found:
        click.echo(describe.listed(store, found))
        if more:
            click.echo(f"There are more: -n {2 * count}", err=True)
    else:
        click.echo("No run is like that." if experiment or wanted or deleted else NO_RUNS)


@runs.command(
    epilog=text.examples(
        "nbtrail runs show 3f2a91c4",
    )
)
@click.argument("run", type=look.RUN)
@for_programs.as_json
def show(run: str, as_json: bool) -> None:
    """Show RUN: its params, metrics, tags and models. RUN is an id, or how one begins."""
    store = look.existing_store()
    found = look.find_run(store, run)
    if as_json:
        from nbtrail.api.native.runs import run_json

        for_programs.echo(run_json(found))
    else:
        click.echo(describe.full(store, found))


@runs.command(
    epilog=text.examples(
        "nbtrail runs compare 3f2a91c4 77d0be12 a06c4f9e",
    )
)
@click.argument("first", type=look.RUN)
@click.argument("others", nargs=-1, required=True, type=look.RUN)
def compare(first: str, others: tuple[str, ...]) -> None:
    """Compare runs: the params that differ, and the metrics, side by side."""
    store = look.existing_store()
    click.echo(describe.compared([look.find_run(store, run) for run in (first, *others)]))


@runs.command(
    epilog=text.examples(
        "nbtrail runs delete 3f2a91c4",
        "nbtrail runs delete 3f2a91c4 77d0be12",
    )
)
@click.argument("runs", nargs=-1, required=True, type=look.RUN)
def delete(runs: tuple[str, ...]) -> None:
    """Take RUNS out of all listings. They can be restored until `nbtrail gc` deletes them."""
    store = look.existing_store()
    found = [look.find_run(store, run).info.run_id for run in runs]
    for run_id in found:
        store.runs.delete(run_id)
    short = " ".join(run_id[:8] for run_id in found)
    click.echo(f"Deleted. To undo: nbtrail runs restore {short}")


@runs.command(
    epilog=text.examples(
        "nbtrail runs restore 3f2a91c4",
    )
)
@click.argument("runs", nargs=-1, required=True, type=look.RUN)
def restore(runs: tuple[str, ...]) -> None:
    """Bring RUNS, which were deleted, back."""
    store = look.existing_store()
    for found in [look.find_run(store, run) for run in runs]:
        store.runs.restore(found.info.run_id)
        click.echo(f"Restored {text.cell(found.info.run_name)}.")
