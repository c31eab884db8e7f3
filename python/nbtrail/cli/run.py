"""`nbtrail run`: execute a notebook, a project, or a run once more."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nbtrail.cli import backend, describe, text
from nbtrail.cli.jobs import tell_accepted
from nbtrail.cli.parameters import parametrised, split
from nbtrail.errors import InvalidValue

if TYPE_CHECKING:
    from nbtrail.projects import Parameter

_TARGET = "nbtrail.cli.target"  # where the context keeps the target for --help


class TargetCommand(click.Command):
    """A command whose --help lists the parameters of the notebook or project named beside it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Remember the target before --help ends the parsing."""
        ctx.meta[_TARGET] = next((arg for arg in args if _has_parameters(arg)), None)
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, then the target's parameters."""
        super().format_options(ctx, formatter)
        if target := ctx.meta.get(_TARGET):
            for title, described in _parameters(target).items():
                with formatter.section(title):
                    formatter.write_dl(described or [("(none)", "")])


def _has_parameters(argument: str) -> bool:
    file = os.path.join(argument, "MLproject")  # noqa: PTH118 - whatever the argument is
    return argument.endswith(".ipynb") or os.path.isfile(file)  # noqa: PTH113


def _parameters(target: str) -> dict[str, list[tuple[str, str]]]:
    """Return the parameters of a notebook, or of each entry point of a project, described."""
    from nbtrail.projects import parameters
    from nbtrail.projects.mlprojects import mlproject

    if target.endswith(".ipynb"):
        return {f"Parameters of {target}": [_described(one) for one in parameters(target)]}
    project = mlproject.load(Path(target))
    return {
        f"Entry point {point.name} of {project.name}": [
            _row(one.name, one.type, one.default or "", "") for one in point.parameters.values()
        ]
        for point in project.entry_points.values()
    }


def _described(parameter: Parameter) -> tuple[str, str]:
    return _row(parameter.name, parameter.type, parameter.default, parameter.help)


def _row(name: str, kind: str | None, default: str | None, explained: str) -> tuple[str, str]:
    shown = f"[default: {text.cell(default)}]" if default else ""
    return f"{name}: {kind}" if kind else name, text.line(f"{explained}  {shown}")


