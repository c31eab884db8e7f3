"""Input examples: a few rows kept beside a model, and the request that would send them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from nbtrail.errors import InvalidValue
from nbtrail.models import jsonable

if TYPE_CHECKING:
    import pandas as pd

ROWS = 5  # an example is not a copy of the training data
EXAMPLE, SERVING = "input_example.json", "serving_input_example.json"


def head(example: Any) -> Any:
    """Return the first rows of a DataFrame, Series, array or dict of arrays.

    Raises:
        InvalidValue: it is of another kind.
    """
    import numpy as np
    import pandas as pd

    if isinstance(example, pd.DataFrame | pd.Series):
        return example.head(ROWS)
    if isinstance(example, np.ndarray) and example.ndim:
        return example[:ROWS]
    if isinstance(example, dict) and all(isinstance(v, np.ndarray) for v in example.values()):
        return {name: head(array) for name, array in example.items()}
    raise InvalidValue(
        "An input_example is a DataFrame, a Series, an array or a dict of arrays, not a "
        f"{type(example).__name__}."
    )


def write(example: Any, directory: Path) -> dict[str, str]:
    """Write both example files; return what ``MLmodel`` says about them."""
    import pandas as pd

    info = {"artifact_path": EXAMPLE, "serving_input_path": SERVING}
    if isinstance(example, pd.DataFrame | pd.Series):
        content = _split(example.to_frame() if isinstance(example, pd.Series) else example)
        serving = {"dataframe_split": content}
        info |= {
            "type": "dataframe",
            "pandas_orient": "split" if "columns" in content else "values",
        }
    else:
        content, serving = example, {"inputs": example}
        info |= {"type": "ndarray"}
    (directory / EXAMPLE).write_bytes(jsonable.encode(content))
    (directory / SERVING).write_bytes(msgspec.json.format(jsonable.encode(serving), indent=2))
    return info


def _split(frame: pd.DataFrame) -> dict[str, Any]:
    """Return columns and rows, without the row labels; default column labels go unsaid."""
    content = frame.to_dict(orient="split", index=False)
    if content["columns"] == list(range(frame.shape[1])):
        del content["columns"]
    return dict(content)
