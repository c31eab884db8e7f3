"""Pickles: written only when asked for, with a warning, since reading one runs what is in it."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path
from typing import Any

from nbtrail.errors import InvalidValue

RISK = "which runs whatever is in the file when it is loaded"


def write(model: Any, path: Path, *, warn: bool = True) -> None:
    """Write an object with cloudpickle: what is defined in a notebook by value.

    Raises:
        InvalidValue: something in it cannot be pickled.
    """
    import cloudpickle

    try:
        content = cloudpickle.dumps(model, protocol=pickle.DEFAULT_PROTOCOL)
    except (pickle.PicklingError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidValue(
            f"This {type(model).__name__} cannot be saved, something in it cannot be pickled: "
            f"{error}"
        ) from error
    path.write_bytes(content)
    if warn:
        warnings.warn(f"The model is written as a pickle, {RISK}.", UserWarning, stacklevel=2)


def read(path: Path) -> Any:
    """Read an object. This runs code: only for what was verified, and is trusted.

    Raises:
        InvalidValue: the file is no pickle, or needs what is not installed.
    """
    try:
        with path.open("rb") as file:
            return pickle.load(file)  # noqa: S301 - cloudpickle's format is pickle's
    except ImportError as error:
        raise InvalidValue(
            f"{path.name} needs what cannot be imported here: {error}. Install what the model's "
            "requirements.txt names."
        ) from error
    except (pickle.UnpicklingError, EOFError) as error:
        raise InvalidValue(f"{path.name} is damaged: {error}.") from error


def say_by_value(name: str, reason: str) -> None:
    """Warn that a function is not kept as source."""
    warnings.warn(
        f"The function {name} is kept as a pickle by value and not as source: {reason}.",
        UserWarning,
        stacklevel=2,
    )
