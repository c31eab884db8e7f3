"""`nbtrail sweep`: search for the parameters that give the best metric."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from nbtrail.cli import backend, look, text
from nbtrail.cli.run import TargetCommand
from nbtrail.errors import InvalidValue

if TYPE_CHECKING:
    from nbtrail.projects.sweeps import SweepResult, Trial

_MOST_SHOWN = 5
_ASKED_ANEW = ("trials", "parallel", "timeout", "backend")  # the options that go with --resume


def _space(
    _ctx: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> dict[str, object]:
    found: dict[str, object] = {}
    for pair in given:
        name, separator, values = pair.partition("=")
        if not (separator and name):
            raise click.BadParameter(f"'{pair}' is not of the form NAME=VALUES.")
        if name in found:
            raise click.BadParameter(f"'{name}' is given more than once.")
        found[name] = values
    return found


@click.command(
    cls=TargetCommand,
    epilog=text.examples(
        "nbtrail sweep train.ipynb --param lr=log:1e-4..1e-1 --metric val_auc --direction max",
        "nbtrail sweep train.ipynb --param depth=2,4,8 --param n=int:1..10 --metric loss \\",
        "    --direction min --sampler random --trials 40 --parallel 4 --timeout 1h",
        "nbtrail sweep projects/wine -e train --param alpha=0..1:0.25 --sampler grid \\",
        "    --metric rmse --direction min",
        "nbtrail sweep train.ipynb --param lr=log:1e-4..1e-1 --metric loss --direction min \\",
        "    --backend dask --scheduler tcp://10.0.0.5:8786 --trials 200",
        "nbtrail sweep --resume 4ec19005 --trials 80     goes on, up to 80 trials in all",
        "nbtrail sweep --show 4ec19005     lists its trials, the best first",
    ),
)
@click.argument("target", required=False)
@click.option(
    "-P",
    "--param",
    "parameters",
    metavar="NAME=VALUES",
    multiple=True,
    callback=_space,
    help="A range (log:1e-4..1e-1, int:1..10, 0..1:0.25), choices (2,4,8) or one value for all "
    "trials; can be repeated.",
)
@click.option("--metric", help="The metric of a trial's run; its last value counts.")
@click.option("--direction", help="Which value is best: max or min.")
@click.option("--trials", type=int, help="How many (else 20; of a grid, all).")
@click.option("--parallel", type=int, help="How many go on at once (else as many as cores).")
@backend.options
@click.option("--sampler", help="What chooses: tpe, random, grid or cmaes.")
@click.option("--pruner", help="End trials whose metric falls behind: median or hyperband.")
@click.option("--timeout", help="Begin no trial after this time, such as 45s, 90m or 1h30m.")
@click.option("--seed", type=int, help="Of the sampler.")
@click.option("--from-run", type=look.RUN, help="A run whose params are the first trial's.")
@click.option(
    "--env",
    type=click.Choice(["local", "uv", "conda", "docker"]),
    help="The environment of the trials (else local), as of run.",
)
@click.option("-e", "--entry-point", help="What of a project is run (else main).")
@click.option("--version", help="A commit, tag or branch of the project's repository.")
@click.option("--experiment", type=look.EXPERIMENT, help="Of all its runs (else as for run).")
@click.option("--name", "run_name", help="The name of the sweep (else one is made up).")
@click.option(
    "--no-files",
    "files",
    is_flag=True,
    flag_value=False,
    default=None,
    help="Leave out the files that cells read and write.",
)
@click.option("--resume", metavar="SWEEP", help="Go on with a sweep, by its id or name.")
@click.option("--show", metavar="SWEEP", help="List the trials of a sweep, the best first.")
def sweep(
    target: str | None,
    parameters: dict[str, object],
    resume: str | None,
    show: str | None,
    **options: Any,
) -> None:
    """Search for the parameters of TARGET that give the best metric.

    TARGET is a notebook, or the directory or git address of a project. Each trial is a run, and
    all of them are children of one, which has the best trial, the importance of each parameter,
    and a table.
    ctrl-C ends a sweep, and --resume goes on with it.
    """
    given = {name: value for name, value in options.items() if value is not None}
    if show or resume:
        _refuse_others(target, parameters, given, () if show else _ASKED_ANEW)
    if show:
        _show(show)
        return
    from nbtrail.projects import sweeps

    if resume:
        _tell(sweeps.resume(resume, **given))
        return
    for what in ("metric", "direction"):
        if what not in given:
            raise InvalidValue(f"A sweep needs --{what}, as in --metric loss --direction min.")
    if target is None:
        raise InvalidValue("A sweep needs a TARGET: a notebook, a directory or a git address.")
    _tell(sweeps.sweep(target, parameters, **given))


def _refuse_others(
    target: str | None,
    parameters: dict[str, object],
    given: dict[str, Any],
    allowed: Sequence[str],
) -> None:
    others = [f"--{name.replace('_', '-')}" for name in given if name not in allowed]
    others = [*(["TARGET"] if target else []), *(["--param"] if parameters else []), *others]
    if others:
        raise InvalidValue(f"The sweep is known: leave out {', '.join(others)}.")


def _show(given: str) -> None:
    from nbtrail.projects.sweeps import show

    found = show(look.existing_store(), given)
    click.echo(_table(found, len(found.trials)))
    click.echo(_summary(found))


def _tell(found: SweepResult) -> None:
    click.echo(_table(found, _MOST_SHOWN))
    if importance := found.importance:
        shown = [f"{name} {one:.0%}" for name, one in importance.of.items()]
        said = ", ".join(shown) or f"not known ({importance.note})"
        click.echo(f"Importance, by {text.count(importance.n, 'finished trial')}: {said}.")
    click.echo(_summary(found))


def _table(found: SweepResult, most: int) -> str:
    names = list(dict.fromkeys(name for one in found.trials for name in one.parameters))
    columns = ("TRIAL", "RUN", found.metric, *names, "STATE")
    ranked = found.ranked()
    rest = [one for one in found.trials if one.state != "finished"]
    rows = [_row(one, names) for one in [*ranked, *rest][:most]]
    return text.table(columns, rows) if rows else "No trials."


def _row(one: Trial, names: Sequence[str]) -> tuple[object, ...]:
    values = [one.parameters.get(name) for name in names]
    state = f"{one.state} ({one.error})" if one.error and one.state == "failed" else one.state
    return (one.number, one.run_id[:8], one.value, *values, state)


def _summary(found: SweepResult) -> str:
    counts = [
        f"{sum(one.state == state for one in found.trials)} {state}"
        for state in ("finished", "pruned", "failed", "running", "stopped")
        if any(one.state == state for one in found.trials)
    ]
    info = found.run.info
    ended = ", ".join(counts) or "no trials"
    return f"Sweep {text.line(info.run_name)} ({info.run_id[:8]}): {ended}."
