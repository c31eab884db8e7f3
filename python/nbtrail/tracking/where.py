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


class Place:
    """The store is found once: a later change of directory does not move it.

    `start` is where to look from (None: the current directory); `default_experiment` is what a
    notebook stands for; `announce` is told where a new store is.
    """

    def __init__(self) -> None:
        self._uri: str | None = None
        self._store: Store | None = None
        self._experiment: str | None = None
        self.default_experiment: str | None = None
        self.start: Path | None = None
        self.announce: Callable[[str], None] | None = None

    def use(self, uri: str | os.PathLike[str] | None) -> None:
        """Record elsewhere from now on; None goes back to what the environment says."""
        self._uri = os.fspath(uri) if uri else None
        self._store = None

    @property
    def uri(self) -> str:
        """The URI of the store that is, or will be, in use."""
        return self._store.uri if self._store else config.locate(self._uri, self.start).uri

    def store(self) -> Store:
        """Return the store, made now if need be, with one line that says where."""
        if self._store is None or not self._store.is_here():
            location = config.locate(self._uri, self.start)
            new = location.origin == "default" and not Path(location.uri).exists()
            self._store = open_store(trusted(location))
            if new:
                (self.announce or _tell_terminal)(f"nbtrail records in {location.uri}")
        return self._store

    def existing_store(self) -> Store | None:
        """Return the store for one who only looks; None while there is none."""
        if self._store is not None and self._store.is_here():
            return self._store
        try:
            return open_store(trusted(config.locate(self._uri, self.start)), create=False)
        except NotFound:
            return None

    def set_experiment(self, experiment: Experiment | None) -> None:
        """Make `experiment` the one that new runs go to."""
        self._experiment = experiment.name if experiment else None

    def chosen_experiment_id(self) -> str | None:
        """Return the experiment that somebody chose, or that the notebook stands for."""
        name = self._experiment or config.experiment_name() or self.default_experiment
        return self.store().experiments.ensure(name).experiment_id if name else None

    def experiment_id(self) -> str:
        """Return the experiment that new runs go to."""
        return self.chosen_experiment_id() or "0"


def _tell_terminal(line: str) -> None:
    print(line, file=sys.stderr)


place = Place()
