"""What the subcommands of ``%track`` work with, and how they find what they are about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from IPython.core.error import UsageError

from nbtrail import tracking
from nbtrail.entities import Run
from nbtrail.errors import NotFound, did_you_mean
from nbtrail.magics.configuration import NbTrail
from nbtrail.recorder import Recorder
from nbtrail.store import Store

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

NO_RUN = "There is no run yet. '%track start' starts one; so does a metric or a fitted model."
MOST_NAMES = 200  # runs that are looked at for names


class Context:
    """One shell with its recorder and its settings."""

    def __init__(self, shell: InteractiveShell, recorder: Recorder, settings: NbTrail) -> None:
        self.shell = shell
        self.recorder = recorder
        self.settings = settings

    # Runs

    def store(self) -> Store:
        """Return the store with all that was logged, to look at.

        Raises:
            UsageError: there is none yet.
        """
        store = tracking.place.existing_store()
        if store is None:
            raise UsageError(f"No runs yet: there is no store at {tracking.place.uri}.")
        store.drain()
        return store

    def run(self, given: str | None = None) -> Run:
        """Return the run of a name, an id or the beginning of one; else the one of this notebook.

        That is the current one, or the one that ended last. Of several runs of one name it is
        the newest.

        Raises:
            UsageError: there is none yet.
            NotFound: there is no such run.
            InvalidValue: the ids of several begin so.
        """
        run = tracking.last_active_run() if given is None else self._named(given)
        if run is None:
            raise UsageError(NO_RUN)
        return run

    def _named(self, given: str) -> Run:
        store = self.store()
        quote = '"' if "'" in given else "'"
        named = f"attributes.run_name = {quote}{given}{quote}"
        found, _ = store.runs.search(None, named, max_results=1)
        try:
            return found[0] if found else store.runs.find(given)
        except NotFound:
            close = did_you_mean(given, self.run_names())
            raise NotFound(f"There is no run '{given}'.{close}") from None

    # What completes

    def run_names(self) -> list[str]:
        """Return the names of the newest runs."""
        runs, _ = self.store().runs.search(max_results=MOST_NAMES)
        return [*dict.fromkeys(run.info.run_name for run in runs)]

    def experiments(self) -> list[str]:
        """Return the names of all experiments."""
        return [experiment.name for experiment in self.store().experiments.list()]

    def notebooks(self) -> list[str]:
        """Return the notebooks of the current directory."""
        return sorted(path.name for path in Path().glob("*.ipynb"))

    def metrics(self) -> list[str]:
        """Return the metrics of this notebook's run."""
        return list(self.run().data.metrics)

    def keys(self) -> list[str]:
        """Return the metrics and params of this notebook's run."""
        data = self.run().data
        return [*data.metrics, *data.params]

    def variables(self) -> Iterator[str]:
        """Yield the names that the user has bound."""
        hidden = self.shell.user_ns_hidden
        return (
            name for name in self.shell.user_ns if not name.startswith("_") and name not in hidden
        )
