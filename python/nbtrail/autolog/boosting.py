"""What XGBoost and LightGBM have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbtrail.autolog.framework import Fit, Framework, plain
from nbtrail.autolog.sklearn import Sklearn


@dataclass
class Training:
    """What ``train`` was called with, and what it was to predict and did.

    Attributes:
        params: its params.
        outputs: the first predictions.
    """

    params: Mapping[str, Any]
    outputs: Any = None


class Boosters(Framework):
    """What ``train`` returns.

    Attributes:
        FIRST: what the framework calls the first iteration.
    """

    FIRST = 0

    def params(self, model: Any, fit: Fit) -> dict[str, Any]:  # noqa: ARG002
        """Return what ``train`` was told."""
        return plain(fit.seen.params)

    def metrics(self, model: Any, fit: Fit) -> dict[str, float]:  # noqa: ARG002
        """Return where an early stop was, if there was one."""
        return early_stop(model, self.FIRST)

    def outputs(self, model: Any, fit: Fit) -> Any:  # noqa: ARG002
        """Return the first predictions."""
        return fit.seen.outputs


class BoostedEstimators(Sklearn):
    """The estimators that these frameworks have for scikit-learn; `FIRST` as in `Boosters`."""

    FIRST = 0

    def metrics(self, model: Any, fit: Fit) -> dict[str, float]:
        """Return where an early stop was, too."""
        return super().metrics(model, fit) | early_stop(model, self.FIRST)

    def series(self, model: Any, fit: Fit) -> dict[str, list[float]]:  # noqa: ARG002
        """Return what each iteration measured on the data of ``eval_set``."""
        results = getattr(model, "evals_result_", None) or {}
        return {
            key_of(data, metric): list(map(float, values))
            for data, metrics in results.items()
            for metric, values in metrics.items()
        }


def early_stop(model: Any, first: int) -> dict[str, float]:
    """Return the best iteration, where one was looked for."""
    best = getattr(model, "best_iteration", getattr(model, "best_iteration_", None))
    return {"best_iteration": float(best)} if isinstance(best, int) and best >= first else {}


def key_of(data: str, metric: str) -> str:
    """Return MLflow's key of a metric on one of the data sets that are watched."""
    return f"{data}-{metric}".replace("@", "_at_")
