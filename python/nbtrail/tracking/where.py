"""Where this process records: its store and its experiment."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from nbtrail import config
from nbtrail.entities import Experiment
from nbtrail.errors import NotFound
from nbtrail.store import Store, open_store, trusted
from nbtrail.tracking.inheritance import bequeath, inherited


class Place:
    """The store is found once: a later change of directory does not move it.

    `start` is where to look from (None: the current directory); `default_experiment` is what a
    notebook stands for; `announce` is told where a new store is.
    """

    def __init__(self) -> None:
        self._uri: str | None = None
        self._store: Store | None = None
        self._experiment: str | None = None
        self._ids: dict[tuple[Store, str], str] = {}
        self.default_experiment: str | None = None
        self.start: Path | None = None
        self.announce: Callable[[str], None] | None = None

    def use(self, uri: str | os.PathLike[str] | None) -> None:
        """Record elsewhere from now on; None goes back to what the environment says."""
        self._uri = os.fspath(uri) if uri else None
        self._store = None
        bequeath(uri=_absolute(self._uri) if self._uri else None)

    @property
    def chosen(self) -> bool:
        """Whether somebody said where to record: by a call, or by the environment."""
        return bool(self._uri or os.environ.get(config.TRACKING_URI))

    @property
    def uri(self) -> str:
        """The URI of the store that is, or will be, in use."""
        return self._store.uri if self._store else self._location().uri

    def _location(self) -> config.Location:
        bequest = inherited()
        return config.locate(self._uri or bequest.get("uri") or bequest.get("run_uri"), self.start)

    def store(self) -> Store:
        """Return the store, made now if need be, with one line that says where."""
        if self._store is None or not self._store.is_here():
            location = self._location()
            new = location.origin == "default" and not Path(location.uri).exists()
            self._store = open_store(trusted(location))
            if new:
                (self.announce or _tell_terminal)(f"nbtrail records in {location.uri}{_unused()}")
        return self._store

    def existing_store(self) -> Store | None:
        """Return the store for one who only looks; None while there is none."""
        if self._store is not None and self._store.is_here():
            return self._store
        try:
            return open_store(trusted(self._location()), create=False)
        except NotFound:
            return None

    def set_experiment(self, experiment: Experiment) -> None:
        """Make `experiment` the one that new runs go to, in child processes too."""
        self._experiment = experiment.name
        self._ids[self.store(), experiment.name] = experiment.experiment_id
        bequeath(experiment=experiment.name)

    def chosen_experiment_id(self) -> str | None:
        """Return the experiment that somebody chose, or that the notebook stands for."""
        name = self._experiment or config.experiment_name()
        if not name and (by_id := config.experiment_id()):
            return by_id
        name = name or inherited().get("experiment") or self.default_experiment
        return self._id_of(name) if name else None

    def _id_of(self, name: str) -> str:
        """Return an experiment's id, looked up once: who renames it means the same one."""
        store = self.store()
        if (store, name) not in self._ids:
            self._ids[store, name] = store.experiments.ensure(name).experiment_id
        return self._ids[store, name]

    def experiment_id(self) -> str:
        """Return the experiment that new runs go to."""
        return self.chosen_experiment_id() or "0"


def _tell_terminal(line: str) -> None:
    print(line, file=sys.stderr)


def _unused() -> str:
    """Return a hint to who expects that MLflow's place is taken."""
    given = os.environ.get(config.MLFLOWS_TRACKING_URI)
    return f" ({config.MLFLOWS_TRACKING_URI} is not for it; {config.TRACKING_URI} is)" * bool(given)


def _absolute(uri: str) -> str:
    """Return a URI that means the same in another directory."""
    if uri.startswith("sqlite:///"):
        return f"sqlite:///{Path(uri[len('sqlite:///') :]).absolute()}"
    return uri if ":" in uri[2:] else str(Path(uri).expanduser().absolute())


place = Place()


def set_tracking_uri(uri: str | os.PathLike[str] | None) -> None:
    """Record at `uri` from now on: a directory, or ``sqlite:///file.db``."""
    place.use(uri)


def get_tracking_uri() -> str:
    """Return where this process records, or will."""
    return place.uri


def set_registry_uri(uri: str | os.PathLike[str] | None) -> None:
    """Do nothing: models are registered in the store of their runs."""


def get_registry_uri() -> str:
    """Return where models are registered: in the store that this process records in."""
    return place.uri


def is_tracking_uri_set() -> bool:
    """Return whether somebody said where to record, rather than left it to be found."""
    return place.chosen
