"""Python files that come with a model, run as modules of their own."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from nbtrail.errors import InvalidValue


def run(path: Path, names: dict[str, Any] | None = None) -> ModuleType:
    """Run a file as a module and return it; `names` are there before it begins.

    Raises:
        InvalidValue: it raises, or imports what is not installed.
    """
    # A name of its own for each place: two models in one process do not meet.
    place = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]
    spec = importlib.util.spec_from_file_location(f"_nbtrail_model_{place}", path)
    if spec is None or spec.loader is None:
        raise InvalidValue(f"{path.name} is no Python file.")
    module = importlib.util.module_from_spec(spec)
    module.__dict__.update(names or {})
    sys.modules[module.__name__] = module  # what is defined there may be pickled again
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[module.__name__]
        raise InvalidValue(
            f"{path.name}, which comes with the model, cannot be run "
            f"({type(error).__name__}: {error})."
        ) from error
    return module
