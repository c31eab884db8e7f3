"""Models loaded, which runs their code: only for scoring workers and the user's own processes."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from nbtrail.errors import InvalidValue
from nbtrail.models import environment, flavors, integrity
from nbtrail.models.flavors import Flavor, Predictor
from nbtrail.models.mlmodel import PYFUNC, MLmodel, PyFuncConfig, flavor_config
from nbtrail.models.signatures.enforcement import enforce, enforce_params
from nbtrail.models.signatures.schema import ModelSignature, Schema
from nbtrail.models.uris import resolve
from nbtrail.store import Store


class PyFuncModel:
    """Any model, with one way to predict that holds the input against its signature.

    Attributes:
        metadata: what the ``MLmodel`` file says.
        signature: what the model takes and gives, if that was recorded.
        inputs: what data are held against; None where nothing is known of what the model takes.
    """

    def __init__(self, predictor: Predictor, metadata: MLmodel) -> None:
        self.metadata = metadata
        self.signature: ModelSignature | None = metadata.signature
        known = self.signature.inputs if self.signature else None
        self.inputs: Schema | None = None if known and known.is_any else known
        self._predictor = predictor
        method = metadata.flavors[PYFUNC].get("predict_fn", "predict")
        self._predict = getattr(predictor, method)
        taken = inspect.signature(self._predict).parameters.get("params")
        self._takes_params = taken is not None and taken.kind is not taken.VAR_KEYWORD

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Predict.

        Args:
            data: a DataFrame, array, list or dict, as the signature says; unknown columns are
                left out.
            params: values for the params that the signature declares.

        Raises:
            InvalidValue: a column is missing or of a wrong type; the message names it.
        """
        return self.predict_enforced(*self.enforced(data, params))

    def unwrap_python_model(self) -> Any:
        """Return the `PythonModel` or function that predicts, as MLflow names this.

        Raises:
            InvalidValue: it is a model of a framework.
        """
        if not hasattr(self._predictor, "python_model"):
            raise InvalidValue("The model is no PythonModel: load_native returns what it is.")
        return self._predictor.python_model

    def enforced(self, data: Any, params: dict[str, Any] | None) -> tuple[Any, dict[str, Any]]:
        """Return data and params as the signature has them; raises as `predict` does."""
        if self.inputs is not None:
            data = enforce(data, self.inputs)
        return data, enforce_params(params, self.signature.params if self.signature else None)

    def array_method(self) -> Callable[[Any], Any] | None:
        """Return what predicts from an array with the columns of the signature, if anything can.

        What it returns for an array of one type of numbers is what `predict_enforced` returns
        for a DataFrame of the same.
        """
        find = getattr(self._predictor, "array_method", None)
        return find([one.name for one in self.inputs.columns]) if find and self.inputs else None

    def predict_enforced(self, data: Any, params: dict[str, Any]) -> Any:
        """Predict from what `enforced` returned: whatever is raised now is the model's own."""
        return self._predict(data, params=params) if self._takes_params else self._predict(data)


def load_model(
    uri: str | os.PathLike[str] | None = None,
    store: Store | None = None,
    *,
    safe: bool = False,
    model_uri: str | os.PathLike[str] | None = None,
    **_known: Any,
) -> PyFuncModel:
    """Load a model that nbtrail or MLflow wrote, whatever its flavor.

    Every file is first held against the digest that was recorded when the model was saved. One
    warning names the packages that are here in other versions than then.

    Args:
        uri: ``models:/name/version``, ``models:/m-<id>``, ``runs:/<run id>/<name>``,
            or a directory.
        store: where to look the name up; by default the one that is found from here.
        safe: refuse a model whose loading runs code that comes with it, such as a pickle.
        model_uri: MLflow's word for `uri`.

    Raises:
        NotFound: there is no such model.
        InvalidValue: the model has no ``python_function`` flavor, or what it needs is missing;
            or it is damaged, or not safe.
    """
    path = resolve(_given(uri, model_uri), store)
    integrity.verify(path)
    environment.check(path)
    return open_directory(path, safe=safe)


