"""`nbtrail runs`: list, show, compare."""

from __future__ import annotations

import click

from nbtrail.cli import describe, look, text

NO_RUNS = (
    "No runs yet. Execute a notebook with `nbtrail run notebook.ipynb`, or put `%load_ext nbtrail` "
    "into its first cell."
)


@click.group()
def runs() -> None:
    """List, show and compare runs."""


@runs.command(
    "list",
    epilog=text.examples(
        "nbtrail runs list -n 5",
        'nbtrail runs list --experiment wine --filter "metrics.acc > 0.9"',
        'nbtrail runs list --order-by "metrics.acc DESC"',
        "nbtrail runs list --json | jq '.[].info.run_id'",
    ),
)
@click.option("--experiment", metavar="NAME", help="Only the runs of this experiment.")
@click.option("--filter", "wanted", default="", help="Such as `metrics.accuracy > 0.9`.")
@click.option("--order-by", help="Such as `metrics.accuracy DESC`; else the newest first.")
@click.option("-n", "count", type=click.IntRange(1, 50_000), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print them as the REST API gives them.")
def list_runs(
    experiment: str | None, wanted: str, order_by: str | None, count: int, as_json: bool
) -> None:
    """List runs."""
    store = look.existing_store()
    ids = [store.experiments.named(experiment).experiment_id] if experiment else None
    found, more = store.runs.search(ids, wanted, [order_by] if order_by else [], count)
    if as_json:
        import msgspec

        from nbtrail.api.native.runs import run_json

        click.echo(msgspec.json.encode([run_json(run) for run in found]))
    elif found:
        click.echo(describe.listed(store, found))
        if more:
            click.echo(f"There are more: -n {2 * count}", err=True)
    else:
        click.echo("No run is like that." if experiment or wanted else NO_RUNS)


@runs.command(
    epilog=text.examples(
        "nbtrail runs show 3f2a91c4",
    )
)
@click.argument("run")
def show(run: str) -> None:
    """Show RUN: its params, metrics, tags and models. RUN is an id, or how one begins."""
    store = look.existing_store()
    click.echo(describe.full(store, look.find_run(store, run)))


@runs.command(
    epilog=text.examples(
        "nbtrail runs compare 3f2a91c4 77d0be12 a06c4f9e",
    )
)
@click.argument("first")
@click.argument("others", nargs=-1, required=True)
def compare(first: str, others: tuple[str, ...]) -> None:
    """Compare runs: the params that differ, and the metrics, side by side."""
    store = look.existing_store()
    click.echo(describe.compared([look.find_run(store, run) for run in (first, *others)]))
