"""The XGBoost flavor, for what ``xgboost.train`` returns; estimators are saved as scikit-learn's.

The files and keys are those of `mlflow.xgboost`, which reads them too, and whose estimators are
read here. Loading one runs no code.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.errors import InvalidValue
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
    """Say whether `model` is a booster of XGBoost."""
    core = sys.modules.get("xgboost.core")  # not loaded: then it cannot be one
    return core is not None and isinstance(model, core.Booster)


def save(model: Any, directory: Path) -> Saved:
    """Write the booster in XGBoost's own format."""
    import xgboost

    model.save_model(directory / FILE)
    config = {
        "code": None,
        "data": FILE,
        "model_class": BOOSTER,
        "model_format": "ubj",
        "xgb_version": xgboost.__version__,
    }
    return Saved(config, {"loader_module": "mlflow.xgboost", "data": FILE}, PACKAGES)


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
