"""How far a sweep has come, as a bar in a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nbtrail.projects.sweeps.settings import Settings
from nbtrail.projects.sweeps.study import Outcome
from nbtrail.watching import is_watched


class Progress:
    """Is told of each trial that ends; shows it, if there is a bar."""

    def __init__(self, metric: str, bar: Any = None) -> None:
        self._metric, self._bar = metric, bar
        self._counts = {"pruned": 0, "failed": 0}

    def ended(self, outcome: Outcome, best: float | None) -> None:
        """Show that a trial has ended, and the best value so far."""
        if self._bar is None:
            return
        if outcome in self._counts:
            self._counts[outcome] += 1
        parts = [f"best {self._metric} {best:.6g}"] if best is not None else []
        parts += [f"{count} {what}" for what, count in self._counts.items() if count]
        self._bar.set_postfix_str(", ".join(parts), refresh=False)
        self._bar.update()


@contextmanager
def shown(settings: Settings, total: int | None, done: int, wanted: bool) -> Iterator[Progress]:
    """Show a bar, if it is wanted and somebody sees it.

    Args:
        settings: of the sweep.
        total: how many trials there are to be.
        done: how many have ended before.
        wanted: whether anything is to be shown.
    """
    if not (wanted and is_watched()):
        yield Progress(settings.metric)
        return
    from tqdm.auto import tqdm

    with tqdm(total=total, initial=done, desc="sweep", unit="trial") as bar:
        yield Progress(settings.metric, bar)
