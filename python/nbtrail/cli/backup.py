"""`nbtrail backup`: a copy of the store."""

from __future__ import annotations

import click

from nbtrail.cli import look, text


@click.command(
    epilog=text.examples(
        "nbtrail backup monday.db",
        "nbtrail backup /mnt/backup/trail.db --force",
        "nbtrail --store sqlite:///monday.db runs list     looks into the copy",
    )
)
@click.argument("file", type=click.Path())
@click.option("--force", is_flag=True, help="Replace a copy that is there.")
@click.option("--no-artifacts", is_flag=True, help="Copy the database only.")
def backup(file: str, force: bool, no_artifacts: bool) -> None:
    """Copy the store to FILE, and its artifacts to FILE.trail, while others use it."""
    from nbtrail.tracking import backup as tracking_backup

    store = look.existing_store()
    uri = tracking_backup.backup(store, file, force=force, artifacts=not no_artifacts)
    click.echo(f"The copy is complete: {text.line(uri)}")
