"""The hash of content: whole, and sensitive to values, their order, their types and their shape."""

from __future__ import annotations

import hashlib
import math
import pickle
import struct
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nbtrail.errors import InvalidValue

if TYPE_CHECKING:
    import numpy as np

CHUNK = 16 << 20  # bytes
_STRINGS_AT_ONCE = 100_000
_LENGTH = 32  # of MLflow's 36 characters


class Digest:
    """A hash that is fed piece by piece; each piece goes in with its length or its shape.

    Args:
        kind: of what it is the hash; equal content of another kind has another hash.
    """

    def __init__(self, kind: str) -> None:
        self._hash = hashlib.sha256()
        self.text(kind)

    def __str__(self) -> str:
        return self._hash.hexdigest()[:_LENGTH]

    def raw(self, data: bytes | memoryview) -> None:
        """Add bytes, a part of something whose length is known otherwise."""
        self._hash.update(data)

    def piece(self, data: bytes) -> None:
        """Add bytes."""
        self._hash.update(struct.pack("<Q", len(data)))
        self._hash.update(data)

    def text(self, *texts: str) -> None:
        """Add texts."""
        for text in texts:
            self.piece(text.encode("utf-8", "surrogatepass"))

    def strings(self, values: Sequence[str]) -> None:
        """Add many texts, quickly."""
        for start in range(0, len(values), _STRINGS_AT_ONCE):
            some = values[start : start + _STRINGS_AT_ONCE]
            self.piece(array("Q", map(len, some)).tobytes())
            self.text("".join(some))

    def array(self, values: np.ndarray[Any, Any]) -> None:
        """Add an array: its dtype, its shape and its elements in C order."""
        dtype = values.dtype
        self.text(str(dtype.descr) if dtype.fields else dtype.str, str(values.shape))
        if dtype.hasobject:
            for value in values.ravel().tolist():
                self.value(value)
        else:
            for block in _blocks(values):
                self.raw(_bytes(block))

    def value(self, value: Any) -> None:
        """Add one Python object of any kind.

        Raises:
            InvalidValue: it cannot be read as bytes.
        """
        try:
            self._scalar(value)
        except RecursionError:
            raise InvalidValue("The data is nested too deeply to hash: give digest=.") from None

    def _scalar(self, value: Any) -> None:
        if isinstance(value, str):
            self.text("str", value)
        elif isinstance(value, float):
            self.piece(b"float" + struct.pack("<d", math.nan if math.isnan(value) else value))
        elif value is None or isinstance(value, int):
            self.text(type(value).__name__, str(value))
        else:
            self._container(value)

    def _container(self, value: Any) -> None:
        if isinstance(value, list | tuple):
            self._items("list", value)
        elif isinstance(value, Mapping):
            self._items("mapping", [part for item in value.items() for part in item])
        elif isinstance(value, set | frozenset):  # which have no order of their own
            self._items("set", sorted(digest_of(item) for item in value))
        elif hasattr(value, "dtype") and hasattr(value, "tobytes"):
            self._numpy(value)
        else:
            self._pickled(value)

    def _items(self, kind: str, items: Sequence[Any]) -> None:
        self.text(kind, str(len(items)))
        for item in items:
            self._scalar(item)

    def _numpy(self, value: Any) -> None:
        import numpy as np

        self.array(np.asarray(value))

    def _pickled(self, value: Any) -> None:
        try:
            self.piece(pickle.dumps(value, protocol=5))
        except Exception as error:
            raise InvalidValue(
                f"A value of type {type(value).__name__} cannot be hashed ({error}): give digest=."
            ) from error


def digest_of(value: object) -> str:
    """Return the hash of one Python object of any kind.

    Raises:
        InvalidValue: it cannot be read as bytes.
    """
    digest = Digest("value")
    digest.value(value)
    return str(digest)


def check_digest(digest: object) -> str:
    """Return a digest that somebody gave.

    Raises:
        InvalidValue: it is no text, empty, or has more than MLflow's 36 characters.
    """
    if not isinstance(digest, str) or not 0 < len(digest) <= 36:
        raise InvalidValue(f"A digest is a text of 1 to 36 characters, not {digest!r:.80}.")
    return digest


def _blocks(values: np.ndarray[Any, Any]) -> Iterator[np.ndarray[Any, Any]]:
    """Yield an array in parts along its first axis: a copy of a part is a small one."""
    if values.ndim == 0:
        yield values.reshape(1)
        return
    row = max(1, values[:1].nbytes)
    step = max(1, CHUNK // row)
    for start in range(0, len(values), step):
        yield values[start : start + step]


def _bytes(block: np.ndarray[Any, Any]) -> memoryview:
    """Return the elements as bytes; there is one NaN, whatever its bits were."""
    import numpy as np

    if block.dtype.kind in "fc" and (missing := np.isnan(block)).any():
        block = block.copy()
        block[missing] = np.nan
    return np.ascontiguousarray(block).reshape(-1).view(np.uint8).data
