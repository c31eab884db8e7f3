"""The XGBoost flavor: boosters and estimators in XGBoost's own format.

The files and keys are those of `mlflow.xgboost`, which reads them too. Loading one runs no code.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.errors import InvalidValue
from nbtrail.models import mlflows
from nbtrail.models.flavors import Saved
from nbtrail.models.mlmodel import MLmodel, flavor_config

NAME = "xgboost"
FILE = "model.ubj"
PACKAGES = ["xgboost", "xgboost-cpu"]  # it may come from either; what is not here is not pinned
BOOSTER = "xgboost.core.Booster"


class Config(msgspec.Struct, frozen=True):
    """What loading needs of this flavor's part of the ``MLmodel`` file."""

    data: str
    model_class: str = BOOSTER


def accepts(model: object) -> bool:
    """Say whether `model` is a booster or an estimator of XGBoost."""
    core = sys.modules.get("xgboost.core")  # not loaded: then it cannot be one
    if core is None:
        return False
    import xgboost

    own = type(model).__module__.partition(".")[0] == NAME  # a subclass is its author's
    return isinstance(model, core.Booster) or (own and isinstance(model, xgboost.XGBModel))


def save(model: Any, directory: Path, *, model_format: str = "ubj") -> Saved:
    """Write the model as ``ubj`` or ``json``."""
    import xgboost

    file = FILE if model_format == "ubj" else f"model.{model_format}"
    model.save_model(directory / file)
    config = {
        "code": None,
        "data": file,
        "model_class": f"{type(model).__module__}.{type(model).__qualname__}",
        "model_format": model_format,
        "xgb_version": xgboost.__version__,
    }
    packages = PACKAGES if isinstance(model, xgboost.Booster) else [*PACKAGES, "scikit-learn"]
    return Saved(config, {"loader_module": "mlflow.xgboost", "data": file}, packages)


def runs_code(config: dict[str, Any]) -> None:
    """Trees are data."""


def predictor(model: Any) -> _Predictor:
    """Return what predicts."""
    return _Predictor(model)


def load(directory: Path, config: dict[str, Any]) -> Any:
    """Return the booster, or the estimator that MLflow saved.

    Raises:
        InvalidValue: `config` is damaged, or names a class that XGBoost does not have.
    """
    import xgboost

    known = flavor_config(config, Config, directory, NAME)
    package, _, name = known.model_class.rpartition(".")
    kind = getattr(xgboost, name, None) if package.split(".")[0] == NAME else None
    if not isinstance(kind, type) or not hasattr(kind, "load_model"):
        raise InvalidValue(f"XGBoost has no models of the class '{known.model_class}'.")
    model = kind()
    model.load_model(directory / known.data)
    return model


def _load_pyfunc(path: str) -> _Predictor:
    """Return what predicts; `path` is the model directory, or as MLflow has it, a file in it."""
    directory = Path(path).parent if Path(path).is_file() else Path(path)
    return _Predictor(load(directory, MLmodel.read(directory).flavors[NAME]))


class _Predictor:
    def __init__(self, model: Any) -> None:
        self._model = model

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:  # noqa: ARG002
        """Return the model's predictions; it takes no params."""
        import xgboost

        if isinstance(self._model, xgboost.Booster):
            data = xgboost.DMatrix(data)
        return self._model.predict(data)


log_model, save_model, load_model = mlflows.functions(NAME, "xgb_model")
