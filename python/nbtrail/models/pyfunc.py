"""The python_function flavor: a `PythonModel`, a function, or a Python file that makes either.

`PythonModel` objects are pickled by value, in MLflow's layout, and MLflow reads them; the cells
that a notebook's class came from are told beside them. Functions of modules are pickled, too; one
that was defined in a notebook is kept as source: see `nbtrail.models.cells`. A file of code
(``python_model="model.py"``) is copied, and run when the model is loaded; it calls
`nbtrail.models.set_model`.
"""

from __future__ import annotations

import inspect
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.errors import InvalidValue, NotFound
from nbtrail.models import cells, environment, pickles, settings
from nbtrail.models.flavors import PYFUNC, Saved
from nbtrail.models.loading import PyFuncModel, load_model
from nbtrail.models.logged import ModelInfo
from nbtrail.models.mlmodel import MLmodel, flavor_config
from nbtrail.models.settings import Settings
from nbtrail.models.signatures import hints
from nbtrail.models.uris import resolve

__all__ = [
    "PyFuncModel",
    "PythonModel",
    "PythonModelContext",
    "get_model_dependencies",
    "load_model",
    "log_model",
    "save_model",
]

NAME = FLAVOR_NAME = PYFUNC
PICKLE, ARTIFACTS = "python_model.pkl", "artifacts"
MLFLOWS, MLFLOWS_CODE = "mlflow.pyfunc.model", "mlflow.pyfunc.loaders.code_model"
LOADERS = (MLFLOWS, MLFLOWS_CODE, "nbtrail.models.pyfunc")

_made: list[Any] = []  # by set_model, while a file of code runs


class PythonModelContext:
    """What a `PythonModel` has beside its input.

    Attributes:
        artifacts: the paths of its files, by the names that they were saved under.
        model_config: what was passed as ``model_config``.
    """

    def __init__(self, artifacts: dict[str, str], model_config: dict[str, Any]) -> None:
        self.artifacts = artifacts
        self.model_config = model_config


