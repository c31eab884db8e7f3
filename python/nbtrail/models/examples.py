"""Input examples: a few rows kept beside a model, and the request that would send them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from nbtrail.errors import InvalidValue
from nbtrail.models.signatures import jsonable
from nbtrail.models.signatures.kinds import as_pandas, is_sparse

if TYPE_CHECKING:
    import pandas as pd

ROWS = 5  # an example is not a copy of the training data
EXAMPLE, SERVING = "input_example.json", "serving_input_example.json"
_SCALARS = (str, bytes, bool, int, float)


def split(example: Any) -> tuple[Any, dict[str, Any] | None]:
    """Return an example and the params that came with it: MLflow takes them as a pair."""
    is_pair = isinstance(example, tuple) and len(example) == 2 and isinstance(example[1], dict)
    data, params = example if is_pair else (example, None)
    return as_pandas(data), params


def head(example: Any) -> Any:
    """Return the first rows of a table, Series, array, list or dict of arrays.

    Raises:
        InvalidValue: it is of another kind.
    """
    import numpy as np
    import pandas as pd

    if isinstance(example, pd.DataFrame | pd.Series):
        return example.head(ROWS)
    if is_sparse(example) or (isinstance(example, np.ndarray) and example.ndim):
        return example[:ROWS]
    if isinstance(example, list):
        return example[:ROWS]
    if isinstance(example, dict) and all(isinstance(v, np.ndarray) for v in example.values()):
        return {name: head(array) for name, array in example.items()}
    if isinstance(example, (dict, *_SCALARS)):
        return example
    raise InvalidValue(
        "An input_example is a DataFrame, a Series, an array, a list or a dict, not a "
        f"{type(example).__name__}."
    )


def write(example: Any, params: dict[str, Any] | None, directory: Path) -> dict[str, str]:
    """Write both example files; return what ``MLmodel`` says about them."""
    import numpy as np
    import pandas as pd

    info = {"artifact_path": EXAMPLE, "serving_input_path": SERVING}
    if isinstance(example, pd.DataFrame | pd.Series):
        content = _split(example.to_frame() if isinstance(example, pd.Series) else example)
        serving: dict[str, Any] = {"dataframe_split": content}
        info |= {
            "type": "dataframe",
            "pandas_orient": "split" if "columns" in content else "values",
        }
    elif is_sparse(example):
        content, serving = _sparse(example), {"inputs": example.toarray()}
        info |= {"type": f"sparse_matrix_{example.format}"}
    else:
        content, serving = example, {"inputs": example}
        of_arrays = isinstance(example, dict) and any(
            isinstance(value, np.ndarray) for value in example.values()
        )
        is_array = isinstance(example, np.ndarray) or of_arrays
        info |= {"type": "ndarray" if is_array else "json_object"}
    if params:
        content, serving = {"inputs": content, "params": params}, {**serving, "params": params}
        info |= {"params": "true"}
    (directory / EXAMPLE).write_bytes(jsonable.encode(content))
    (directory / SERVING).write_bytes(msgspec.json.format(jsonable.encode(serving), indent=2))
    return info


def read(directory: Path, info: dict[str, Any] | None) -> tuple[Any, dict[str, Any] | None] | None:
    """Return the example in a model directory and its params; None if it keeps none.

    Raises:
        InvalidValue: the file is missing or damaged.
    """
    import pandas as pd

    if not info:
        return None
    try:
        content = msgspec.json.decode((directory / EXAMPLE).read_bytes())
        params = content["params"] if info.get("params") else None
        content = content["inputs"] if info.get("params") else content
        if info.get("type") == "dataframe":
            return pd.DataFrame(content["data"], columns=content.get("columns")), params
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidValue(f"The model's {EXAMPLE} cannot be read.") from error
    return content, params


def _split(frame: pd.DataFrame) -> dict[str, Any]:
    """Return columns and rows, without the row labels; default column labels go unsaid."""
    content = frame.to_dict(orient="split", index=False)
    if content["columns"] == list(range(frame.shape[1])):
        del content["columns"]
    return dict(content)


def _sparse(matrix: Any) -> dict[str, Any]:
    parts = ("data", "indices", "indptr")
    return {**{part: getattr(matrix, part) for part in parts}, "shape": list(matrix.shape)}
