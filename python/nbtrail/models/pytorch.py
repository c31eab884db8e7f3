"""The PyTorch flavor: an exported graph, or weights as safetensors beside the model's source.

With an input example the model is exported (`torch.export`): the files and keys are those of
`mlflow.pytorch`, which reads them, and loading runs no code. Without one, or with
``serialization_format="safetensors"``, the weights are written as safetensors, the structure of
the module is pickled without them, and the source of its classes is kept beside it for reading.
"""

from __future__ import annotations

import contextlib
import inspect
import sys
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.errors import InvalidValue
from nbtrail.models import mlflows, pickles
from nbtrail.models.flavors import Saved
from nbtrail.models.mlmodel import MLmodel, flavor_config

NAME = "pytorch"
WANTS_EXAMPLE = True
FOLDER, EXPORTED = "data", "model.pt2"
WEIGHTS, STRUCTURE, SOURCE = "model.safetensors", "structure.pkl", "source.py"
FORMATS = ("pt2", "safetensors")


class Config(msgspec.Struct, frozen=True):
    """What loading needs of this flavor's part of the ``MLmodel`` file."""

    model_data: str = FOLDER


def accepts(model: object) -> bool:
    """Say whether `model` is a module of PyTorch."""
    nn = sys.modules.get("torch.nn")  # not loaded: then it cannot be one
    return nn is not None and isinstance(model, nn.Module)


def save(
    model: Any, directory: Path, *, example: Any = None, serialization_format: str | None = None
) -> Saved:
    """Write the module.

    Args:
        model: the module.
        directory: where to write it.
        example: rows to trace it with.
        serialization_format: ``pt2``, an exported graph, or ``safetensors``.

    Raises:
        InvalidValue: it cannot be exported, or there is no such format.
    """
    import torch

    chosen = serialization_format or ("safetensors" if example is None else "pt2")
    if chosen not in FORMATS or (chosen == "pt2" and example is None):
        raise InvalidValue(
            f"serialization_format is one of {', '.join(FORMATS)}; pt2 needs an input_example."
        )
    (directory / FOLDER).mkdir()
    write = _export if chosen == "pt2" else _write_weights
    write(model, directory / FOLDER, example)
    exported = chosen == "pt2"
    loader = "mlflow.pytorch" if exported else "nbtrail.models.pytorch"
    config = {"code": None, "model_data": FOLDER, "pytorch_version": str(torch.__version__)}
    pyfunc = {"loader_module": loader, "data": FOLDER}
    if exported:
        pyfunc["pickle_module_name"] = "mlflow.pytorch.pickle_module"
    packages = ["torch", "numpy", *([] if exported else ["safetensors", "cloudpickle", "nbtrail"])]
    return Saved({**config, "serialization_format": chosen}, pyfunc, packages, not exported)


def _export(model: Any, folder: Path, example: Any) -> None:
    import torch

    batch = torch.export.Dim("batch", min=1)
    given = _tensor(example)
    if given.shape[0] == 1:  # a batch of one is taken for a constant
        given = given.repeat(2, *[1] * (given.dim() - 1))
    with _evaluating(model):
        try:
            program = torch.export.export(model, (given,), dynamic_shapes=({0: batch},))
        except Exception as error:  # torch has no common base for what it cannot trace
            raise InvalidValue(
                f"This {type(model).__name__} cannot be exported ({type(error).__name__}): pass "
                "serialization_format='safetensors'."
            ) from error
    torch.export.save(program, folder / EXPORTED)


def _write_weights(model: Any, folder: Path, example: Any) -> None:  # noqa: ARG001
    """Write weights and structure apart: what is pickled holds no weights."""
    import copy

    from safetensors.torch import save_model as save_weights

    save_weights(model, str(folder / WEIGHTS))
    structure = copy.deepcopy(model).to("meta")
    pickles.write(structure, folder / STRUCTURE, warn=False)
    if source := _sources(model):
        (folder / SOURCE).write_text(source, encoding="utf-8")


def _sources(model: Any) -> str:
    """Return the source of the module classes that are not PyTorch's own."""
    kinds = {type(module) for module in model.modules()}
    found = []
    for kind in sorted(kinds, key=lambda one: one.__qualname__):
        if not kind.__module__.startswith("torch."):
            with contextlib.suppress(OSError, TypeError):
                found.append(inspect.getsource(kind))
    return "\n\n".join(found)


@contextlib.contextmanager
def _evaluating(model: Any) -> Any:
    """Have the model as it predicts, and as it was afterwards."""
    was = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(was)


def runs_code(config: dict[str, Any]) -> str | None:
    """Say why loading it runs code; None for an exported graph."""
    if config.get("serialization_format") == "pt2":
        return None
    return "the structure of the module is a pickle"


def predictor(model: Any) -> _Predictor:
    """Return what predicts."""
    return _Predictor(model)


def load(directory: Path, config: dict[str, Any]) -> Any:
    """Return the module; of an exported one, what was traced.

    Raises:
        InvalidValue: `config` is damaged, or there is no file that is known.
    """
    import torch

    folder = directory / flavor_config(config, Config, directory, NAME).model_data
    if (folder / EXPORTED).is_file():
        return torch.export.load(folder / EXPORTED).module()
    if (folder / WEIGHTS).is_file():
        return _read_weights(folder)
    if (folder / "model.pth").is_file():  # as MLflow pickles it
        return torch.load(folder / "model.pth", map_location="cpu", weights_only=False)
    raise InvalidValue(f"The model in {directory} has no {EXPORTED} and no {WEIGHTS}.")


def _read_weights(folder: Path) -> Any:
    from safetensors.torch import load_model as load_weights

    model = pickles.read(folder / STRUCTURE).to_empty(device="cpu")
    load_weights(model, str(folder / WEIGHTS))
    return model


def _load_pyfunc(path: str) -> _Predictor:
    """Return what predicts; `path` is the model directory, or as MLflow has it, a folder in it."""
    directory = Path(path) if (Path(path) / "MLmodel").is_file() else Path(path).parent
    return _Predictor(load(directory, MLmodel.read(directory).flavors[NAME]))


def _tensor(data: Any) -> Any:
    import numpy as np
    import pandas as pd
    import torch

    if isinstance(data, pd.DataFrame):
        data = data.to_numpy(dtype=np.float32)
    return torch.from_numpy(np.ascontiguousarray(data))


class _Predictor:
    def __init__(self, model: Any) -> None:
        self._model = model

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:  # noqa: ARG002
        """Return the model's output: as a table for a table, else as an array."""
        import pandas as pd
        import torch

        can_switch = not type(self._model).__name__.startswith("GraphModule")
        with torch.no_grad(), _evaluating(self._model) if can_switch else contextlib.nullcontext():
            made = self._model(_tensor(data)).cpu().numpy()
        return pd.DataFrame(made, index=data.index) if isinstance(data, pd.DataFrame) else made


log_model, save_model, load_model = mlflows.functions(NAME, "pytorch_model")
