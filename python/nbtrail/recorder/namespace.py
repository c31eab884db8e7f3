"""What a cell did to the notebook's names, seen by comparing ids before and after."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from nbtrail.trail.inference import is_float, is_metric_name


class Snapshot:
    """The objects behind the user's names at one moment.

    Floats with metric names are the one thing that is referred to: a freed float's id is used
    again at once, and two values could not be told apart.
    """

    def __init__(self, namespace: Mapping[str, Any], hidden: Mapping[str, Any]) -> None:
        visible = {
            name: value
            for name, value in namespace.items()
            if type(name) is str and not name.startswith("_") and name not in hidden
        }
        self.ids = {name: id(value) for name, value in visible.items()}
        self._floats = {
            name: value
            for name, value in visible.items()
            if is_float(value) and is_metric_name(name)
        }
        self.modules = {
            name for name, value in visible.items() if issubclass(type(value), ModuleType)
        }

    def changed_since(self, before: Snapshot) -> set[str]:
        """Return the names that are new or stand for another object."""
        return {name for name, identity in self.ids.items() if before.ids.get(name) != identity}

    def same_modules_as(self, before: Snapshot) -> set[str]:
        """Return the names of modules that stand for what they stood for: no re-binding."""
        return {name for name in self.modules if before.ids.get(name) == self.ids[name]}

    def is_new_value(self, name: str, value: object) -> bool:
        """Say whether `value`, which `name` has now, differs from what it was here."""
        if name in self._floats:
            return self._floats[name] is not value
        return self.ids.get(name) != id(value)
