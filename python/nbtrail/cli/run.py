"""`nbtrail run`: execute a notebook."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nbtrail.cli import describe, text
from nbtrail.cli.jobs import tell_accepted
from nbtrail.errors import InvalidValue

if TYPE_CHECKING:
    from nbtrail.projects import Parameter

_NOTEBOOK = "nbtrail.cli.notebook"  # where the context keeps the notebook for --help


class NotebookCommand(click.Command):
    """A command whose --help lists the parameters of the notebook that is named beside it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Remember the notebook before --help ends the parsing."""
        ctx.meta[_NOTEBOOK] = next((arg for arg in args if arg.endswith(".ipynb")), None)
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, then the notebook's parameters."""
        super().format_options(ctx, formatter)
        if notebook := ctx.meta.get(_NOTEBOOK):
            from nbtrail.projects import parameters

            found = parameters(notebook)
            with formatter.section(f"Parameters of {notebook}"):
                formatter.write_dl([_described(p) for p in found] or [("(none)", "")])


def _described(parameter: Parameter) -> tuple[str, str]:
    default = f"[default: {text.cell(parameter.default)}]" if parameter.default else ""
    kind = f": {parameter.type}" if parameter.type else ""
    return f"{parameter.name}{kind}", text.line(f"{parameter.help}  {default}")


def _values(
    _ctx: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> dict[str, list[Any]]:
    return {name: _list(values) for name, values in _split(_ctx, _option, given).items()}


def _list(values: str) -> list[Any]:
    """Return what a list in brackets has, or else what stands between commas."""
    if values.strip().startswith("["):
        import msgspec

        with suppress(msgspec.DecodeError):
            return msgspec.json.decode(values, type=list[Any])
    return [value for value in values.split(",") if value]


def _split(_ctx: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for pair in given:
        name, separator, value = pair.partition("=")
        if not separator:
            raise click.BadParameter(f"'{pair}' is not of the form NAME=VALUE.")
        if name in parameters:
            raise click.BadParameter(f"'{name}' is given more than once.")
        parameters[name] = value
    return parameters


@click.command(
    cls=NotebookCommand,
    epilog=text.examples(
        "nbtrail run train.ipynb",
        'nbtrail run train.ipynb -P lr=0.1 -P "layers=[64, 32]" --experiment tuning',
        "nbtrail run train.ipynb --background --grid lr=0.1,0.01 --grid depth=2,4",
        "nbtrail run train.ipynb --help     lists the notebook's parameters, too",
    ),
)
@click.argument("notebook", type=click.Path())
@click.option(
    "-P",
    "--param",
    "parameters",
    metavar="NAME=VALUE",
    multiple=True,
    callback=_split,
    help="Set a parameter of the notebook; can be repeated.",
)
@click.option("--experiment", help="The experiment of the run (else the notebook's name).")
@click.option("--name", help="The name of the run (else one is made up).")
@click.option("--background", is_flag=True, help="Return at once; see `nbtrail jobs`.")
@click.option(
    "--grid",
    metavar="NAME=A,B,…",
    multiple=True,
    callback=_values,
    help="In the background, run each of these values with each of the others; can be repeated.",
)
@click.option(
    "--parallel", type=click.IntRange(min=1), help="How many runs of the grid go on at once."
)
@click.option("--no-files", is_flag=True, help="Leave out the files that cells read and write.")
def run(
    notebook: str,
    parameters: dict[str, str],
    experiment: str | None,
    name: str | None,
    background: bool,
    grid: dict[str, list[Any]],
    parallel: int | None,
    no_files: bool,
) -> None:
    """Execute NOTEBOOK as a run of its own, tracked as in JupyterLab.

    The parameters are what the cell tagged `parameters` sets, or else the literal assignments
    that the notebook begins with. The executed notebook is an artifact of the run.
    """
    from nbtrail.projects import run_notebook
    from nbtrail.tracking import current_store

    if background:
        _submit(
            notebook,
            parameters,
            grid,
            experiment=experiment,
            name=name,
            parallel=parallel,
            files=not no_files,
        )
        return
    if grid or parallel:
        raise InvalidValue("A grid is run in the background: add --background.")
    made = run_notebook(
        notebook, parameters, experiment=experiment, run_name=name, files=not no_files
    )
    click.echo(describe.full(current_store(), made))


def _submit(notebook: str, *arguments: Any, **options: Any) -> None:
    from nbtrail.projects import jobs
    from nbtrail.tracking import current_store

    tell_accepted(jobs.submit(Path(notebook), *arguments, store=current_store(), **options))
