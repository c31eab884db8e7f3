"""The scikit-learn flavor: skops, which runs no code of the file's; cloudpickle when asked for.

The files and keys are those of `mlflow.sklearn`, which reads them too.
"""

from __future__ import annotations

import importlib.util
import sys
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.errors import InvalidValue
from nbtrail.models import mlflows, nameless, pickles
from nbtrail.models.flavors import Saved
from nbtrail.models.mlmodel import PYFUNC, MLmodel, PyFuncConfig, flavor_config

NAME = "sklearn"
SKOPS, PICKLE = "model.skops", "model.pkl"
SERIALIZATION_FORMAT_PICKLE, SERIALIZATION_FORMAT_CLOUDPICKLE = "pickle", "cloudpickle"
PICKLES = {SERIALIZATION_FORMAT_PICKLE, SERIALIZATION_FORMAT_CLOUDPICKLE}
TRUSTED = ("sklearn.", "lightgbm.", "xgboost.", "collections.OrderedDict")
DISTRIBUTIONS = {"lightgbm": ["lightgbm"], "xgboost": ["xgboost", "xgboost-cpu"]}


class Config(msgspec.Struct, frozen=True):
    """What loading needs of this flavor's part of the ``MLmodel`` file."""

    pickled_model: str
    serialization_format: str = "pickle"
    skops_trusted_types: list[str] | None = None


def accepts(model: object) -> bool:
    """Say whether `model` is a scikit-learn estimator or pipeline."""
    base = sys.modules.get("sklearn.base")  # not loaded: then it cannot be one
    return base is not None and isinstance(model, base.BaseEstimator)


def save(
    model: Any,
    directory: Path,
    *,
    serialization_format: str = "skops",
    skops_trusted_types: list[str] | None = None,
    pyfunc_predict_fn: str = "predict",
    pickle_if_needed: bool = False,
) -> Saved:
    """Write the estimator.

    Args:
        model: the estimator or pipeline.
        directory: where to write it.
        serialization_format: ``skops``, or ``cloudpickle`` (``pickle``), which runs whatever is
            in the file when it is loaded.
        skops_trusted_types: names of further types that may be made when it is loaded.
        pyfunc_predict_fn: the method that predicts.
        pickle_if_needed: use cloudpickle, without a warning, for what skops cannot keep.

    Raises:
        InvalidValue: it has types that nobody said to trust, or cannot be pickled.
    """
    import sklearn

    if serialization_format not in {"skops", *PICKLES}:
        raise InvalidValue(
            f"'{serialization_format}' is no serialization_format: use skops or cloudpickle."
        )
    trusted = None
    if serialization_format == "skops":
        trusted = _skops_or_none(model, directory, skops_trusted_types or [], pickle_if_needed)
        serialization_format = "cloudpickle" if trusted is None else "skops"
    file = SKOPS if trusted is not None else PICKLE
    if trusted is None:
        pickles.write(model, directory / PICKLE, warn=not pickle_if_needed)
    config = {
        "code": None,
        "pickled_model": file,
        "serialization_format": serialization_format,
        "sklearn_version": sklearn.__version__,
        "skops_trusted_types": trusted or None,
    }
    pyfunc = {"loader_module": "mlflow.sklearn", "model_path": file}
    packages = ["scikit-learn", serialization_format, *_packages_of(trusted or [])]
    return Saved(config, pyfunc | {"predict_fn": pyfunc_predict_fn}, packages, trusted is None)


def runs_code(config: dict[str, Any]) -> str | None:
    """Say why loading it runs code; None for skops that makes nothing but known types."""
    if config.get("serialization_format") != "skops":
        return f"its {config.get('pickled_model')} is a pickle"
    asked = config.get("skops_trusted_types") or []
    strange = [str(name) for name in asked if not _is_trusted(str(name))]
    return f"it asks to trust {', '.join(strange[:5])}" if strange else None


def predictor(model: Any) -> _Predictor | None:
    """Return what predicts, None for a transformer."""
    return _Predictor(model, "predict") if hasattr(model, "predict") else None


