"""Flavors: one module for each framework, found by the entry point group `nbtrail.flavor`."""

from __future__ import annotations

import functools
import logging
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, Protocol

import msgspec

from nbtrail.errors import InvalidValue, did_you_mean

GROUP = "nbtrail.flavor"
PYFUNC = "python_function"
_NAMES = "xgboost lightgbm catboost sklearn keras pytorch onnx statsmodels transformers pyfunc"
BUILT_IN = tuple(f"nbtrail.models.{name}" for name in _NAMES.split())
"""Known without an installed distribution, too. The first that accepts a model saves it."""

logger = logging.getLogger(__name__)


class Predictor(Protocol):
    """What scores: the data as the signature enforced it, and the params that it declares.

    It may also have ``array_method(names)``: a function that returns for an array of numbers what
    `predict` returns for a DataFrame of them with these columns; None if there is none.
    """

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Return the predictions."""


class Saved(msgspec.Struct, frozen=True):
    """What a flavor says about a model that it wrote.

    `config` goes to ``flavors.<name>`` and `pyfunc` to ``flavors.python_function`` of the
    ``MLmodel`` file; `packages` are the distributions that loading it needs. `is_open` says that
    it may need others too, because the files refer to the user's own code: they are then found
    by loading the model in a process of its own. `notes` are what else is worth knowing.
    """

    config: dict[str, Any]
    pyfunc: dict[str, Any]
    packages: list[str]
    is_open: bool = False
    notes: dict[str, Any] = {}


class Flavor(Protocol):
    """How models of one framework are written and read; a module is one.

    `NAME` is its key in ``MLmodel``. Importing the flavor must not import the framework.

    A flavor may also have ``runs_code(config)``, which says in words why loading such a model
    runs code, None if it does not; ``predictor(model)``, what `_load_pyfunc` would return; and
    ``prepared(model, example)``, an input example of the framework's own kind as arrays.
    """

    NAME: str

    def accepts(self, model: object) -> bool:
        """Say whether this flavor can save `model`, without importing anything heavy."""

    def save(self, model: Any, directory: Path, **options: Any) -> Saved:
        """Write the model's own files into an existing directory.

        `options` are what the caller of `save_model` said for this flavor alone.
        """

    def load(self, directory: Path, config: dict[str, Any]) -> Any:
        """Return the framework's own object; `config` is this flavor's part of ``MLmodel``."""

    def _load_pyfunc(self, path: str) -> Predictor:
        """Return what predicts. MLflow calls it by this name, with the model directory."""


@functools.cache
def installed() -> dict[str, Flavor]:
    """Return all flavors by name: nbtrail's own, and those of plugins."""
    found: dict[str, Flavor] = {}
    for module in BUILT_IN:
        flavor: Any = import_module(module)
        found[flavor.NAME] = flavor
    _add_plugins(found)
    return found


def _add_plugins(found: dict[str, Flavor]) -> None:
    for entry in metadata.entry_points(group=GROUP):
        try:
            plugin: Flavor = entry.load()
        except Exception:  # a broken plugin is no reason to lose the others
            logger.warning("The flavor '%s' cannot be imported.", entry.value, exc_info=True)
        else:
            found.setdefault(plugin.NAME, plugin)


def named(name: str) -> Flavor:
    """Return the flavor of that name.

    Raises:
        InvalidValue: there is none; the message has the closest.
    """
    if name in installed():
        return installed()[name]
    raise InvalidValue(f"There is no flavor '{name}'.{did_you_mean(name, installed())}")


def for_model(model: object) -> Flavor:
    """Return the flavor that saves `model`.

    Raises:
        InvalidValue: there is none.
    """
    for flavor in installed().values():
        if flavor.accepts(model):
            return flavor
    raise InvalidValue(
        f"A {type(model).__module__}.{type(model).__qualname__} cannot be saved as a model: "
        f"there are flavors for {', '.join(installed())}. A plugin can add one."
    )


def known(model: object) -> bool:
    """Say whether there is a flavor that saves `model`."""
    return any(flavor.accepts(model) for flavor in installed().values())


def in_directory(names: dict[str, Any]) -> Flavor | None:
    """Return the first installed flavor among those that an ``MLmodel`` file names.

    The python_function flavor, which all models have, is none of them.
    """
    known = (flavor for name, flavor in installed().items() if name != PYFUNC)
    return next((flavor for flavor in known if flavor.NAME in names), None)


def why_code_runs(flavor: Flavor, config: dict[str, Any]) -> str | None:
    """Say why loading a model of a flavor runs code that comes with it; None if it does not."""
    tell = getattr(flavor, "runs_code", None)
    if tell is None:
        return f"the flavor '{flavor.NAME}' does not say what it runs"
    reason: str | None = tell(config)
    return reason
