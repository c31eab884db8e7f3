"""Functions as models: a snapshot of a function with all that it needs, and its type hints.

The snapshot holds the function by value, with the values of the notebook that it reads, as they
were when it was taken. `_load_pyfunc` makes it a model like any other.
"""

from __future__ import annotations

import inspect
import textwrap
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.errors import BadRequest, InvalidValue
from nbtrail.models import MLmodel

FILE, SOURCE = "function.pkl", "function.py"
LOADER = "nbtrail.serving.functions"


def save(function: Callable[..., Any], directory: Path, source: str | None = None) -> None:
    """Write a snapshot of a function as a model directory.

    Args:
        function: what the endpoint is to call; type hints say what it takes and gives.
        directory: is made.
        source: the code that it comes from, for people to read; by default its own.

    Raises:
        InvalidValue: it cannot be called by name alone, or needs something that cannot be kept.
    """
    import cloudpickle

    arguments_of(function)
    try:
        content = cloudpickle.dumps(function)
    except Exception as error:
        raise InvalidValue(
            f"The function {function.__name__} needs something that cannot be kept "
            f"({type(error).__name__}: {error!s:.200}): make it there, or pass it as an argument."
        ) from error
    directory.mkdir(parents=True)
    (directory / FILE).write_bytes(content)
    (directory / SOURCE).write_text(source or _source(function))
    loaded_by = {"loader_module": LOADER, "data": FILE}
    MLmodel(flavors={"python_function": loaded_by}).write(directory)


def arguments_of(function: Callable[..., Any]) -> type[msgspec.Struct]:
    """Return the record of a function's arguments, by its type hints.

    Raises:
        InvalidValue: it has arguments that cannot be given by name.
    """
    hints = _hints(function)
    fields: list[Any] = []
    for name, one in inspect.signature(function).parameters.items():
        if one.kind in {one.POSITIONAL_ONLY, one.VAR_POSITIONAL, one.VAR_KEYWORD}:
            raise InvalidValue(f"An endpoint's function takes arguments by name: '{one}' has none.")
        hint = _known(hints.get(name, Any))
        default = one.default
        fields.append((name, hint) if default is one.empty else (name, hint, _default(default)))
    return msgspec.defstruct("Arguments", fields, kw_only=True, forbid_unknown_fields=True)


def result_of(function: Callable[..., Any]) -> Any:
    """Return the type of what a function gives, or Any."""
    return _known(_hints(function).get("return", Any))


class Function:
    """A function that was loaded; as a model it is called once for each row."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.arguments = arguments_of(function)
        self.result = result_of(function)
        self.streams = inspect.isgeneratorfunction(function)
        self._decode = msgspec.json.Decoder(self.arguments).decode

    def call(self, body: bytes) -> Any:
        """Call it with the arguments in a JSON body.

        Raises:
            BadRequest: the body is not JSON.
            InvalidValue: an argument is missing, unknown or of another type.
        """
        try:
            given = self._decode(body)
        except msgspec.ValidationError as error:
            raise InvalidValue(f"The arguments do not fit: {error}.") from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise BadRequest("The body is not valid JSON.") from None
        return self.function(**msgspec.structs.asdict(given))

    def predict(self, data: Any) -> list[Any]:
        """Call it once for each row of a table, as `pyfunc` does."""
        return [self._one(row) for row in _rows(data)]

    def _one(self, row: dict[str, Any]) -> Any:
        given = msgspec.convert(row, self.arguments, strict=False)
        found = self.function(**msgspec.structs.asdict(given))
        return list(found) if self.streams else found


def _load_pyfunc(path: str) -> Function:
    import cloudpickle

    return Function(cloudpickle.loads(Path(path).read_bytes()))


def _rows(data: Any) -> Iterator[dict[str, Any]]:
    if hasattr(data, "to_dict"):
        yield from data.to_dict(orient="records")
    elif isinstance(data, dict):
        yield data
    else:
        yield from data


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function, include_extras=True)
    except (NameError, TypeError):  # a name that is only for type checkers
        return {}


def _known(hint: Any) -> Any:
    """Return a hint if JSON can be held against it, else Any."""
    try:
        msgspec.json.Decoder(hint)
        msgspec.json.schema(hint)
    except (TypeError, ValueError, RuntimeError):
        return Any
    return hint


def _default(value: Any) -> Any:
    return msgspec.field(default_factory=lambda: value) if value.__hash__ is None else value


def _source(function: Callable[..., Any]) -> str:
    try:
        return textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        return "# The source is not known.\n"
