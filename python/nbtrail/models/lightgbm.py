"""The LightGBM flavor, for what ``lightgbm.train`` returns; its estimators are scikit-learn's.

The files and keys are those of `mlflow.lightgbm`, which reads them too. Loading one runs no code.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.errors import InvalidValue
from nbtrail.models.flavors import Saved
from nbtrail.models.mlmodel import MLmodel, flavor_config

NAME = "lightgbm"
FILE = "model.lgb"
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
    """Write the booster in LightGBM's own format."""
    import lightgbm

    model.save_model(directory / FILE)
    config = {
        "code": None,
        "data": FILE,
        "lgb_version": lightgbm.__version__,
        "model_class": BOOSTER,
    }
    return Saved(config, {"loader_module": "mlflow.lightgbm", "data": FILE}, ["lightgbm"])


def load(directory: Path, config: dict[str, Any]) -> Any:
    """Return the booster.

    Raises:
        InvalidValue: `config` is damaged, or it is an estimator, which MLflow pickles.
    """
    import lightgbm

    known = flavor_config(config, Config, directory, NAME)
    if known.model_class != BOOSTER:
        raise InvalidValue(
            f"A pickled '{known.model_class}' of LightGBM cannot be loaded: save its 'booster_'."
        )
    return lightgbm.Booster(model_file=directory / known.data)


def _load_pyfunc(path: str) -> _Predictor:
    """Return what predicts; `path` is the model directory, or as MLflow has it, a file in it."""
    directory = Path(path).parent if Path(path).is_file() else Path(path)
    return _Predictor(load(directory, MLmodel.read(directory).flavors[NAME]))


class _Predictor:
    def __init__(self, booster: Any) -> None:
        self._booster = booster

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:  # noqa: ARG002
        """Return the booster's predictions; it takes no params."""
        return self._booster.predict(data)
