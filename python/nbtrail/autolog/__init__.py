"""Autolog: models that are fitted leave their params, their curves, their files and their data.

``nbtrail.autolog()``, as in MLflow, is this module being called; ``nbtrail.sklearn.autolog()``
is for one framework. Nothing is imported for it: a framework is patched when the user's code
imports it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from nbtrail.autolog.fits import listen, pending, record
from nbtrail.autolog.options import BESIDES
from nbtrail.autolog.switching import WATCHED, configure, known, start, stop
from nbtrail.autolog.warming import warm_up

__all__ = ["listen", "pending", "record", "switch", "warm_up"]


def switch(disable: bool = False) -> None:
    """Turn autolog on beside the recorder, without metrics that nobody asked for, or off."""
    for framework in WATCHED:
        stop(framework) if disable else start(framework, BESIDES)


def _autolog(
    disable: bool = False, exclude_flavors: Iterable[str] | None = None, **options: Any
) -> None:
    """Record every model that is fitted from now on, or stop doing so.

    In a script each fit is recorded at once, in the current run or a new one; in a notebook
    the recorder turns this on, and records when the cell ends.

    Args:
        disable: stop it.
        exclude_flavors: frameworks to leave as they are: sklearn, xgboost, lightgbm, pytorch,
            keras.
        options: what to record: log_models, log_input_examples, log_model_signatures,
            log_datasets, log_training_metrics, log_post_training_metrics, log_figures (all True),
            max_tuning_runs (5; None for all), extra_tags.

    Raises:
        InvalidValue: there is no such argument or framework.
    """
    configure(WATCHED.keys() - known(exclude_flavors or ()), disable, options)


class _Callable(ModuleType):
    """A module that is a function as well."""

    def __call__(self, disable: bool = False, **options: Any) -> None:
        _autolog(disable, **options)


_Callable.__call__.__doc__ = _autolog.__doc__
sys.modules[__name__].__class__ = _Callable
