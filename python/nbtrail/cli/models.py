"""`nbtrail models`: the registry."""

from __future__ import annotations

import click

from nbtrail.cli import look, model_files, text

NO_MODELS = (
    "No models are registered. `nbtrail runs show RUN` lists the models of a run; "
    "`nbtrail models register URI NAME` registers one."
)


@click.group()
def models() -> None:
    """List and register models."""


models.add_command(model_files.card)
models.add_command(model_files.convert)


@models.command(
    "list",
    epilog=text.examples(
        "nbtrail models list",
    ),
)
def list_models() -> None:
    """List the versions of the registered models."""
    registry = look.existing_store().registry
    versions = [version for model in registry.models() for version in registry.versions(model.name)]
    rows = [
        (
            v.name,
            v.version,
            v.run_id and v.run_id[:8],
            text.moment(v.creation_timestamp),
            f"models:/{v.name}/{v.version}",
        )
        for v in versions
    ]
    columns = ("MODEL", "VERSION", "RUN", "REGISTERED", "URI")
    click.echo(text.table(columns, rows) if rows else NO_MODELS)


@models.command(
    epilog=text.examples(
        "nbtrail models register runs:/3f2a91c4d0e84f6f9f0a7c1b2d3e4f50/model wine",
    )
)
@click.argument("uri")
@click.argument("name")
def register(uri: str, name: str) -> None:
    """Make the model at URI the next version of the registered model NAME.

    URI is models:/m-ID, runs:/RUN/NAME, models:/NAME/VERSION or a model directory.
    """
    from nbtrail.registry import register_model

    made = register_model(uri, name, look.store_for_model(uri))
    click.echo(f"models:/{made.name}/{made.version}")
