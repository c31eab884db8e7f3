"""The statsmodels flavor: the results of a fit, which statsmodels pickles.

The files and keys are those of `mlflow.statsmodels`, which reads them too.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.models import mlflows, pickles
from nbtrail.models.flavors import Saved
from nbtrail.models.mlmodel import MLmodel, flavor_config

NAME = "statsmodels"
FILE = "model.statsmodels"


class Config(msgspec.Struct, frozen=True):
    """What loading needs of this flavor's part of the ``MLmodel`` file."""

    data: str


def accepts(model: object) -> bool:
    """Say whether `model` is what ``fit`` of a model of statsmodels returned."""
    wrapper, base = (sys.modules.get(f"statsmodels.base.{name}") for name in ("wrapper", "model"))
    if wrapper is None or base is None:  # not loaded: then it cannot be one
        return False
    return isinstance(model, wrapper.ResultsWrapper | base.Results)


def save(model: Any, directory: Path, *, remove_data: bool = False) -> Saved:
    """Write the results; with `remove_data` without the data that they were fitted on."""
    import statsmodels

    model.save(str(directory / FILE), remove_data=remove_data)
    config = {"code": None, "data": FILE, "statsmodels_version": statsmodels.__version__}
    pyfunc = {"loader_module": "mlflow.statsmodels", "data": FILE}
    return Saved(config, pyfunc, ["statsmodels"])


def runs_code(config: dict[str, Any]) -> str:
    """Say why loading it runs code."""
    return f"its {config.get('data')} is a pickle"


def predictor(model: Any) -> _Predictor:
    """Return what predicts."""
    return _Predictor(model)


def load(directory: Path, config: dict[str, Any]) -> Any:
    """Return the results. This runs code.

    Raises:
        InvalidValue: `config` or the file is damaged.
    """
    known = flavor_config(config, Config, directory, NAME)
    return pickles.read(directory / known.data)


def _load_pyfunc(path: str) -> _Predictor:
    """Return what predicts; `path` is the model directory, or as MLflow has it, a file in it."""
    directory = Path(path).parent if Path(path).is_file() else Path(path)
    return _Predictor(load(directory, MLmodel.read(directory).flavors[NAME]))


class _Predictor:
    def __init__(self, model: Any) -> None:
        self._model = model

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:  # noqa: ARG002
        """Return the predictions; models of time series take a first and a last moment."""
        import pandas as pd

        spans = isinstance(data, pd.DataFrame) and set(data.columns) in (
            {"start", "end"},
            {"start"},
        )
        if not spans:
            return self._model.predict(data)
        moments = [data[name].iloc[0] for name in ("start", "end") if name in data]
        return self._model.predict(*moments)


log_model, save_model, load_model = mlflows.functions(NAME, "statsmodels_model")
