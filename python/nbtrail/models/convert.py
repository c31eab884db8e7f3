"""Models converted to ONNX, and compared with the original on its input example."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.errors import InvalidValue
from nbtrail.models import examples, saving
from nbtrail.models.loading import PyFuncModel, load_model, load_native
from nbtrail.models.mlmodel import MLmodel
from nbtrail.models.uris import resolve
from nbtrail.store import Store

TOLERANCE = 1e-4  # of a graph that computes in float32, relative and absolute


class Converted(msgspec.Struct, frozen=True):
    """What became of a model: where it is, and the largest difference on how many rows."""

    path: Path
    rows: int
    difference: float


def to_onnx(
    uri: str | os.PathLike[str],
    path: str | os.PathLike[str],
    store: Store | None = None,
    tolerance: float = TOLERANCE,
) -> Converted:
    """Write a model as a graph of ONNX; it is refused where it predicts something else.

    Args:
        uri: see `load_model`. The model needs an input example, which both are tried on.
        path: the directory to make.
        store: where to look the name up; by default the one that is found from here.
        tolerance: by how much numbers may differ, relative and absolute.

    Raises:
        InvalidValue: there is no converter for the model, it has no example, or the graph
            predicts something else; nothing is written then.
    """
    import numpy as np

    directory = resolve(uri, store)
    about = MLmodel.read(directory)
    kept = examples.read(directory, about.saved_input_example_info)
    if kept is None:
        raise InvalidValue(f"{uri} has no input example to verify the conversion on.")
    flavor = next((name for name in _CONVERTERS if name in about.flavors), None)
    if flavor is None:
        raise InvalidValue(f"Models of {', '.join(about.flavors)} cannot be converted to ONNX.")
    loaded = load_model(uri, store)
    rows = loaded.enforced(kept[0], None)[0]
    if isinstance(rows, dict):
        raise InvalidValue(f"{uri} takes several arrays: only models of one are converted.")
    array = np.asarray(rows, dtype="float32")
    graph = _made(flavor, load_native(uri, store), array)
    difference = _difference(graph, array, loaded, rows, tolerance)
    saving.save_model(graph, path, flavor="onnx", input_example=array)
    return Converted(Path(path), len(array), difference)


def _made(flavor: str, model: Any, array: Any) -> Any:
    needed = ["onnx", "onnxruntime", *_NEEDS[flavor]]
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if missing:
        raise InvalidValue(f"Converting needs {', '.join(missing)}: pip install 'nbtrail[onnx]'.")
    try:
        return _CONVERTERS[flavor](model, array)
    except Exception as error:  # the converters have no common base
        raise InvalidValue(
            f"This {type(model).__name__} cannot be converted ({type(error).__name__}: {error})."
        ) from error


def _of_sklearn(model: Any, array: Any) -> Any:
    if type(model).__module__.startswith("lightgbm."):
        return _of_lightgbm(model, array)
    import skl2onnx
    from sklearn.base import is_classifier

    options = {"zipmap": False} if is_classifier(model) else None
    return skl2onnx.to_onnx(model, array[:1], options=options)


def _of_xgboost(model: Any, array: Any) -> Any:
    import onnxmltools
    from onnxmltools.convert.common.data_types import FloatTensorType

    booster = model.get_booster() if hasattr(model, "get_booster") else model
    booster.feature_names = None  # the converter knows them by number
    kinds = [("input", FloatTensorType([None, array.shape[1]]))]
    return onnxmltools.convert_xgboost(model, initial_types=kinds)


def _of_lightgbm(model: Any, array: Any) -> Any:
    import onnxmltools
    from onnxmltools.convert.common.data_types import FloatTensorType

    kinds = [("input", FloatTensorType([None, array.shape[1]]))]
    return onnxmltools.convert_lightgbm(model, initial_types=kinds, zipmap=False)


def _of_pytorch(model: Any, array: Any) -> Any:
    import torch

    if not type(model).__name__.startswith("GraphModule"):  # which predicts as it was exported
        model.eval()
    batch = torch.export.Dim("batch", min=1)
    given = torch.from_numpy(array if len(array) > 1 else array.repeat(2, axis=0))
    program = torch.export.export(model, (given,), dynamic_shapes=({0: batch},))
    names = {"input_names": ["input"], "output_names": ["output"]}
    return torch.onnx.export(program, dynamo=True, verbose=False, **names).model_proto


_CONVERTERS = {
    "sklearn": _of_sklearn,
    "xgboost": _of_xgboost,
    "lightgbm": _of_lightgbm,
    "pytorch": _of_pytorch,
}
_NEEDS = {
    "sklearn": ["skl2onnx"],
    "xgboost": ["onnxmltools"],
    "lightgbm": ["onnxmltools"],
    "pytorch": ["torch", "onnxscript"],
}


def _difference(
    graph: Any, array: Any, original: PyFuncModel, rows: Any, tolerance: float
) -> float:
    """Return the largest difference between what both predict.

    Raises:
        InvalidValue: it is too large.
    """
    import numpy as np

    from nbtrail.models import onnx

    found = list(onnx.predictor(graph).predict(array).values())  # type: ignore[union-attr]
    wanted = np.asarray(original.predict(rows))
    made = _alike(found, wanted)
    if wanted.dtype.kind in "OUS":
        same = bool((made.astype(str) == wanted.astype(str)).all())
        largest = 0.0 if same else float("inf")
    else:
        largest = float(np.max(np.abs(made.astype("float64") - wanted), initial=0.0))
        same = np.allclose(made, wanted, rtol=tolerance, atol=tolerance)
    if not same:
        raise InvalidValue(
            f"The graph predicts something else than the model: the largest difference on "
            f"{len(array)} rows is {largest:.3g}. Nothing was written."
        )
    return largest


def _alike(found: list[Any], wanted: Any) -> Any:
    """Return the output that is of the original's size: labels come beside probabilities."""
    import numpy as np

    arrays = [np.asarray(one) for one in found]
    same = [one for one in arrays if one.size == wanted.size]
    # A booster of two classes predicts the probability of the second one.
    halves = [one[:, 1] for one in arrays if one.ndim == 2 and one.shape[1] == 2]
    floats = [one for one in [*same, *halves] if one.dtype.kind == wanted.dtype.kind]
    chosen = [one for one in floats if one.size == wanted.size] or same
    if not chosen:
        raise InvalidValue("The graph has no output of the shape of the model's predictions.")
    return chosen[0].reshape(wanted.shape)
