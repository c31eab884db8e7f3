"""Finding what a command is about, in a store that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from nbtrail.errors import NbtrailError

if TYPE_CHECKING:
    from nbtrail.entities import Experiment, ModelVersion, Run
    from nbtrail.store import Store

_MOST_OFFERED = 50


class _RunName(click.ParamType[str]):
    """The id of a run; a shell offers those of the latest runs, with their names."""

    name = "run"

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        store = _store_to_complete_from(ctx)
        found = store.runs.search(None, max_results=_MOST_OFFERED)[0] if store else []
        infos = [run.info for run in found if run.info.run_id.startswith(incomplete)]
        return [CompletionItem(info.run_id[:8], help=info.run_name) for info in infos]


class _ExperimentName(click.ParamType[str]):
    """The name of an experiment; a shell offers those that there are."""

    name = "experiment"

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        store = _store_to_complete_from(ctx)
        found = store.experiments.list() if store else []
        return [CompletionItem(one.name) for one in found if one.name.startswith(incomplete)]


class _ModelName(click.ParamType[str]):
    """The name of a registered model; a shell offers those that there are."""

    name = "model"

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        store = _store_to_complete_from(ctx)
        found = store.registry.models() if store else []
        return [CompletionItem(one.name) for one in found if one.name.startswith(incomplete)]


RUN, EXPERIMENT, MODEL = _RunName(), _ExperimentName(), _ModelName()


def _store_to_complete_from(ctx: click.Context) -> Store | None:
    """Return the store that the line so far is about; None if there is none, or it is unsound."""
    from nbtrail.tracking import place

    try:
        if named := ctx.find_root().params.get("store"):
            place.use(named)
        return place.existing_store()
    except NbtrailError:
        return None


def existing_store() -> Store:
    """Return the store for a command that only looks, with all that was logged.

    Raises:
        NotFound: there is none; it is not made.
    """
    store = opened_store()
    store.drain()
    return store


def opened_store() -> Store:
    """Return the store as it is, with what waits in journals not in it.

    Raises:
        NotFound: there is none; it is not made.
    """
    from nbtrail.store import open_store
    from nbtrail.tracking import place

    return open_store(place.uri, create=False)


def store_for_model(uri: str) -> Store:
    """Return the store for a model's URI: one that is there, unless the URI is a directory's.

    Raises:
        NotFound: the URI names what is in a store, and there is no store.
    """
    from nbtrail.tracking import current_store

    return existing_store() if is_in_store(uri) else current_store()


def is_in_store(uri: str) -> bool:
    """Say whether a model's URI names what is in a store."""
    return uri.startswith(("models:/", "runs:/"))


def find_experiment(store: Store, given: str) -> Experiment:
    """Return the experiment of a name, or else of an id.

    Raises:
        NotFound: there is none.
    """
    if given.isdecimal() and store.experiments.get_by_name(given) is None:
        return store.experiments.get(given)
    return store.experiments.named(given)


def find_run(store: Store, given: str) -> Run:
    """Return the run with an id, or with the first characters of one; it may be deleted.

    Raises:
        NotFound: there is none.
        InvalidValue: there are several.
    """
    return store.runs.find(given)


def find_version(store: Store, name: str, given: str) -> ModelVersion:
    """Return the version of a number, or that an alias names: ``3``, ``champion``, ``@champion``.

    Raises:
        NotFound: there is none; the message has the closest name.
    """
    from nbtrail.store.model_notes import unknown_alias

    alias = given.removeprefix("@")
    if alias.isdecimal() and alias == given:
        return store.registry.version(name, given)
    known = store.registry.model(name).aliases
    if alias not in known:
        raise unknown_alias(name, alias, known)
    return store.registry.version(name, known[alias])
