"""`nbtrail schedule`: what a Jupyter server executes again and again."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

import click

from nbtrail.cli import for_programs, look, text
from nbtrail.cli.parameters import parametrised
from nbtrail.cli.run import TargetCommand

if TYPE_CHECKING:
    from nbtrail.entities import Schedule

NO_SCHEDULES = "No schedules. `nbtrail schedule add NOTEBOOK --daily 07:30` makes one."
_COLUMNS = ("SCHEDULE", "NAME", "WHEN", "NEXT", "LAST JOB", "MISSED", "LATEST MISSED")


@click.group()
def schedule() -> None:
    """Have notebooks and projects executed every hour, every day, or as crontab would.

    A Jupyter server with nbtrail that serves the store's folder executes them while it is up. What
    was due while none was is not made up for; `list` tells how often that was.
    """


@schedule.command(
    cls=TargetCommand,
    epilog=text.examples(
        "nbtrail schedule add report.ipynb --daily 07:30",
        "nbtrail schedule add train.ipynb --hourly -P days=7 --experiment nightly",
        'nbtrail schedule add projects/wine -e train --cron "30 7 * * 1-5"',
    ),
)
@click.argument("target")
@click.option("--hourly", is_flag=True, help="At each full hour.")
@click.option("--daily", metavar="HH:MM", help="Each day at this time.")
@click.option(
    "--cron",
    metavar="FIELDS",
    help="Minute, hour, day of the month, month and day of the week, as in a crontab.",
)
@parametrised
@click.option(
    "--env",
    type=click.Choice(["local", "uv", "conda", "docker"]),
    default="local",
    help="As for run.",
)
@click.option("--experiment", help="The experiment of the runs (else as for run).")
@click.option("--name", "run_name", help="The name of the schedule, and of its runs.")
def add(
    target: str,
    hourly: bool,
    daily: str | None,
    cron: str | None,
    parameters: dict[str, object],
    entry_point: str | None,
    version: str | None,
    **options: Any,
) -> None:
    """Have TARGET, as `nbtrail run` knows it, executed again and again."""
    from nbtrail.projects.asked import Asked
    from nbtrail.projects.background import schedules

    asked = Asked(parameters=parameters, **options)
    made = schedules.add(asked, target, _fields(hourly, daily, cron), entry_point, version)
    click.echo(
        f"Schedule {made.schedule_id}: {text.line(made.name)}, the first time at "
        f"{text.moment(made.next)}, if a Jupyter server with nbtrail is up."
    )


def _fields(hourly: bool, daily: str | None, cron: str | None) -> str:
    if hourly + (daily is not None) + (cron is not None) != 1:
        raise click.UsageError("Say when: one of --hourly, --daily HH:MM and --cron FIELDS.")
    from nbtrail.projects.background import cron as times

    if cron is not None:
        return cron
    return times.HOURLY if daily is None else times.daily(daily)


@schedule.command("list", epilog=text.examples("nbtrail schedule list"))
@for_programs.as_json
def list_schedules(as_json: bool) -> None:
    """List the schedules: when the next time is, and what was missed."""
    found = look.existing_store().schedules.all()
    if as_json:
        for_programs.echo(found)
        return
    click.echo(text.table(_COLUMNS, [_row(one) for one in found]) if found else NO_SCHEDULES)


@schedule.command(epilog=text.examples("nbtrail schedule pause 2"))
@click.argument("schedule_id", metavar="SCHEDULE")
def pause(schedule_id: str) -> None:
    """Execute SCHEDULE no more, until it is resumed."""
    from nbtrail.projects.background import schedules

    paused = schedules.pause(look.existing_store(), schedule_id)
    click.echo(
        f"{_title(paused)} is paused: `nbtrail schedule resume {paused.schedule_id}` goes on."
    )


@schedule.command(epilog=text.examples("nbtrail schedule resume 2"))
@click.argument("schedule_id", metavar="SCHEDULE")
def resume(schedule_id: str) -> None:
    """Execute SCHEDULE again from now on."""
    from nbtrail.projects.background import schedules

    resumed = schedules.resume(look.existing_store(), schedule_id)
    click.echo(f"{_title(resumed)} is executed next at {text.moment(resumed.next)}.")


@schedule.command(epilog=text.examples("nbtrail schedule run 2"))
@click.argument("schedule_id", metavar="SCHEDULE")
def run(schedule_id: str) -> None:
    """Execute SCHEDULE now, once more than it says."""
    from nbtrail.cli.jobs import tell_accepted
    from nbtrail.projects.background import schedules

    tell_accepted(schedules.run_now(look.existing_store(), schedule_id))


@schedule.command(epilog=text.examples("nbtrail schedule remove 2"))
@click.argument("schedule_id", metavar="SCHEDULE")
def remove(schedule_id: str) -> None:
    """Delete SCHEDULE; its runs stay."""
    removed = look.existing_store().schedules.remove(schedule_id)
    click.echo(f"{_title(removed)} is deleted. To have it again: {text.line(_command(removed))}")


def _command(one: Schedule) -> str:
    """Return the command that makes a schedule again."""
    asked = one.task.options
    words = ["nbtrail", "schedule", "add", asked["target"], "--cron", one.cron]
    for option in ("entry_point", "version", "env", "experiment"):
        if (value := asked[option]) not in {None, "local"}:
            words += [f"--{option.replace('_', '-')}", value]
    for name, value in one.task.parameters.items():
        words += ["-P", f"{name}={value if isinstance(value, str) else json.dumps(value)}"]
    return shlex.join(words)


def _title(one: Schedule) -> str:
    return f"Schedule {one.schedule_id} ({text.line(one.name)})"


def _row(one: Schedule) -> tuple[object, ...]:
    following = "paused" if one.next is None else text.moment(one.next)
    missed = text.moment(one.missed_at)
    return (one.schedule_id, one.name, one.cron, following, one.last_job, one.missed, missed)
