"""What autolog asks of a framework, and what it knows of a model that was fitted."""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbtrail.entities import DatasetInput


@dataclass
class Trial:
    """One candidate of a search over parameters."""

    params: Mapping[str, Any]
    metrics: Mapping[str, float]


@dataclass
class Fit:
    """A fitted model, and what had to be noted when it was: its data may be gone soon.

    Attributes:
        framework: what knows the model's kind.
        model: the model, as long as the user keeps it.
        inputs: the first rows that it was fitted to, if they are known.
        target: the first values that it was to predict.
        datasets: the data as inputs of a run.
        seen: what the framework's own module has noted.
    """

    framework: Framework
    model: weakref.ref[Any]
    inputs: Any = None
    target: Any = None
    datasets: Sequence[DatasetInput] = ()
    seen: Any = None


class Framework:
    """How models of one framework are described; for most questions there is no answer.

    Attributes:
        NAME: what the user turns on and off.
    """

    NAME: str

    def params(self, model: Any, fit: Fit) -> dict[str, Any]:  # noqa: ARG002
        """Return the model's params, plain values only."""
        return {}

    def metrics(self, model: Any, fit: Fit) -> dict[str, float]:  # noqa: ARG002
        """Return what the fit itself measured."""
        return {}

    def series(self, model: Any, fit: Fit) -> dict[str, list[float]]:  # noqa: ARG002
        """Return what was measured in each iteration, where it was not logged meanwhile."""
        return {}

    def tags(self, model: Any) -> dict[str, str]:  # noqa: ARG002
        """Return the tags that say what kind of model it is."""
        return {}

    def outputs(self, model: Any, fit: Fit) -> Any:  # noqa: ARG002
        """Return what predictions look like, without asking the model to predict."""
        return None

    def files(self, model: Any, fit: Fit) -> dict[str, bytes]:  # noqa: ARG002
        """Return other files than figures and the model itself."""
        return {}

    def figures(self, model: Any, fit: Fit) -> dict[str, bytes]:  # noqa: ARG002
        """Return figures."""
        return {}

    def trials(self, model: Any) -> list[Trial]:  # noqa: ARG002
        """Return the candidates of a search, the best first."""
        return []


def attempted(function: Callable[..., Any], *args: Any) -> Any:
    """Return what a function of a framework returns; None where it raises, without a word."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function(*args)
    except Exception:
        return None


def is_plain(value: Any) -> bool:
    """Say whether a value can be shown as a param."""
    if isinstance(value, tuple | list):
        return len(value) <= 20 and all(is_plain(item) for item in value)
    return value is None or isinstance(value, str | bool | int | float)


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of some values that can be shown as params."""
    return {str(key): value for key, value in values.items() if is_plain(value)}
