"""`nbtrail gc`: delete for good what was deleted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from nbtrail.cli import look, text

if TYPE_CHECKING:
    from nbtrail.store.gc import Plan
    from nbtrail.tracking.maintenance import Collected

_UNITS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000}
_PARTS = re.compile(r"(?:\d{1,9}[dhms])+")


def _age(_ctx: click.Context, _option: click.Parameter, given: str) -> int:
    if not _PARTS.fullmatch(given):
        raise click.BadParameter(f"'{given}' is not an age, such as 30d or 1d12h (d, h, m, s).")
    return sum(int(n) * _UNITS[unit] for n, unit in re.findall(r"(\d+)([dhms])", given))


def _ids(_ctx: click.Context, _option: click.Parameter, given: str | None) -> list[str] | None:
    return None if given is None else [one.strip() for one in given.split(",") if one.strip()]


@click.command(
    epilog=text.examples(
        "nbtrail gc --dry-run",
        "nbtrail gc --older-than 30d -y",
        "nbtrail gc --run-ids 3f2a91c4d0e84f6f9f0a7c1b2d3e4f50",
    )
)
@click.option(
    "--older-than",
    metavar="AGE",
    default="0s",
    callback=_age,
    help="Only what was deleted at least so long ago: 30d, 12h, 1d12h.",
)
@click.option("--run-ids", metavar="IDS", callback=_ids, help="Only these runs; commas between.")
@click.option("--experiment-ids", metavar="IDS", callback=_ids, help="Only these experiments.")
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
def gc(
    older_than: int,
    run_ids: list[str] | None,
    experiment_ids: list[str] | None,
    dry_run: bool,
    yes: bool,
) -> None:
    """Delete for good the runs and experiments that were deleted, with their artifacts.

    What nothing refers to any more goes, too: files, datasets, cells of sessions that made no
    run, points of deleted metrics, snapshots that endpoints served long ago. None of it can be
    restored.
    """
    import msgspec

    from nbtrail import serving
    from nbtrail.tracking import maintenance

    store = look.existing_store()
    plan = maintenance.plan(store, older_than, run_ids, experiment_ids)
    click.echo(_summary(plan))
    if dry_run:
        return
    if not yes:
        click.confirm("Delete for good?", abort=True)
    done = maintenance.collect(store, plan, older_than)
    freed = serving.collect_snapshots(store)
    _tell(msgspec.structs.replace(done, bytes=done.bytes + freed))


def _summary(plan: Plan) -> str:
    lines = [f"  run {run.run_id[:8]}  {text.cell(run.name)}" for run in plan.runs]
    lines += [f"  experiment {text.cell(one.name)}" for one in plan.experiments]
    counts = f"{_counted(len(plan.runs), len(plan.experiments))} to delete for good"
    return "\n".join([f"{counts}{':' if lines else '.'}", *lines, *map(text.line, plan.kept)])


def _counted(runs: int, experiments: int) -> str:
    return f"{text.count(runs, 'run')} and {text.count(experiments, 'experiment')}"


def _tell(done: Collected) -> None:
    click.echo(
        f"Deleted {_counted(done.runs, done.experiments)}, {text.count(done.executions, 'cell')} "
        f"without a run, {done.bytes / 1e6:.1f} MB of files that nothing used."
    )
    for sentence in done.failed:
        click.echo(text.line(sentence), err=True)
    if done.failed:
        raise SystemExit(1)