def open_directory(path: Path, *, safe: bool = False) -> PyFuncModel:
    """Load the model in a directory that was verified, or has just been written."""
    about = MLmodel.read(path)
    config = about.flavors.get(PYFUNC)
    if config is None:
        raise InvalidValue(f"The model {path} has no {PYFUNC} flavor: load_native reads it.")
    known = flavor_config(config, PyFuncConfig, path, PYFUNC)
    if safe:
        _refuse_code(path, about, flavors.in_directory(about.flavors))
    _use_code(path, known)
    return PyFuncModel(_predictor(path, about, known), about)


def load_native(
    uri: str | os.PathLike[str],
    store: Store | None = None,
    *,
    safe: bool = False,
    flavor: str | None = None,
) -> Any:
    """Load a model as its framework's own object, such as a scikit-learn estimator.

    Args:
        uri: see `load_model`.
        store: where to look the name up; by default the one that is found from here.
        safe: refuse a model whose loading runs code that comes with it, such as a pickle.
        flavor: the name of the flavor to read, of those that the model has.

    Raises:
        NotFound: there is no such model.
        InvalidValue: there is no flavor here for it; or it is damaged, or not safe.
    """
    path = resolve(uri, store)
    integrity.verify(path)
    environment.check(path)
    about = MLmodel.read(path)
    found = _flavor_of(about, flavor)
    if found is None:
        raise InvalidValue(
            f"The model {uri} is of flavor {', '.join(about.flavors)}; there are flavors for "
            f"{', '.join(flavors.installed())}. load_model may read it."
        )
    if safe:
        _refuse_code(path, about, found)
    if PYFUNC in about.flavors:
        known = flavor_config(about.flavors[PYFUNC], PyFuncConfig, path, PYFUNC)
        _use_code(path, known)
    return found.load(path, about.flavors[found.NAME])


def _given(uri: Any, model_uri: Any) -> Any:
    if uri is None and model_uri is None:
        raise InvalidValue("Which model? Pass its URI, such as models:/wine/1.")
    return model_uri if uri is None else uri


def _flavor_of(about: MLmodel, name: str | None) -> Flavor | None:
    if name is not None:
        return flavors.named(name) if name in about.flavors else None
    return flavors.in_directory(about.flavors) or _python_function(about)


def _python_function(about: MLmodel) -> Flavor | None:
    """Return the flavor of functions and PythonModels if it wrote the model."""
    flavor = flavors.named(PYFUNC)
    loader = about.flavors.get(PYFUNC, {}).get("loader_module")
    return flavor if loader in getattr(flavor, "LOADERS", ()) else None


def _refuse_code(path: Path, about: MLmodel, flavor: Flavor | None) -> None:
    reason: str | None = "its loader is not one of ours"
    if about.flavors.get(PYFUNC, {}).get("code"):
        reason = "it brings code of its own"
    elif flavor is not None:
        reason = flavors.why_code_runs(flavor, about.flavors[flavor.NAME])
    elif _python_function(about):
        reason = "it is Python code"
    if reason is not None:
        raise InvalidValue(f"Loading the model in {path} is not safe: {reason}.")


def _use_code(path: Path, config: PyFuncConfig) -> None:
    """Let the modules be found that come with the model."""
    folder = str(path / config.code) if config.code else None
    if folder is not None and folder not in sys.path:
        sys.path.insert(0, folder)


def _predictor(path: Path, about: MLmodel, config: PyFuncConfig) -> Predictor:
    """Read with a flavor of our own if there is one: MLflow's loaders need MLflow."""
    if flavor := flavors.in_directory(about.flavors) or _python_function(about):
        return flavor._load_pyfunc(str(path))
    try:
        loader = import_module(config.loader_module)
    except ImportError as error:
        raise InvalidValue(
            f"The model is loaded by '{config.loader_module}', which cannot be imported here: "
            f"{error}. Install what its requirements.txt names."
        ) from error
    predictor: Predictor = loader._load_pyfunc(str(path / config.data if config.data else path))
    return predictor
