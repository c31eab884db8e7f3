"""`nbtrail reproduce`: execute a run once more, and compare."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from typing import Literal

import click

from nbtrail.cli import for_programs, look, text

_COLOURS = {"identical": "green", "within tolerance": "green", "diverged": "red"}
_STATUS = {"diverged": 1, "could not run": 2}


def _tolerances(
    _ctx: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> dict[str, float]:
    tolerances: dict[str, float] = {}
    for pair in given:
        name, _, value = pair.rpartition(":")
        try:
            tolerances[name] = float(value)
        except ValueError:
            name = ""
        if not name:
            raise click.BadParameter(f"'{pair}' is not of the form NAME:TOLERANCE.")
    return tolerances


@click.command(
    epilog=text.examples(
        "nbtrail reproduce 3f2a91c4",
        "nbtrail reproduce 3f2a91c4 --metric accuracy:0.01 --metric fit_time:inf",
        "nbtrail reproduce 3f2a91c4 --repeat 3 --env recorded",
        "nbtrail reproduce bundle.zip --env recorded",
    )
)
@click.argument("run", type=look.RUN)
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=1e-6,
    show_default=True,
    help="How far numbers may be from the original's, as a part of their size.",
)
@click.option(
    "--metric",
    "metrics",
    metavar="NAME:TOLERANCE",
    multiple=True,
    callback=_tolerances,
    help="How far this metric may be instead, in its own unit; can be repeated.",
)
@click.option("--repeat", type=click.IntRange(min=1), default=1, help="Execute it several times.")
@click.option(
    "--env",
    type=click.Choice(["current", "recorded"]),
    default="current",
    show_default=True,
    help="The packages that are here, or those that the run had (made by uv).",
)
@for_programs.as_json
@click.pass_context
def reproduce(
    ctx: click.Context,
    run: str,
    tolerance: float,
    metrics: dict[str, float],
    repeat: int,
    env: Literal["current", "recorded"],
    as_json: bool,
) -> None:
    """Execute what RUN did once more, and compare the results.

    Cells are executed in a fresh kernel. The command or the pipeline of a project is executed with
    the params that it had, in its files as they were: at the commit, with what was not committed.

    The exit status is 0 if the results are identical or within the tolerance, 1 if they diverge
    and 2 if it does not run to the end. RUN is an id, or how one begins; or a bundle that
    `nbtrail export run` has made, a file or unpacked: it is imported first, and its code executed.
    """
    from nbtrail.projects.reproduction.reproduce import bundle_of
    from nbtrail.projects.reproduction.reproduce import reproduce as reproduced
    from nbtrail.trail.reproduction import reproduction_text

    store = None if bundle_of(run) else look.existing_store()
    with redirect_stdout(sys.stderr):  # what a project prints
        found = reproduced(
            run, tolerance=tolerance, metrics=metrics, repeat=repeat, env=env, store=store
        )
    if as_json:
        for_programs.echo(found)
    else:
        click.echo(reproduction_text(found, _paint))
    ctx.exit(_STATUS.get(found.outcome, 0))


def _paint(outcome: str) -> str:
    """Colour an outcome; click takes that out again where the output is no terminal."""
    return click.style(outcome, fg=_COLOURS.get(outcome, "yellow"), bold=True)
