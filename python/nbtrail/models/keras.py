"""The Keras 3 flavor, on any backend, in Keras's own format.

The files and keys are those of `mlflow.keras`, which reads them too. Loading runs no code unless
the model has lambdas, which only `custom_objects` or trust can bring back.
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

NAME = "keras"
FOLDER, FILE, MODULE = "data", "model.keras", "keras_module.txt"


class Config(msgspec.Struct, frozen=True):
    """What loading needs of this flavor's part of the ``MLmodel`` file."""

    data: str = FOLDER
    keras_backend: str | None = None
    save_exported_model: bool = False


def accepts(model: object) -> bool:
    """Say whether `model` is one of Keras 3."""
    keras = sys.modules.get("keras")  # not loaded: then it cannot be one
    return keras is not None and isinstance(model, getattr(keras, "Model", ()))


def save(model: Any, directory: Path) -> Saved:
    """Write the model as one ``.keras`` file."""
    import keras

    (directory / FOLDER).mkdir()
    model.save(directory / FOLDER / FILE)
    (directory / FOLDER / MODULE).write_text("keras")
    config = {
        "data": FOLDER,
        "keras_backend": keras.backend.backend(),
        "keras_version": keras.__version__,
        "save_exported_model": False,
    }
    packages = ["keras", keras.backend.backend()]
    return Saved(config, {"loader_module": "mlflow.keras"}, packages)


def runs_code(config: dict[str, Any]) -> None:
    """Keras's safe mode, in which it is loaded, refuses what would."""


def predictor(model: Any) -> _Predictor:
    """Return what predicts."""
    return _Predictor(model)


def load(directory: Path, config: dict[str, Any]) -> Any:
    """Return the model.

    Raises:
        InvalidValue: `config` is damaged, or the model was exported, which is not read.
    """
    known = flavor_config(config, Config, directory, NAME)
    if known.save_exported_model:
        raise InvalidValue("An exported model of Keras is not read: save it without exporting.")
    import keras

    return keras.saving.load_model(directory / known.data / FILE)


def _load_pyfunc(path: str) -> _Predictor:
    """Return what predicts; `path` is the model directory, or as MLflow has it, a folder in it."""
    directory = Path(path) if (Path(path) / "MLmodel").is_file() else Path(path).parent
    return _Predictor(load(directory, MLmodel.read(directory).flavors[NAME]))


class _Predictor:
    def __init__(self, model: Any) -> None:
        self._model = model

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:  # noqa: ARG002
        """Return the model's predictions: as a table for a table, else as arrays."""
        import pandas as pd

        if not isinstance(data, pd.DataFrame):
            return self._model.predict(data, verbose=0)
        return pd.DataFrame(self._model.predict(data.to_numpy(), verbose=0), index=data.index)


log_model, save_model, load_model = mlflows.functions(NAME, "model")