class PythonModel:
    """A model of one's own: a class with `predict`, and perhaps `load_context`."""

    def load_context(self, context: Any) -> None:
        """Prepare for predicting: read the files that `context.artifacts` names."""

    def predict(self, context: Any, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        """Return the predictions for `model_input`. A subclass may leave out the context."""
        raise NotImplementedError

    @property
    def predict_type_hints(self) -> Any:
        """The hints of `predict`: MLflow's client asks for them."""
        taken, given = hints.hints_of(self.predict)
        return _Hints(taken, given)


class _Hints(msgspec.Struct):
    input: Any
    output: Any


class Config(msgspec.Struct, frozen=True):
    """What loading needs of the python_function part of the ``MLmodel`` file."""

    python_model: str | None = None
    model_code_path: str | None = None
    function: str | None = None
    artifacts: dict[str, dict[str, str]] = {}
    config: dict[str, Any] | None = None


def set_model(model: Any) -> None:
    """Say which object is the model, in a Python file that is saved as one."""
    _made[:] = [model]
    mlflows = sys.modules.get("mlflow.models.model")
    if mlflows is not None:  # it is MLflow that runs the file
        mlflows.__mlflow_model__ = model  # type: ignore[attr-defined]


def accepts(model: object) -> bool:
    """Say whether this is a `PythonModel`, a function, or the path of a Python file."""
    if isinstance(model, str | os.PathLike):
        return Path(model).suffix == ".py" and Path(model).is_file()
    return inspect.isfunction(model) or _is_python_model(model)


def _is_python_model(model: object) -> bool:
    """Also of MLflow's class, without importing that."""
    return hasattr(model, "load_context") and hasattr(model, "predict")


def save(
    model: Any,
    directory: Path,
    *,
    artifacts: Mapping[str, str] | None = None,
    model_config: Settings | None = None,
) -> Saved:
    """Write the model; `artifacts` are paths of files and folders that it reads, by name.

    `model_config` are settings: a dict, or the path of a YAML file.

    Raises:
        InvalidValue: there is no such file, or something in the model cannot be pickled.
    """
    import cloudpickle

    pyfunc: dict[str, Any] = {"cloudpickle_version": cloudpickle.__version__, "streamable": False}
    pyfunc |= {"artifacts": _copied(artifacts, directory)} if artifacts else {}
    pyfunc |= {"config": settings.values_of(model_config)} if model_config else {}
    if isinstance(model, str | os.PathLike):
        shutil.copy(model, directory)
        pyfunc |= {"loader_module": MLFLOWS_CODE, "model_code_path": Path(model).name}
        return Saved({}, pyfunc, ["cloudpickle"], is_open=True)
    if inspect.isfunction(model):
        return _save_function(model, directory, pyfunc)
    pickles.write(model, directory / PICKLE, warn=False)
    cells.tell(model, directory)
    pyfunc |= {"loader_module": MLFLOWS, "python_model": PICKLE}
    return Saved({}, pyfunc, ["cloudpickle"], is_open=True)


def _save_function(function: Any, directory: Path, pyfunc: dict[str, Any]) -> Saved:
    """As source with what it reads; by value if that is not possible, with a warning."""
    pyfunc["loader_module"] = "nbtrail.models.pyfunc"
    notes = cells.save(function, directory)
    if notes is not None:
        pyfunc["function"] = function.__name__
        return Saved({}, pyfunc, ["cloudpickle", "nbtrail"], is_open=True, notes=notes)
    pickles.write(function, directory / PICKLE, warn=False)
    pyfunc["python_model"] = PICKLE
    return Saved({}, pyfunc, ["cloudpickle", "nbtrail"], is_open=True)


def _copied(artifacts: Mapping[str, str], directory: Path) -> dict[str, dict[str, str]]:
    """Copy the files that a model reads; return where they are, in MLflow's form."""
    found = {}
    for name, uri in artifacts.items():
        source = Path(str(uri).removeprefix("file://"))
        target = directory / ARTIFACTS / source.name
        if target.exists():  # of the same name in another folder
            target = directory / ARTIFACTS / name / source.name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not source.exists():
            raise InvalidValue(f"There is no file {source}: artifacts['{name}'] names it.")
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
        path = target.relative_to(directory).as_posix()
        found[name] = {"path": path, "uri": str(uri)}
    return found


def runs_code(config: dict[str, Any]) -> str:  # noqa: ARG001
    """Say why loading it runs code: it is code."""
    return "it is Python code"


def predictor(model: Any) -> _Predictor | None:
    """Return what predicts; None for a file, which is not run to be saved."""
    if isinstance(model, str | os.PathLike):
        return None
    return _Predictor(model, PythonModelContext({}, {}))


def load(directory: Path, config: dict[str, Any]) -> Any:
    """Return the `PythonModel` or the function. This runs code.

    Raises:
        InvalidValue: `config` is damaged, or the code does not say which the model is.
    """
    known = flavor_config(config, Config, directory, NAME)
    if known.function is not None:
        return cells.load(directory, known.function)
    if known.model_code_path is not None:
        with settings.given(known.config):
            return _run(directory / Path(known.model_code_path).name)
    if known.python_model is None:
        raise InvalidValue(f"The MLmodel file in {directory} names no python_model.")
    return pickles.read(directory / known.python_model)


def _run(path: Path) -> Any:
    """Run a file of code; return what it passed to `set_model`."""
    from nbtrail.models import sources

    _made.clear()
    sources.run(path)
    mlflows = sys.modules.get("mlflow.models.model")
    made = _made or [getattr(mlflows, "__mlflow_model__", None)]
    if made[0] is None:
        raise InvalidValue(f"{path.name} calls no set_model(…), which says what the model is.")
    return made[0]


def _load_pyfunc(path: str, model_config: dict[str, Any] | None = None) -> _Predictor:
    """Return what predicts; `path` is the model directory."""
    directory = Path(path)
    config = MLmodel.read(directory).flavors[PYFUNC]
    known = flavor_config(config, Config, directory, NAME)
    files = {name: str(directory / about["path"]) for name, about in known.artifacts.items()}
    values = {**(known.config or {}), **(model_config or {})}
    context = PythonModelContext(files, values)
    model = load(directory, {**config, "config": values or None})
    if hasattr(model, "load_context"):
        model.load_context(context)
    return _Predictor(model, context)


class _Predictor:
    def __init__(self, model: Any, context: PythonModelContext) -> None:
        function = getattr(model, "func", model)  # as MLflow wraps a function
        self.python_model = model
        self._function = model.predict if hasattr(model, "predict") else function
        names = inspect.signature(self._function).parameters
        self._context = (context,) if "context" in names or len(names) > 2 else ()
        self._takes_params = "params" in names
        self._hint = hints.hints_of(self._function)[0]

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Return what the function returns for the data, in the form that its hint names."""
        given = {"params": params} if self._takes_params else {}
        return self._function(*self._context, hints.converted(data, self._hint), **given)


def get_model_dependencies(model_uri: str | os.PathLike[str], format: str = "pip") -> str:  # noqa: A002
    """Return the path of the file with the packages that a model needs, for an installer.

    Args:
        model_uri: as `load_model` takes it.
        format: ``pip`` for requirements.txt, ``conda`` for conda.yaml.

    Raises:
        NotFound: there is no such model, or it has no such file.
    """
    files = {"pip": environment.REQUIREMENTS, "conda": environment.CONDA}
    if format not in files:
        raise InvalidValue(f"The format is pip or conda, not '{format:.40}'.")
    path = resolve(model_uri) / files[format]
    if not path.is_file():
        raise NotFound(f"The model {model_uri} has no {path.name}.")
    return str(path)


def log_model(
    name: Any = None, loader_module: str | None = None, data_path: str | None = None, **known: Any
) -> ModelInfo:
    """Log a `PythonModel`, a function or a file of code: ``python_model=``.

    The arguments are MLflow's; see `nbtrail.log_model` for the rest.
    """
    from nbtrail.models import logged

    model = _model_of(known, loader_module, data_path)
    return logged.log_model(model, name, flavor=NAME, **known)


def save_model(
    path: Any, loader_module: str | None = None, data_path: str | None = None, **known: Any
) -> MLmodel:
    """Write a directory of such a model; the arguments are MLflow's."""
    from nbtrail.models import saving

    model = _model_of(known, loader_module, data_path)
    return saving.save_model(model, path, flavor=NAME, **known)


def _model_of(known: dict[str, Any], loader_module: str | None, data_path: str | None) -> Any:
    if loader_module is not None or data_path is not None:
        raise InvalidValue(
            "loader_module and data_path are not taken: write a PythonModel, or a flavor."
        )
    if (model := known.pop("python_model", None)) is None:
        raise InvalidValue("Which model? Pass python_model=.")
    return model
