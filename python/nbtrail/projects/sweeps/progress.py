"""How far a sweep has come, as a bar in a terminal, and for whoever watches it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from nbtrail.projects.sweeps.settings import Settings
from nbtrail.projects.sweeps.study import Outcome
from nbtrail.watching import is_watched


class SweepWatch(Protocol):
    """Is told of a sweep while it goes on."""

    def run_begun(self, run_id: str) -> None:
        """Take note that there is its run."""

    def trials_ended(self, done: int, total: int | None, best: str | None) -> None:
        """Take note of how many trials have ended, of how many, and of the best value so far."""


class Progress:
    """Is told of each trial that ends; shows it, if there is a bar, and tells it on."""

    def __init__(
        self, metric: str, done: int, total: int | None, watch: SweepWatch | None, bar: Any
    ) -> None:
        self._metric, self._done, self._total = metric, done, total
        self._watch, self._bar = watch, bar
        self._counts = {"pruned": 0, "failed": 0}

    def tell(self, best: float | None) -> None:
        """Tell how far it has come."""
        if self._watch is not None:
            self._watch.trials_ended(self._done, self._total, self._in_words(best))

    def ended(self, outcome: Outcome, best: float | None) -> None:
        """Show that a trial has ended, and the best value so far."""
        self._done += 1
        if outcome in self._counts:
            self._counts[outcome] += 1
        self.tell(best)
        if self._bar is not None:
            words = self._in_words(best)
            parts = [words] if words else []
            parts += [f"{count} {what}" for what, count in self._counts.items() if count]
            self._bar.set_postfix_str(", ".join(parts), refresh=False)
            self._bar.update()

    def _in_words(self, best: float | None) -> str | None:
        return None if best is None else f"best {self._metric} {best:.6g}"


@contextmanager
def shown(
    settings: Settings, total: int | None, done: int, wanted: bool, watch: SweepWatch | None
) -> Iterator[Progress]:
    """Show a bar, if it is wanted and somebody sees it.

    Args:
        settings: of the sweep.
        total: how many trials there are to be.
        done: how many have ended before.
        wanted: whether anything is to be shown.
        watch: is told, too.
    """
    if not (wanted and is_watched()):
        yield Progress(settings.metric, done, total, watch, None)
        return
    from tqdm.auto import tqdm

    with tqdm(total=total, initial=done, desc="sweep", unit="trial") as bar:
        yield Progress(settings.metric, done, total, watch, bar)
