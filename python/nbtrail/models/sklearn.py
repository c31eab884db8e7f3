"""The scikit-learn flavor: skops where every type can be named and trusted, else cloudpickle.

The files and keys are those of `mlflow.sklearn`, which reads them too.
"""

from __future__ import annotations

import importlib.util
import pickle
import sys
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.errors import InvalidValue
from nbtrail.models.flavors import Saved
from nbtrail.models.mlmodel import PYFUNC, MLmodel, PyFuncConfig, flavor_config

NAME = "sklearn"
SKOPS, PICKLE = "model.skops", "model.pkl"


class Config(msgspec.Struct, frozen=True):
    """What loading needs of this flavor's part of the ``MLmodel`` file."""

    pickled_model: str
    serialization_format: str = "pickle"
    skops_trusted_types: list[str] | None = None


def accepts(model: object) -> bool:
    """Say whether `model` is a scikit-learn estimator or pipeline."""
    base = sys.modules.get("sklearn.base")  # not loaded: then it cannot be one
    return base is not None and isinstance(model, base.BaseEstimator)


def save(model: Any, directory: Path) -> Saved:
    """Write the estimator, as skops if that is installed and knows every type in it."""
    import sklearn

    trusted = _save_skops(model, directory / SKOPS)
    if trusted is None:
        _save_cloudpickle(model, directory / PICKLE)
    file, serialization = (PICKLE, "cloudpickle") if trusted is None else (SKOPS, "skops")
    config = {
        "code": None,
        "pickled_model": file,
        "serialization_format": serialization,
        "sklearn_version": sklearn.__version__,
        "skops_trusted_types": trusted or None,
    }
    pyfunc = {"loader_module": "mlflow.sklearn", "model_path": file, "predict_fn": "predict"}
    return Saved(config, pyfunc, ["scikit-learn", serialization])


def load(directory: Path, config: dict[str, Any]) -> Any:
    """Return the estimator. Unpickling runs code: load only what you trust.

    Raises:
        InvalidValue: `config` is damaged, the serialization format is not known, or its package
            is not installed.
    """
    known = flavor_config(config, Config, directory, NAME)
    path, serialization = directory / known.pickled_model, known.serialization_format
    if serialization == "skops":
        return _load_skops(path, known.skops_trusted_types)
    if serialization not in {"pickle", "cloudpickle"}:
        raise InvalidValue(f"The model is serialized as '{serialization}', which is not known.")
    with path.open("rb") as file:
        return pickle.load(file)  # noqa: S301 - cloudpickle's format is pickle's


def _load_pyfunc(path: str) -> _Predictor:
    """Return what predicts; `path` is the model directory, or as MLflow has it, a file in it."""
    directory = Path(path).parent if Path(path).is_file() else Path(path)
    flavors = MLmodel.read(directory).flavors
    pyfunc = flavor_config(flavors.get(PYFUNC, {}), PyFuncConfig, directory, PYFUNC)
    return _Predictor(load(directory, flavors[NAME]), pyfunc.predict_fn)


class _Predictor:
    def __init__(self, model: Any, method: str) -> None:
        if not hasattr(model, method):
            raise InvalidValue(
                f"The MLmodel file names '{method}' as predict_fn, which "
                f"{type(model).__name__} does not have."
            )
        self._method = getattr(model, method)
        # Who loads a model looks the method up by the name in `predict_fn`.
        setattr(self, method, self.predict)

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:  # noqa: ARG002
        """Return the estimator's predictions; estimators take no params."""
        return self._method(data)


def _save_skops(model: Any, path: Path) -> list[str] | None:
    """Write with skops and return the types to trust; None if skops is not the way.

    scikit-learn's own types are trusted even where skops asks first (a tree's node table):
    the other choice, a pickle, would trust everything.
    """
    if importlib.util.find_spec("skops") is None:
        return None
    import skops.io

    try:
        skops.io.dump(model, path)
        unknown: list[str] = skops.io.get_untrusted_types(file=path)
    except Exception:  # skops has no common base for what it cannot represent
        unknown = ["?"]
    if all(name.startswith("sklearn.") for name in unknown):
        return unknown
    path.unlink(missing_ok=True)
    return None


def _load_skops(path: Path, trusted: list[str] | None) -> Any:
    if importlib.util.find_spec("skops") is None:
        raise InvalidValue("This model was saved with skops: install it with pip install skops.")
    import skops.io

    return skops.io.load(path, trusted=trusted)


def _save_cloudpickle(model: Any, path: Path) -> None:
    import cloudpickle

    try:
        path.write_bytes(cloudpickle.dumps(model, protocol=pickle.DEFAULT_PROTOCOL))
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise InvalidValue(
            f"This {type(model).__name__} cannot be saved, something in it cannot be pickled: "
            f"{error}"
        ) from error
