"""Arrays and frames, known by their type's name: what they are, and a bounded sample of content.

Nothing is imported, and nothing is computed that is not there: lazy frames and what is on another
device are not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

BYTES = 32_768
"""An array up to so large is taken as it is."""
ITEMS = 1024
"""Of what is larger, so many items."""
TEXTS = 200
COLUMNS = 32

Sample = Iterator[Any]
"""Plain values, and objects to be looked into in their turn."""
Sampler = Callable[[Any], Sample]


def step_for(length: int, wanted: int) -> int:
    """Return the step at which at most `wanted` of so many items are met."""
    return max(1, -(-length // wanted))


def _array(value: Any) -> Sample:
    yield value.dtype.str, value.shape
    if value.dtype.hasobject:
        yield value.reshape(-1)[:: step_for(value.size, ITEMS)].tolist()
    else:
        yield (value if value.nbytes <= BYTES else _thinned(value)).tobytes()


def _thinned(value: Any) -> Any:
    """Return a view of every so manieth element along each axis."""
    steps = [1] * value.ndim
    counts = list(value.shape)
    while _product(counts) > ITEMS:
        longest = counts.index(max(counts))
        steps[longest] *= 2
        counts[longest] = -(-value.shape[longest] // steps[longest])
    return value[tuple(slice(None, None, step) for step in steps)]


def _product(counts: list[int]) -> int:
    total = 1
    for count in counts:
        total *= count
    return total


def _generator(value: Any) -> Sample:
    yield value.bit_generator.state


def _random_state(value: Any) -> Sample:
    yield value.get_state(legacy=False)


def _dice(value: Any) -> Sample:
    yield value.getstate()


def _frame(value: Any) -> Sample:
    rows, columns = value.shape
    yield rows, columns
    yield value.index
    yield value.columns
    for column in range(0, columns, step_for(columns, COLUMNS)):
        yield value._get_column_array(column)


def _series(value: Any) -> Sample:
    yield value.name
    yield value.index
    yield value._values


def _index(value: Any) -> Sample:
    yield list(value.names)
    yield value._range if type(value).__name__ == "RangeIndex" else value._values


def _multi_index(value: Any) -> Sample:
    yield list(value.names)
    yield from value.levels
    yield from value.codes


def _extension_array(value: Any) -> Sample:
    """Yield what pandas keeps of an array of its own: numbers, codes and masks, or Arrow's."""
    yield repr(value.dtype)[:500]
    if (arrow := getattr(value, "_pa_array", None)) is not None:
        yield len(arrow)
        yield arrow[:: step_for(len(arrow), TEXTS)].to_pylist()
        return
    for part in ("_ndarray", "_codes", "_data", "_mask", "_left", "_right"):
        yield getattr(value, part, None)


def _polars(value: Any) -> Sample:
    columns = value.get_columns() if type(value).__name__ == "DataFrame" else [value]
    yield len(columns), len(value)
    for column in columns[:: step_for(len(columns), COLUMNS)]:
        yield column.name, str(column.dtype)
        yield column.gather_every(step_for(len(column), ITEMS)).to_list()


def _tensor(value: Any) -> Sample:
    yield tuple(value.shape), str(value.dtype)
    if value.device.type != "cpu" or not value.is_contiguous():
        raise NotImplementedError
    yield value.detach().view(-1)[:: step_for(value.numel(), ITEMS)].tolist()


_SAMPLERS: dict[tuple[str, str], Sampler] = {
    ("numpy", "ndarray"): _array,
    ("numpy", "memmap"): _array,
    ("numpy", "Generator"): _generator,
    ("numpy", "RandomState"): _random_state,
    ("random", "Random"): _dice,
    ("pandas", "DataFrame"): _frame,
    ("pandas", "Series"): _series,
    ("pandas", "MultiIndex"): _multi_index,
    ("polars", "DataFrame"): _polars,
    ("polars", "Series"): _polars,
    ("torch", "Tensor"): _tensor,
    ("torch", "Parameter"): _tensor,
}


def sampler(package: str, name: str) -> Sampler | None:
    """Return what takes a sample of a type's values: None for a type that is not known."""
    if package == "pandas" and (package, name) not in _SAMPLERS:
        if name.endswith("Index"):
            return _index
        return _extension_array if name.endswith(("Array", "Categorical")) else None
    if package == "numpy" and name[:1].islower() and name not in {"ndarray", "memmap"}:
        return _scalar
    return _SAMPLERS.get((package, name))


def _scalar(value: Any) -> Sample:
    yield value.dtype.str, value.tobytes()


def owner(value: Any) -> Any:
    """Return the array whose memory an array of numpy's is a view of; else the value itself."""
    while type(value).__name__ == "ndarray" and type(value.base).__name__ == "ndarray":
        value = value.base
    return value
