"""`nbtrail models`: the registry."""

from __future__ import annotations

import click

from nbtrail.cli import for_programs, look, model_files, registry, registry_edits, text

NO_MODELS = (
    "No models are registered. `nbtrail runs show RUN` lists the models of a run; "
    "`nbtrail models register URI NAME` registers one."
)


@click.group()
def models() -> None:
    """List, search, compare, change and register models."""


models.add_command(model_files.card)
models.add_command(model_files.convert)


@models.command(
    "list",
    epilog=text.examples(
        "nbtrail models list",
        "nbtrail models list --json | jq '.[].name'",
    ),
)
@for_programs.as_json
def list_models(as_json: bool) -> None:
    """List the versions of the registered models."""
    store = look.existing_store()
    versions, _ = store.registry.search.versions(None, 200_000, ["name", "version"])
    if as_json:
        registry.print_versions(store, versions)
        return
    rows = [registry.row(v) for v in versions]
    click.echo(text.table(registry.COLUMNS, rows) if rows else NO_MODELS)


@models.command(
    epilog=text.examples(
        "nbtrail models register runs:/3f2a91c4d0e84f6f9f0a7c1b2d3e4f50/model wine",
        "nbtrail models register models:/m-0123… wine --tag owner=ada --why 'better on rosé'",
    )
)
@click.argument("uri")
@click.argument("name", type=look.MODEL)
@click.option("--describe", default="", metavar="TEXT", help="What the version is.")
@click.option("--tag", "tags", multiple=True, metavar="KEY=VALUE", help="A tag of the version.")
@registry_edits.why
def register(uri: str, name: str, describe: str, tags: tuple[str, ...], why: str | None) -> None:
    """Make the model at URI the next version of the registered model NAME.

    URI is models:/m-ID, runs:/RUN/NAME, models:/NAME/VERSION or a model directory.
    """
    from nbtrail.registry import register_model

    made = register_model(
        uri,
        name,
        look.store_for_model(uri),
        tags={k: v for k, v in registry_edits.pairs(tags).items() if v is not None},
        description=describe,
        reason=why,
    )
    click.echo(f"models:/{made.name}/{made.version}")


for command in (*registry.COMMANDS, *registry_edits.COMMANDS):
    models.add_command(command)
