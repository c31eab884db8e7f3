"""Act when a module is imported, without importing it."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

Callback = Callable[[ModuleType], None]


def when_imported(name: str, callback: Callback) -> None:
    """Call `callback` with the module `name`: now if it is imported, else once it is."""
    if (module := sys.modules.get(name)) is not None:
        callback(module)
        return
    _finder.awaited[name] = callback
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


def forget(name: str) -> None:
    """Wait for a module no longer."""
    _finder.awaited.pop(name, None)
    if not _finder.awaited and _finder in sys.meta_path:
        sys.meta_path.remove(_finder)


class _Finder(MetaPathFinder):
    """Finds the modules that are awaited through the other finders."""

    def __init__(self) -> None:
        self.awaited: dict[str, Callback] = {}

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        callback = self.awaited.pop(fullname, None)  # the others are asked through this one, too
        if callback is None:
            return None
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self.awaited[fullname] = callback
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, callback)
        return spec


class _Loader(Loader):
    """Loads as the real loader does, then tells."""

    def __init__(self, loader: Loader, callback: Callback) -> None:
        self._loader = loader
        self._callback = callback

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        forget(module.__name__)
        self._callback(module)


_finder = _Finder()
