"""The PyTorch flavor: an exported graph, or weights as safetensors beside the model's source.

With an input example the model is exported (`torch.export`): the files and keys are those of
`mlflow.pytorch`, which reads them, and the module's code need not be there. Without one, or with
``serialization_format="safetensors"``, the weights are written as safetensors, the structure of
the module is pickled without them, and the source of its classes is kept beside it for reading.

A module that takes several tensors takes a dict of arrays, by the names of its arguments or, where
those do not fit, as its one argument.
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


def prepared(model: Any, example: Any) -> Any:
    """Return an example with arrays for tensors, and for a tuple a dict by argument.

    Raises:
        InvalidValue: there are more arrays than the module has arguments.
    """
    import torch

    if isinstance(example, torch.Tensor):
        return example.detach().cpu().numpy()
    if isinstance(example, dict):
        return {name: prepared(model, one) for name, one in example.items()}
    if not isinstance(example, tuple):
        return example
    names = list(inspect.signature(model.forward).parameters)
    if len(names) < len(example):
        raise InvalidValue(
            f"The input_example is a tuple of {len(example)}, and forward of this "
            f"{type(model).__name__} takes {', '.join(names) or 'nothing'}."
        )
    return {name: prepared(model, one) for name, one in zip(names, example, strict=False)}


def _export(model: Any, folder: Path, example: Any) -> None:
    import torch

    given = _repeated(_tensors(example))
    tensors = given if isinstance(given, dict) else {"": given}
    size = next(iter(tensors.values())).shape[:1]
    batch = torch.export.Dim("batch", min=1)
    shapes: Any = {
        name: {0: batch} if one.dim() and one.shape[:1] == size else None
        for name, one in tensors.items()
    }
    arguments, keywords = _arguments(model, given)
    dynamic = shapes if keywords else (shapes if isinstance(given, dict) else shapes[""],)
    with _evaluating(model):
        try:
            program = torch.export.export(model, arguments, keywords, dynamic_shapes=dynamic)
        except Exception as error:  # torch has no common base for what it cannot trace
            raise InvalidValue(
                f"This {type(model).__name__} cannot be exported ({type(error).__name__}): pass "
                "serialization_format='safetensors'."
            ) from error
    torch.export.save(program, folder / EXPORTED)


def _repeated(given: Any) -> Any:
    """Return tensors with more than one row: a batch of one is taken for a constant."""
    if isinstance(given, dict):
        return {name: _repeated(one) for name, one in given.items()}
    if not given.dim() or given.shape[0] != 1:
        return given
    return given.repeat(2, *[1] * (given.dim() - 1))


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


def runs_code(config: dict[str, Any]) -> str:
    """Say why loading it runs code: PyTorch evaluates expressions that an exported graph has."""
    if config.get("serialization_format") == "pt2":
        return "what torch.export has written may run code; nbtrail models convert makes it ONNX"
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


def _tensors(data: Any) -> Any:
    """Return the tensor of an array or of a table, or a dict of them."""
    import numpy as np
    import pandas as pd
    import torch

    if isinstance(data, dict):
        return {name: _tensors(one) for name, one in data.items()}
    if isinstance(data, pd.DataFrame):
        data = data.to_numpy(dtype=np.float32)
    return torch.from_numpy(np.ascontiguousarray(data))


def _arguments(model: Any, given: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return how a module is called: with a dict by its names, or with what it is given."""
    if isinstance(given, dict):
        try:
            inspect.signature(model.forward).bind(**given)
        except TypeError:
            return (given,), {}
        return (), given
    return (given,), {}


def _arrays(made: Any) -> Any:
    """Return a module's output as an array, or, where it has several, as a dict of them."""
    if hasattr(made, "detach"):
        return made.detach().cpu().numpy()
    if hasattr(made, "_asdict"):
        made = made._asdict()
    if isinstance(made, list | tuple):
        made = {f"output_{number}": one for number, one in enumerate(made)}
    return {name: _arrays(one) for name, one in made.items() if one is not None}


class _Predictor:
    def __init__(self, model: Any) -> None:
        self._model = model

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:  # noqa: ARG002
        """Return the model's output: as a table for a table, else as an array, or several."""
        import pandas as pd
        import torch

        can_switch = not type(self._model).__name__.startswith("GraphModule")
        arguments, keywords = _arguments(self._model, _tensors(data))
        with torch.no_grad(), _evaluating(self._model) if can_switch else contextlib.nullcontext():
            made = _arrays(self._model(*arguments, **keywords))
        is_table = isinstance(data, pd.DataFrame) and not isinstance(made, dict)
        return pd.DataFrame(made, index=data.index) if is_table else made


log_model, save_model, load_model = mlflows.functions(NAME, "pytorch_model")
