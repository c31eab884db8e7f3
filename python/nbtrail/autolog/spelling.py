"""MLflow's spelling: `log_model` and its like in the module of a framework, beside its autolog."""

from __future__ import annotations

from importlib import import_module
from typing import Any

NAMES = frozenset({"log_model", "save_model", "load_model"})
CONSTANTS = "SERIALIZATION_FORMAT_"


def function_of(module: str, name: str) -> Any:
    """Return one of the three functions of a flavor's module: a module's ``__getattr__``.

    Only these, and its formats, import the room of models: Python asks a module for other names
    as well.

    Raises:
        AttributeError: it is none of them.
    """
    if name not in NAMES and not name.startswith(CONSTANTS):
        raise AttributeError(f"module 'nbtrail.{module}' has no attribute '{name}'")
    return getattr(import_module(f"nbtrail.models.{module}"), name)
