"""The LightGBM flavor: boosters in LightGBM's own format, which run no code when they are loaded.

The files and keys are those of `mlflow.lightgbm`, which reads them too. It pickles estimators, and
so does ``nbtrail.lightgbm.log_model``; `nbtrail.log_model` saves them as scikit-learn's.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.models import mlflows, pickles
from nbtrail.models.flavors import Saved
from nbtrail.models.mlmodel import MLmodel, flavor_config

NAME = "lightgbm"
FILE, PICKLE = "model.lgb", "model.pkl"
BOOSTER = "lightgbm.basic.Booster"


class Config(msgspec.Struct, frozen=True):
    """What loading needs of this flavor's part of the ``MLmodel`` file."""

    data: str
    model_class: str = BOOSTER


def accepts(model: object) -> bool:
    """Say whether `model` is a booster of LightGBM."""
    basic = sys.modules.get("lightgbm.basic")  # not loaded: then it cannot be one
    return basic is not None and isinstance(model, basic.Booster)


def save(model: Any, directory: Path) -> Saved:
    """Write the booster in LightGBM's own format; an estimator as a pickle, with a warning."""
    import lightgbm

    is_booster = isinstance(model, lightgbm.Booster)
    file = FILE if is_booster else PICKLE
    if is_booster:
        model.save_model(directory / file)
    else:
        pickles.write(model, directory / file)
    config = {
        "code": None,
        "data": file,
        "lgb_version": lightgbm.__version__,
        "model_class": f"{type(model).__module__}.{type(model).__qualname__}",
    }
    packages = ["lightgbm", *([] if is_booster else ["scikit-learn", "cloudpickle"])]
    return Saved(config, {"loader_module": "mlflow.lightgbm", "data": file}, packages)


def runs_code(config: dict[str, Any]) -> str | None:
    """Say why loading it runs code; None for a booster, which is data."""
    return None if config.get("model_class", BOOSTER) == BOOSTER else "the estimator is a pickle"


def predictor(model: Any) -> _Predictor:
    """Return what predicts."""
    return _Predictor(model)


def load(directory: Path, config: dict[str, Any]) -> Any:
    """Return the booster or the estimator.

    Raises:
        InvalidValue: `config` is damaged.
    """
    import lightgbm

    known = flavor_config(config, Config, directory, NAME)
    if known.model_class != BOOSTER:
        return pickles.read(directory / known.data)
    return lightgbm.Booster(model_file=directory / known.data)


def _load_pyfunc(path: str) -> _Predictor:
    """Return what predicts; `path` is the model directory, or as MLflow has it, a file in it."""
    directory = Path(path).parent if Path(path).is_file() else Path(path)
    return _Predictor(load(directory, MLmodel.read(directory).flavors[NAME]))


class _Predictor:
    def __init__(self, model: Any) -> None:
        self._model = model

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:  # noqa: ARG002
        """Return the model's predictions; it takes no params."""
        return self._model.predict(data)


log_model, save_model, load_model = mlflows.functions(NAME, "lgb_model")