def load(directory: Path, config: dict[str, Any]) -> Any:
    """Return the estimator.

    Raises:
        InvalidValue: `config` is damaged, the serialization format is not known, or its package
            is not installed.
    """
    known = flavor_config(config, Config, directory, NAME)
    path, serialization = directory / known.pickled_model, known.serialization_format
    if serialization == "skops":
        return _load_skops(path, known.skops_trusted_types)
    if serialization not in PICKLES:
        raise InvalidValue(f"The model is serialized as '{serialization}', which is not known.")
    return pickles.read(path)


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
        self._model, self._name = model, method
        self._method = getattr(model, method)
        # Who loads a model looks the method up by the name in `predict_fn`.
        setattr(self, method, self.predict)

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:  # noqa: ARG002
        """Return the estimator's predictions; estimators take no params."""
        return self._method(data)

    def array_method(self, names: Sequence[str]) -> Callable[[Any], Any] | None:
        """Return what predicts the same from an array; see `nameless.method_of`."""
        return nameless.method_of(self._model, self._name, names)


def _skops_or_none(
    model: Any, directory: Path, trusted: list[str], may_fail: bool
) -> list[str] | None:
    """Write with skops and return the types to trust; None if that may fail, and has."""
    try:
        return _save_skops(model, directory / SKOPS, trusted)
    except InvalidValue:
        if not may_fail:
            raise
        (directory / SKOPS).unlink(missing_ok=True)
        return None


def _save_skops(model: Any, path: Path, trusted: list[str]) -> list[str]:
    """Write with skops; return the types that it would ask about, all of them to be trusted.

    The types of scikit-learn, XGBoost and LightGBM are trusted even where skops asks first (a
    tree's node table): the other choice, a pickle, would trust everything.
    """
    if importlib.util.find_spec("skops") is None:
        raise InvalidValue(
            "scikit-learn's models are saved with skops: pip install skops, or pass "
            f"serialization_format='cloudpickle', {pickles.RISK}."
        )
    import skops.io

    try:
        skops.io.dump(model, path)
        unknown: list[str] = skops.io.get_untrusted_types(file=path)
    except Exception as error:  # skops has no common base for what it cannot represent
        raise _unsaved(model, f"skops cannot represent it ({error})") from error
    if strange := [name for name in unknown if not _is_trusted(name, trusted)]:
        raise _strange(model, strange, trusted)
    return unknown


def _is_trusted(name: str, trusted: Iterable[str] = ()) -> bool:
    return name in trusted or name.startswith(TRUSTED)


def _strange(model: Any, types: list[str], trusted: list[str]) -> InvalidValue:
    """Return the error that says what to write for types that skops does not know."""
    here = [name for name in types if name.startswith("__main__.")]
    moved = [name.replace("__main__.", "mine.").replace("<lambda>", "f") for name in types]
    wanted = ", ".join(f'"{name}"' for name in [*trusted, *moved])
    way = f"pass skops_trusted_types=[{wanted}]"
    if here:
        way = (
            "to load it elsewhere, put what the notebook defines into a file, say mine.py, import "
            f'it from there, and pass code_paths=["mine.py"], skops_trusted_types=[{wanted}]'
        )
    names = ", ".join([*types[:5], *(["…"] if len(types) > 5 else [])])
    return _unsaved(model, f"it has types that nobody said to trust ({names})", way)


def _unsaved(model: Any, reason: str, way: str | None = None) -> InvalidValue:
    ways = "Either " + way + ", or pass" if way else "Pass"
    return InvalidValue(
        f"This {type(model).__name__} cannot be saved with skops: {reason}. {ways} "
        f'serialization_format="cloudpickle", {pickles.RISK}.'
    )


def _packages_of(types: list[str]) -> list[str]:
    """Return the distributions of the modules that define types."""
    modules = {name.partition(".")[0] for name in types}
    return [package for module in sorted(modules) for package in DISTRIBUTIONS.get(module, [])]


def _load_skops(path: Path, trusted: list[str] | None) -> Any:
    if importlib.util.find_spec("skops") is None:
        raise InvalidValue("This model was saved with skops: install it with pip install skops.")
    import skops.io

    try:
        return skops.io.load(path, trusted=trusted)
    except (zipfile.BadZipFile, KeyError) as error:
        raise InvalidValue(f"{path.name} is not a file of skops, as the MLmodel file says.") from (
            error
        )


log_model, save_model, load_model = mlflows.functions(NAME, "sk_model")
