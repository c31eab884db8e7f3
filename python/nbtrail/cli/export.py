"""`nbtrail export`: runs for elsewhere."""

from __future__ import annotations

from pathlib import Path

import click

from nbtrail.cli import look, text


@click.group()
def export() -> None:
    """Write runs as projects that are executed elsewhere."""


@export.command(
    "run",
    epilog=text.examples(
        "nbtrail export run 3f2a91c4 -o bundle.zip",
        "nbtrail reproduce bundle.zip --env recorded     elsewhere: executes it, and compares",
        "unzip bundle.zip -d bundle && nbtrail run bundle/project -P lr=0.2",
    ),
)
@click.argument("run", type=look.RUN)
@click.option(
    "-o",
    "--output",
    metavar="FILE.zip",
    type=click.Path(path_type=Path),
    required=True,
    help="The file to write.",
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def export_run(run: str, output: Path, force: bool) -> None:
    """Write RUN as a project of its own, which `nbtrail reproduce` executes and compares anywhere.

    It has the notebook as it was executed, or the project's folder as it was, the parameters,
    packages and results that were recorded, and the data files that the run read in that folder.
    RUN is an id, or how one begins.
    """
    from nbtrail import projects

    if output.suffix != ".zip":
        raise click.BadParameter(f"'{output}' must end in .zip.", param_hint="'--output'")
    store = look.existing_store()
    made = projects.export_run(run, output, store=store, force=force)
    size = made.stat().st_size
    click.echo(f"Wrote {text.line(output)} ({size / 1e3:,.0f} kB).")
    click.echo(f"`nbtrail reproduce {text.line(output)}` executes it, and compares.")
