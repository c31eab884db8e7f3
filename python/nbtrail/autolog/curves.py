"""Curves of a training, logged while it goes on: what is measured survives what stops it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbtrail.autolog import fits
from nbtrail.tracking import ActiveRun
from nbtrail.tracking.failures import never_raises


class Curves:
    """What the iterations of one training measure; the first opens a run if there is none."""

    def __init__(self) -> None:
        self._run: ActiveRun | None = None

    @never_raises("the metrics of a training")
    def log(self, values: Mapping[str, Any], step: int) -> None:
        """Log what an iteration has measured."""
        numbers = {key.replace("@", "_at_"): float(value) for key, value in values.items()}
        if not numbers:
            return
        if self._run is None:
            self._run = fits.begin()
        if self._run is not None:
            self._run.log_metrics(numbers, step)


def with_callback(
    args: tuple[Any, ...], kwargs: dict[str, Any], position: int, callback: Any
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return a call's arguments with one more in its list of callbacks.

    Args:
        args: the positional arguments.
        kwargs: the others.
        position: where ``callbacks`` stands among the positional ones.
        callback: what to add; not to a list of the framework's own kind.
    """
    given = args[position] if len(args) > position else kwargs.get("callbacks")
    if not (given is None or isinstance(given, list | tuple)):
        return args, kwargs
    longer = [*(given or ()), callback]
    if len(args) > position:
        return (*args[:position], longer, *args[position + 1 :]), kwargs
    return args, {**kwargs, "callbacks": longer}
