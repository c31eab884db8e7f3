"""Arrays from the lists of a JSON body: of the dtype that is asked for, and of the same values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def array_of(content: Any, dtype: str | None) -> np.ndarray[Any, Any]:
    """Return lists, or what else JSON has, as an array.

    Raises:
        ValueError: the rows differ in length, or a value is not of the dtype; numpy alone would
            cut 1.5 off to 1, and read the text "1" as a number.
        TypeError, OverflowError: as ValueError.
    """
    import numpy as np

    if dtype is None:
        return _of_any_type(content)
    wanted = np.array(content, dtype=dtype)
    if wanted.dtype.kind in "biuf" and wanted.size:
        given = np.array(content)
        text = given.dtype.kind not in "biufO" or (given.dtype.kind == "O" and _has_text(given))
        whole = wanted.dtype.kind != "f" and given.dtype.kind == "f"
        if text or (whole and not np.array_equal(given, wanted)):
            raise ValueError("a value is not of the dtype")
    return wanted


def _of_any_type(content: Any) -> np.ndarray[Any, Any]:
    """Numbers beside texts stay numbers, of which numpy would make texts, too."""
    import numpy as np

    found, given = np.array(content), np.array(content, dtype=object)
    are_texts = all(isinstance(one, str) for one in given.ravel())
    return given if found.dtype.kind == "U" and not are_texts else found


def _has_text(array: np.ndarray[Any, Any]) -> bool:
    return any(isinstance(one, str) for one in array.ravel())
