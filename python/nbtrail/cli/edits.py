"""`nbtrail runs rename-metric` and so on: what changes a run's history, and who did."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from nbtrail.cli import look, text

if TYPE_CHECKING:
    from nbtrail.store import Store


@click.command(
    "rename-metric",
    epilog=text.examples(
        "nbtrail runs rename-metric 3f2a91c4 loss train_loss",
    ),
)
@click.argument("run", type=look.RUN)
@click.argument("key")
@click.argument("new")
def rename_metric(run: str, key: str, new: str) -> None:
    """Give the metric KEY of RUN the name NEW, with all its points."""
    store, run_id = _found(run)
    store.edits.rename_metric(run_id, key, new)
    _done(f"Renamed the metric {key} to {new}.", run_id)


@click.command(
    "delete-metric",
    epilog=text.examples(
        "nbtrail runs delete-metric 3f2a91c4 debug/norm",
    ),
)
@click.argument("run", type=look.RUN)
@click.argument("key")
def delete_metric(run: str, key: str) -> None:
    """Delete the metric KEY of RUN."""
    store, run_id = _found(run)
    edit = store.edits.delete_metric(run_id, key)
    points = text.count(edit.before["count"], "point")
    _done(f"Deleted the metric {key} with {points}.", run_id)


@click.command(
    "rename-param",
    epilog=text.examples(
        "nbtrail runs rename-param 3f2a91c4 lr learning_rate",
    ),
)
@click.argument("run", type=look.RUN)
@click.argument("key")
@click.argument("new")
def rename_param(run: str, key: str, new: str) -> None:
    """Give the param KEY of RUN the name NEW."""
    store, run_id = _found(run)
    store.edits.rename_param(run_id, key, new)
    _done(f"Renamed the param {key} to {new}.", run_id)


@click.command(
    "delete-param",
    epilog=text.examples(
        "nbtrail runs delete-param 3f2a91c4 password",
    ),
)
@click.argument("run", type=look.RUN)
@click.argument("key")
def delete_param(run: str, key: str) -> None:
    """Delete the param KEY of RUN. The audit keeps what it was."""
    store, run_id = _found(run)
    store.edits.delete_param(run_id, key)
    _done(f"Deleted the param {key}.", run_id)


@click.command(
    epilog=text.examples(
        'nbtrail runs note 3f2a91c4 "the learning rate was too high"',
        'nbtrail runs note 3f2a91c4 ""      takes the note away',
    ),
)
@click.argument("run", type=look.RUN)
@click.argument("words", metavar="TEXT")
def note(run: str, words: str) -> None:
    """Give RUN a note, in place of the one that it has."""
    store, run_id = _found(run)
    store.edits.set_note(run_id, words)
    _done("Noted." if words else "Took the note away.", run_id)


@click.command(
    epilog=text.examples(
        "nbtrail runs undo 3f2a91c4",
    ),
)
@click.argument("run", type=look.RUN)
def undo(run: str) -> None:
    """Take back the latest edit of RUN; called again, the one before it."""
    store, run_id = _found(run)
    edit = store.edits.undo(run_id)
    click.echo(f"Undone: {_action(edit.action.removeprefix('undo '))} {text.cell(edit.key)}")


@click.command(
    epilog=text.examples(
        "nbtrail runs history 3f2a91c4",
    ),
)
@click.argument("run", type=look.RUN)
def history(run: str) -> None:
    """Show who changed what of RUN, when, and what was before."""
    store, run_id = _found(run)
    rows = [
        (text.moment(e.at), e.who, _action(e.action), e.key, _value(e.before), _value(e.after))
        for e in store.audit.of("run", run_id)
    ]
    columns = ("WHEN", "WHO", "WHAT", "KEY", "BEFORE", "AFTER")
    click.echo(text.table(columns, rows) if rows else "Nothing was changed after the fact.")


COMMANDS = (rename_metric, delete_metric, rename_param, delete_param, note, undo, history)


def _found(run: str) -> tuple[Store, str]:
    store = look.existing_store()
    return store, look.find_run(store, run).info.run_id


def _done(sentence: str, run_id: str) -> None:
    click.echo(f"{text.line(sentence)} To undo: nbtrail runs undo {run_id[:8]}")


def _action(action: str) -> str:
    return action.replace("_", " ")


def _value(value: Any) -> str:
    """Return a value of the audit, in short."""
    match value:
        case None | str():
            return value or ""
        case {"count": count}:
            return text.count(count, "point")
        case {"value": param}:
            return str(param)
    return json.dumps(value)
