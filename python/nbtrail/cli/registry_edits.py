"""`nbtrail models describe|tag|alias|stage|copy|rename|delete|restore`: changing the registry."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

import click

from nbtrail.cli import look, text
from nbtrail.errors import InvalidValue

STAGES = ("None", "Staging", "Production", "Archived")

why = click.option("--why", metavar="TEXT", help="The reason, for the model's history.")
_name = click.argument("name", type=look.MODEL)
_version = click.option("--version", help="Of this version: a number or an alias.")


def pairs(given: Iterable[str]) -> dict[str, str | None]:
    """Return KEY=VALUE as values by keys; KEY- is None: to be deleted.

    Raises:
        InvalidValue: one has no ``=``.
    """
    found: dict[str, str | None] = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not equals and not one.endswith("-"):
            raise InvalidValue(f"'{one:.80}' is no tag: write KEY=VALUE, or KEY- to delete one.")
        found[key if equals else one[:-1]] = value if equals else None
    return found


@click.command(
    epilog=text.examples(
        "nbtrail models describe wine 'Quality from chemistry'",
        "nbtrail models describe wine 'Without the outliers' --version 3 --why 'asked by QA'",
    )
)
@_name
@click.argument("description")
@_version
@why
def describe(name: str, description: str, version: str | None, why: str | None) -> None:
    """Describe the model NAME, or a version of it."""
    _update(name, version, why, description=description)


@click.command(
    epilog=text.examples(
        "nbtrail models tag wine team=blue",
        "nbtrail models tag wine checked=yes draft- --version 3",
    )
)
@_name
@click.argument("tags", nargs=-1, required=True, metavar="KEY=VALUE|KEY-...")
@_version
@why
def tag(name: str, tags: tuple[str, ...], version: str | None, why: str | None) -> None:
    """Set tags of the model NAME, or of a version of it; KEY- deletes one."""
    _update(name, version, why, tags=pairs(tags))


def _update(
    name: str,
    version: str | None,
    why: str | None,
    description: str | None = None,
    tags: dict[str, str | None] | None = None,
) -> None:
    from nbtrail.store.chain import By

    store = look.existing_store()
    if version is None:
        store.model_notes.update(name, description, tags, by=By(why))
        return
    number = look.find_version(store, name, version).version
    store.model_notes.update_version(name, number, description, tags, by=By(why))


@click.command(
    epilog=text.examples(
        "nbtrail models alias wine champion 3 --why 'best on the hold-out'",
        "nbtrail models alias wine champion --delete",
    )
)
@_name
@click.argument("alias")
@click.argument("version", required=False)
@click.option("--delete", is_flag=True, help="Take the alias away.")
@why
def alias(name: str, alias: str, version: str | None, delete: bool, why: str | None) -> None:
    """Have ALIAS name a VERSION of the model NAME, whatever it named before."""
    from nbtrail.store.chain import By

    if delete == (version is not None):
        raise InvalidValue("Give the version that the alias is to name, or --delete.")
    store = look.existing_store()
    if version is None:
        store.model_notes.delete_alias(name, alias, by=By(why))
        return
    found = look.find_version(store, name, version)
    store.model_notes.set_alias(name, alias, found.version, by=By(why))
    click.echo(f"models:/{name}@{alias} is version {found.version}.")


@click.command(
    epilog=text.examples(
        "nbtrail models stage wine 3 Production --archive-existing",
        "nbtrail models stage wine champion Archived --why 'drifted'",
    )
)
@_name
@click.argument("version")
@click.argument("stage", type=click.Choice(STAGES, case_sensitive=False))
@click.option("--archive-existing", is_flag=True, help="Archive what else is in that stage.")
@why
def stage(name: str, version: str, stage: str, archive_existing: bool, why: str | None) -> None:
    """Move a VERSION of the model NAME, a number or an alias, to STAGE."""
    from nbtrail.store.chain import By

    store = look.existing_store()
    number = look.find_version(store, name, version).version
    store.model_notes.update_version(
        name, number, stage=stage, archive_existing=archive_existing, by=By(why)
    )


@click.command(
    epilog=text.examples(
        "nbtrail models copy wine champion wine-production --why 'release 2026-11'",
    )
)
@_name
@click.argument("version")
@click.argument("to", type=look.MODEL)
@why
def copy(name: str, version: str, to: str, why: str | None) -> None:
    """Make a VERSION of the model NAME the next version of the model TO."""
    from nbtrail.store.chain import By

    store = look.existing_store()
    number = look.find_version(store, name, version).version
    made = store.registry.edits.copy(name, number, to, by=By(why))
    click.echo(f"models:/{made.name}/{made.version}")


@click.command(
    epilog=text.examples(
        "nbtrail models rename wine wine-quality",
    )
)
@_name
@click.argument("new_name")
@why
def rename(name: str, new_name: str, why: str | None) -> None:
    """Call the model NAME by a new name; its history goes along."""
    from nbtrail.store.chain import By

    look.existing_store().registry.edits.rename(name, new_name, by=By(why))


@click.command(
    epilog=text.examples(
        "nbtrail models delete wine 2",
        "nbtrail models delete wine --yes --why 'never used'",
    )
)
@_name
@click.argument("version", required=False)
@click.option("--yes", is_flag=True, help="Do not ask.")
@why
def delete(name: str, version: str | None, yes: bool, why: str | None) -> None:
    """Take the model NAME, or one VERSION of it, out of the registry.

    The files stay with their run, and the history stays: `nbtrail models restore` brings back
    what was deleted.
    """
    from nbtrail.store.chain import By

    store = look.existing_store()
    model = store.registry.model(name)
    number = None if version is None else look.find_version(store, name, version).version
    what = f"version {number} of '{name}'" if number else f"'{model.name}' with all its versions"
    if not yes:
        click.confirm(f"Delete {what}?", abort=True)
    if number is None:
        store.registry.edits.delete(name, by=By(why))
    else:
        store.registry.edits.delete_version(name, number, by=By(why))
    undo = shlex.join([name, number] if number else [name])
    click.echo(f"Deleted. To undo: nbtrail models restore {undo}")


@click.command(
    epilog=text.examples(
        "nbtrail models restore wine 2",
        "nbtrail models restore wine --why 'still served'",
    )
)
@click.argument("name")
@click.argument("version", required=False)
@why
def restore(name: str, version: str | None, why: str | None) -> None:
    """Bring the model NAME back that was deleted, or one VERSION of it, by its number.

    It has its versions, tags and aliases again, but for aliases that name another version by now.
    """
    from nbtrail.store.chain import By

    edits = look.existing_store().registry.edits
    if version is None:
        edits.restore(name, by=By(why))
        click.echo(f"models:/{name} is back.")
    else:
        back = edits.restore_version(name, version, by=By(why))
        click.echo(f"models:/{name}/{back.version} is back.")


COMMANDS = (describe, tag, alias, stage, copy, rename, delete, restore)