def _values(
    _ctx: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> dict[str, list[Any]]:
    return {name: _list(values) for name, values in split(_ctx, _option, given).items()}


def _list(values: str) -> list[Any]:
    """Return what a list in brackets has, or else what stands between commas."""
    if values.strip().startswith("["):
        import msgspec

        with suppress(msgspec.DecodeError):
            return msgspec.json.decode(values, type=list[Any])
    return [value for value in values.split(",") if value]


@click.command(
    cls=TargetCommand,
    epilog=text.examples(
        "nbtrail run train.ipynb",
        'nbtrail run train.ipynb -P lr=0.1 -P "layers=[64, 32]" --experiment tuning',
        "nbtrail run train.ipynb --background --grid lr=0.1,0.01 --grid depth=2,4",
        "nbtrail run train.ipynb --help     lists the notebook's parameters, too",
        "nbtrail run projects/wine -e train -P alpha=0.5",
        "nbtrail run https://example.org/team/wine.git#projects/wine --version v1.2",
        "nbtrail run 4ec1900585 -P lr=0.2     executes that run's cells once more",
        "nbtrail run projects/wine -e pipeline --cache",
        "nbtrail run --resume 4ec1900585     goes on at the step that failed",
        "nbtrail run train.ipynb --no-track -o done.ipynb --timeout 600",
        "nbtrail run train.ipynb -P lr=0.5 --prepare-only -o ready.ipynb",
        "nbtrail run projects/wine --env docker --prepare-only     shows docker's command line",
        "nbtrail run train.ipynb --host ada@gpu1     executes it there, by ssh",
    ),
)
@click.argument("target", required=False)
@parametrised
@click.option(
    "--env",
    type=click.Choice(["local", "uv", "conda", "docker"]),
    default="local",
    help="uv, conda: make an environment with what the project asks for, and keep it. docker: run "
    "a command in a container of the project's docker_env.",
)
@click.option(
    "--experiment", help="The experiment of the run (else the name of the notebook or project)."
)
@click.option("--name", help="The name of the run (else one is made up).")
@backend.options
@click.option("--background", is_flag=True, help="Return at once; see `nbtrail jobs`.")
@click.option(
    "--grid",
    metavar="NAME=A,B,…",
    multiple=True,
    callback=_values,
    help="In the background, run each of these values with each of the others; can be repeated.",
)
@click.option(
    "--parallel",
    type=click.IntRange(min=1),
    help="How many runs of the grid, or steps of a pipeline, go on at once.",
)
@click.option(
    "--no-files",
    "files",
    is_flag=True,
    flag_value=False,
    default=True,
    help="Leave out the files that cells read and write.",
)
@click.option(
    "-o",
    "--output",
    metavar="PLACE",
    help="Write the executed notebook here, too: a file, or any address that papermill knows.",
)
@click.option("--report", is_flag=True, help="Hide the code in the executed notebook.")
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.IntRange(min=1),
    help="Fail when a cell, or a command, takes longer.",
)
@click.option(
    "--no-track",
    "track",
    is_flag=True,
    flag_value=False,
    default=True,
    help="Record nothing, and make no store.",
)
@click.option(
    "--cache",
    is_flag=True,
    help="Reuse what finished steps of a pipeline have made with the same source, parameters, "
    "packages and upstream results.",
)
@click.option(
    "--resume",
    metavar="RUN",
    help="Go on with the run of a pipeline that failed; TARGET is not needed then.",
)
@click.option(
    "--prepare-only",
    is_flag=True,
    help="Check everything, make the environment, write the notebook with its parameters to "
    "--output, and execute nothing.",
)
def run(
    target: str | None,
    parameters: dict[str, object],
    background: bool,
    grid: dict[str, list[Any]],
    parallel: int | None,
    prepare_only: bool,
    **options: Any,
) -> None:
    """Execute TARGET as a run of its own, tracked as in JupyterLab.

    TARGET is a notebook, the directory or git address of a project, the id of a run, or
    models:/… for what made a model.

    The parameters of a notebook are what the cell tagged `parameters` sets, or else the literal
    assignments that it begins with. The executed notebook is an artifact of the run. A project
    has its entry points in an MLproject file; what a command prints is an artifact of the run.
    An entry point with steps is a pipeline: one run, with a child for each step.
    """
    if (target := target or options["resume"]) is None:
        raise click.UsageError("Missing argument 'TARGET'.")
    options["run_name"] = options.pop("name")
    if grid and not background:
        raise InvalidValue("A grid is run in the background: add --background.")
    if not grid:
        options["parallel"] = parallel
    if prepare_only:
        from nbtrail import projects

        click.echo(projects.prepare(target, parameters, **options))
    elif background:
        _submit(target, parameters, grid, parallel, options)
    else:
        _execute(target, parameters, options)


def _execute(target: str, given: dict[str, object], options: dict[str, Any]) -> None:
    from nbtrail import projects
    from nbtrail.projects.lifetime import terminable
    from nbtrail.tracking import current_store

    with terminable():
        made = projects.run(target, given, **options)
    if options["track"]:
        click.echo(describe.full(current_store(), made))
    else:
        place = f" The executed notebook is {options['output']}." if options["output"] else ""
        click.echo(f"{text.line(target)}: {made.info.status}, not recorded.{place}")


def _submit(
    target: str,
    given: dict[str, object],
    grid: dict[str, list[Any]],
    parallel: int | None,
    options: dict[str, Any],
) -> None:
    from nbtrail import projects
    from nbtrail.projects.background import jobs
    from nbtrail.tracking import current_store

    store = current_store()
    if not grid:
        handle = projects.run(target, given, wait=False, **options)
        tell_accepted(store.jobs.get(handle.job_id))
        return
    own = {name: options.pop(name) for name in ("run_name", "experiment", "files")}
    more = [name for name, value in options.items() if value not in (None, False, True, "local")]
    if not target.endswith(".ipynb") or more or options["report"] or not options["track"]:
        raise InvalidValue("Only a notebook is run over a grid, recorded and in this environment.")
    own["name"] = own.pop("run_name")
    tell_accepted(jobs.submit(Path(target), given, grid, store=store, parallel=parallel, **own))
