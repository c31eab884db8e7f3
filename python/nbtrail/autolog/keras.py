"""Keras 3: ``Model.fit``, on any backend."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

from nbtrail.autolog import callers, fits, spelling
from nbtrail.autolog.curves import Curves, with_callback
from nbtrail.autolog.framework import Fit, Framework, plain
from nbtrail.autolog.patching import Hook, wrap
from nbtrail.autolog.switching import autolog_of

NAME = "keras"
OLDEST = (3, 0)

_CALLBACKS = 6  # its position among the arguments of `fit`
_TOLD = "batch_size epochs validation_split shuffle initial_epoch steps_per_epoch".split()


class Models(Framework):
    """Sequential, functional and home-made models."""

    NAME = NAME

    def params(self, model: Any, fit: Fit) -> dict[str, Any]:
        """Return what ``fit`` was told, and the optimiser's hyperparameters as ``opt_…``."""
        optimiser = getattr(model, "optimizer", None)
        config = {} if optimiser is None else optimiser.get_config()
        return {**fit.seen, **{f"opt_{key}": value for key, value in plain(config).items()}}

    def files(self, model: Any, fit: Fit) -> dict[str, bytes]:  # noqa: ARG002
        """Return the model's summary as text."""
        lines: list[str] = []
        model.summary(print_fn=lambda line, **_: lines.append(line))
        return {"model_summary.txt": "\n".join(lines).encode()}


autolog = autolog_of(NAME)

FRAMEWORK = Models()


def patch(module: ModuleType) -> None:
    """Wrap ``fit`` where the backend has it."""
    owner = next(cls for cls in module.Model.__mro__ if "fit" in vars(cls))
    wrap(NAME, owner, "fit", Hook(_begin, _fitted))


def _begin(*args: Any, **kwargs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return with_callback(args, kwargs, _CALLBACKS, _callback())


def _callback() -> Any:
    """Return a callback of Keras's own kind, which pickle makes anew."""
    from keras.callbacks import Callback

    curves = Curves()

    class Watcher(Callback):  # type: ignore[misc]
        def __reduce__(self) -> Any:
            return _callback, ()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            curves.log(logs or {}, epoch)

    return Watcher()


def _fitted(_: Any, model: Any, *args: Any, **kwargs: Any) -> None:
    """Take note of a model, and of what ``fit`` was told."""
    given = inspect.signature(type(model).fit).bind(model, *args, **kwargs)
    given.apply_defaults()
    told = {name: given.arguments[name] for name in _TOLD if name in given.arguments}
    inputs, target = given.arguments.get("x"), given.arguments.get("y")
    name = callers.argument_name(0, "x")
    fits.add(FRAMEWORK, model, inputs, target, name, seen=plain(told))


def __getattr__(name: str) -> Any:
    return spelling.function_of(NAME, name)
