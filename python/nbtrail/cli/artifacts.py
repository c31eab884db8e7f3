"""`nbtrail artifacts`: list, show, download and compare the files of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from nbtrail.cli import look, text

if TYPE_CHECKING:
    from nbtrail.artifacts import ArtifactRepository


@click.group()
def artifacts() -> None:
    """List, show, download and compare the files of runs."""


@artifacts.command(
    "list",
    epilog=text.examples(
        "nbtrail artifacts list 3f2a91c4",
        "nbtrail artifacts list 3f2a91c4 plots",
    ),
)
@click.argument("run", type=look.RUN)
@click.argument("folder", default="")
def list_artifacts(run: str, folder: str) -> None:
    """List all files of RUN, or those in a FOLDER of them, and the cells that made them."""
    from nbtrail.display import previews

    store = look.existing_store()
    run_id = look.find_run(store, run).info.run_id
    headings, *rows = previews.listing(store, run_id, _artifacts_of(run), folder)
    click.echo(text.table(headings, rows) if rows else "There are no files.")


@artifacts.command(
    epilog=text.examples(
        "nbtrail artifacts show 3f2a91c4 tables/cell-7-1.json",
    ),
)
@click.argument("run", type=look.RUN)
@click.argument("path")
def show(run: str, path: str) -> None:
    """Show what is in a file of RUN: the rows of a table, a text, what there is to say of it."""
    from nbtrail.display import previews

    click.echo(previews.preview(path, _artifacts_of(run).read(path)))


@artifacts.command(
    epilog=text.examples(
        "nbtrail artifacts download 3f2a91c4",
        "nbtrail artifacts download 3f2a91c4 plots/roc.png --to .",
    )
)
@click.argument("run", type=look.RUN)
@click.argument("path", default="")
@click.option(
    "--to", "folder", type=click.Path(file_okay=False), default=".", show_default=True,
    help="The directory to put it in.",
)  # fmt: skip
def download(run: str, path: str, folder: str) -> None:
    """Copy a file or folder of RUN, or all that it has, to this machine."""
    click.echo(str(_artifacts_of(run).download(path, folder)))


@artifacts.command(
    epilog=text.examples(
        "nbtrail artifacts diff 3f2a91c4 77d0be12",
        "nbtrail artifacts diff 3f2a91c4 77d0be12 model",
    )
)
@click.argument("a", type=look.RUN)
@click.argument("b", type=look.RUN)
@click.argument("folder", default="")
def diff(a: str, b: str, folder: str) -> None:
    """Show which files run B has more than A, has not, and has with another content."""
    found = _artifacts_of(a).diff(_artifacts_of(b), folder)
    rows = [
        (word, path)
        for word, paths in (("added", found.added), ("removed", found.removed))
        for path in paths
    ]
    rows += [("changed", path) for path in found.changed]
    click.echo(text.table(("", "FILE"), rows) if rows else "The files are the same.")


def _artifacts_of(run: str) -> ArtifactRepository:
    from nbtrail.artifacts import ArtifactRepository

    store = look.existing_store()
    return ArtifactRepository(look.find_run(store, run).info.artifact_uri)
