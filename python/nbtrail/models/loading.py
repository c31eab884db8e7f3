"""Models loaded, which runs their code: only for scoring workers and the user's own processes."""

from __future__ import annotations

import inspect
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from nbtrail.errors import InvalidValue
from nbtrail.models import flavors
from nbtrail.models.enforcement import enforce, enforce_params
from nbtrail.models.flavors import Predictor
from nbtrail.models.mlmodel import PYFUNC, MLmodel, PyFuncConfig, flavor_config
from nbtrail.models.schema import ModelSignature
from nbtrail.models.uris import resolve
from nbtrail.store import Store


class PyFuncModel:
    """Any model, with one way to predict that holds the input against its signature.

    Attributes:
        metadata: what the ``MLmodel`` file says.
        signature: what the model takes and gives, if that was recorded.
    """

    def __init__(self, predictor: Predictor, metadata: MLmodel) -> None:
        self.metadata = metadata
        self.signature: ModelSignature | None = metadata.model_signature
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

    def enforced(self, data: Any, params: dict[str, Any] | None) -> tuple[Any, dict[str, Any]]:
        """Return data and params as the signature has them; raises as `predict` does."""
        signature = self.signature or ModelSignature()
        if signature.inputs is not None:
            data = enforce(data, signature.inputs)
        return data, enforce_params(params, signature.params)

    def predict_enforced(self, data: Any, params: dict[str, Any]) -> Any:
        """Predict from what `enforced` returned: whatever is raised now is the model's own."""
        return self._predict(data, params=params) if self._takes_params else self._predict(data)


def load_model(uri: str | os.PathLike[str], store: Store | None = None) -> PyFuncModel:
    """Load a model that nbtrail or MLflow wrote, whatever its flavor.

    Args:
        uri: ``models:/name/version``, ``models:/m-<id>``, ``runs:/<run id>/<name>``,
            or a directory.
        store: where to look the name up; by default the one that is found from here.

    Raises:
        NotFound: there is no such model.
        InvalidValue: the model has no ``python_function`` flavor, or what it needs is missing.
    """
    path = resolve(uri, store)
    about = MLmodel.read(path)
    config = about.flavors.get(PYFUNC)
    if config is None:
        raise InvalidValue(f"The model {uri} has no {PYFUNC} flavor: load_native reads it.")
    known = flavor_config(config, PyFuncConfig, path, PYFUNC)
    if known.code:
        sys.path.insert(0, str(path / known.code))
    return PyFuncModel(_predictor(path, about, known), about)


def load_native(uri: str | os.PathLike[str], store: Store | None = None) -> Any:
    """Load a model as its framework's own object, such as a scikit-learn estimator.

    Raises:
        NotFound: there is no such model.
        InvalidValue: there is no flavor here for it.
    """
    path = resolve(uri, store)
    about = MLmodel.read(path)
    flavor = flavors.in_directory(about.flavors)
    if flavor is None:
        raise InvalidValue(
            f"The model {uri} is of flavor {', '.join(about.flavors)}; there are flavors for "
            f"{', '.join(flavors.installed())}. load_model may read it."
        )
    return flavor.load(path, about.flavors[flavor.NAME])


def _predictor(path: Path, about: MLmodel, config: PyFuncConfig) -> Predictor:
    """Read with a flavor of our own if there is one: MLflow's loaders need MLflow."""
    if flavor := flavors.in_directory(about.flavors):
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
