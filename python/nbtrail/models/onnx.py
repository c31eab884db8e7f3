"""The ONNX flavor: graphs for ONNX Runtime. Loading one runs no code.

The files and keys are those of `mlflow.onnx`, which reads them too.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.errors import InvalidValue
from nbtrail.models import mlflows
from nbtrail.models.flavors import Saved
from nbtrail.models.mlmodel import MLmodel, flavor_config

NAME = "onnx"
FILE = "model.onnx"
PROVIDERS = ["CUDAExecutionProvider", "CPUExecutionProvider"]


class Config(msgspec.Struct, frozen=True):
    """What loading needs of this flavor's part of the ``MLmodel`` file."""

    data: str
    providers: list[str | list[Any]] | None = None


def accepts(model: object) -> bool:
    """Say whether `model` is a graph of ONNX."""
    onnx = sys.modules.get("onnx")  # not loaded: then it cannot be one
    return onnx is not None and isinstance(model, getattr(onnx, "ModelProto", ()))


def save(
    model: Any,
    directory: Path,
    *,
    onnx_execution_providers: list[str] | None = None,
    save_as_external_data: bool = True,
) -> Saved:
    """Check and write the graph; large weights go into a file beside it."""
    import onnx

    path = str(directory / FILE)
    external = save_as_external_data and model.ByteSize() >= 1 << 30
    onnx.save_model(model, path, save_as_external_data=external)
    onnx.checker.check_model(path)
    config = {
        "code": None,
        "data": FILE,
        "onnx_session_options": None,
        "onnx_version": onnx.__version__,
        "providers": onnx_execution_providers or PROVIDERS,
    }
    pyfunc = {"loader_module": "mlflow.onnx", "data": FILE}
    return Saved(config, pyfunc, ["onnx", "onnxruntime"])


def runs_code(config: dict[str, Any]) -> None:
    """A graph is data."""


def predictor(model: Any) -> _Predictor | None:
    """Return what predicts, None without ONNX Runtime."""
    if importlib.util.find_spec("onnxruntime") is None:
        return None
    return _Predictor(model.SerializeToString(), ["CPUExecutionProvider"])


def load(directory: Path, config: dict[str, Any]) -> Any:
    """Return the graph.

    Raises:
        InvalidValue: `config` is damaged.
    """
    import onnx

    known = flavor_config(config, Config, directory, NAME)
    return onnx.load(str(directory / known.data))


def _load_pyfunc(path: str) -> _Predictor:
    """Return what predicts; `path` is the model directory, or as MLflow has it, a file in it."""
    directory = Path(path).parent if Path(path).is_file() else Path(path)
    config = MLmodel.read(directory).flavors[NAME]
    known = flavor_config(config, Config, directory, NAME)
    return _Predictor(str(directory / known.data), known.providers or PROVIDERS)


class _Predictor:
    def __init__(self, graph: str | bytes, providers: list[Any]) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise InvalidValue(
                "Graphs of ONNX predict with ONNX Runtime: pip install onnxruntime."
            ) from error
        there = set(onnxruntime.get_available_providers())
        wanted = [one for one in providers if (one if isinstance(one, str) else one[0]) in there]
        self._session = onnxruntime.InferenceSession(
            graph, providers=wanted or ["CPUExecutionProvider"]
        )
        self._inputs = {one.name: one.type for one in self._session.get_inputs()}
        self._outputs = [one.name for one in self._session.get_outputs()]

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:  # noqa: ARG002
        """Return the outputs by name: as a table for a table, else as arrays."""
        import numpy as np
        import pandas as pd

        fed = {name: self._typed(name, values) for name, values in self._fed(data).items()}
        made = dict(zip(self._outputs, self._session.run(self._outputs, fed), strict=True))
        if not isinstance(data, pd.DataFrame):
            return made
        return pd.DataFrame.from_dict(
            {key: np.asarray(one).reshape(-1) for key, one in made.items()}
        )

    def _fed(self, data: Any) -> dict[str, Any]:
        """Return the data by the graph's names of its inputs."""
        import numpy as np
        import pandas as pd

        if isinstance(data, dict):
            return data
        if isinstance(data, pd.DataFrame) and len(self._inputs) > 1:
            return {name: data[name].to_numpy() for name in self._inputs}
        if len(self._inputs) != 1:
            raise InvalidValue(f"The model takes arrays by name: {', '.join(self._inputs)}.")
        values = data.to_numpy() if isinstance(data, pd.DataFrame) else np.asarray(data)
        return {next(iter(self._inputs)): values}

    def _typed(self, name: str, values: Any) -> Any:
        """JSON knows no float32, which most graphs take."""
        is_double = str(getattr(values, "dtype", "")) == "float64"
        wanted = self._inputs.get(name) == "tensor(float)"
        return values.astype("float32") if is_double and wanted else values


log_model, save_model, load_model = mlflows.functions(NAME, "onnx_model")
