"""Turning autolog on and off, for all frameworks or for one."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Any

from nbtrail.autolog import fits, patching
from nbtrail.autolog.imports import forget, when_imported
from nbtrail.autolog.options import Options, options_from, options_of, turn_off, turn_on
from nbtrail.errors import InvalidValue, did_you_mean
from nbtrail.tracking.failures import never_raises, tell_once

WATCHED = {
    "sklearn": ("sklearn.base", "sklearn.metrics", "sklearn.model_selection"),
    "xgboost": ("xgboost",),
    "lightgbm": ("lightgbm",),
    "pytorch": ("torch", "lightning.pytorch", "pytorch_lightning"),
    "keras": ("keras",),
}
"""The modules whose import is waited for, by framework."""

_MLFLOWS_NAMES = {"tensorflow": "keras"}


def configure(frameworks: Iterable[str], disable: bool, given: dict[str, Any]) -> None:
    """Turn frameworks on with the options that arguments say, or off.

    Raises:
        InvalidValue: there is no such argument, or its value makes no sense.
    """
    options = options_from(given)
    for framework in frameworks:
        stop(framework) if disable else start(framework, options)


def start(framework: str, options: Options) -> None:
    """Record a framework's models from now on; nothing is imported for it."""
    turn_on(framework, options)
    for name in WATCHED[framework]:
        when_imported(name, partial(_patch, framework))


def stop(framework: str) -> None:
    """Record a framework's models no more, and put its own functions back."""
    turn_off(framework)
    for name in WATCHED[framework]:
        forget(name)
        unpatch = getattr(_module_of(framework), "unpatch", None)
        if name in sys.modules and unpatch is not None:
            unpatch(sys.modules[name])
    patching.unwrap_all(framework)
    fits.forget(framework)
    for other in WATCHED:  # an estimator of XGBoost is scikit-learn's, too
        if (options := options_of(other)) is not None:
            start(other, options)


@never_raises("the models of a framework")
def _patch(framework: str, module: ModuleType) -> None:
    ours, root = _module_of(framework), module.__name__.partition(".")[0]
    version = str(getattr(sys.modules.get(root), "__version__", ""))
    numbers = tuple(map(int, re.findall(r"\d+", version)[:2]))
    if numbers and numbers < ours.OLDEST:
        oldest = ".".join(map(str, ours.OLDEST))
        tell_once(f"nbtrail: models of {root} are recorded from {oldest} on; this is {version}.")
        return
    ours.patch(module)


def _module_of(framework: str) -> Any:
    return import_module(f"nbtrail.autolog.{framework}")


def known(names: Iterable[str]) -> set[str]:
    """Return frameworks by the names that people, or MLflow, give them.

    Raises:
        InvalidValue: there is no such framework.
    """
    found = {_MLFLOWS_NAMES.get(name, name) for name in names}
    for name in found - WATCHED.keys():
        close = did_you_mean(name, WATCHED) or f" It knows {', '.join(WATCHED)}."
        raise InvalidValue(f"Autolog knows no framework '{name}'.{close}")
    return found


def autolog_of(framework: str) -> Callable[..., None]:
    """Return what is ``nbtrail.<framework>.autolog``."""

    def autolog(disable: bool = False, **options: Any) -> None:
        configure([framework], disable, options)

    autolog.__doc__ = f"Record the models of {framework}; see `nbtrail.autolog`."
    return autolog
