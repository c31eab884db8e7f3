"""Functions as models: a snapshot of a function with all that it needs, and its type hints.

A notebook's function is kept as source, with what it reads (`nbtrail.models.cells`): people can
read that, another Python can run it, and its hints stay what they are. Where that is not possible,
such as for a closure, it is pickled by value. `_load_pyfunc` makes it a model like any other.
"""

from __future__ import annotations

import ast
import inspect
import math
import platform
import re
import shutil
import textwrap
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.errors import BadRequest, InvalidValue
from nbtrail.models import MLmodel, cells, environment, integrity, pickles
from nbtrail.models.mlmodel import PYFUNC
from nbtrail.models.saving import Extras

FILE, SOURCE = "function.pkl", "function.py"
LOADER = "nbtrail.serving.functions"


def save(function: Callable[..., Any], directory: Path, *, packages: bool = False) -> None:
    """Write a snapshot of a function as a model directory.

    Args:
        function: what the endpoint is to call; type hints say what it takes and gives.
        directory: is made.
        packages: whether to find and record which packages it needs; that loads it in a process
            of its own.

    Raises:
        InvalidValue: it cannot be called by name alone, or needs something that cannot be kept.
    """
    arguments_of(function)
    directory.mkdir(parents=True)
    try:
        data = _write(function, directory)
    except BaseException:
        shutil.rmtree(directory)
        raise
    loaded_by = {"loader_module": LOADER, "data": data, "function": function.__name__}
    loaded_by["python_version"] = platform.python_version()
    MLmodel(flavors={PYFUNC: loaded_by}).write(directory)
    if packages:
        environment.record(directory, ["cloudpickle"], Extras(), is_open=True)
    integrity.seal(directory)


def _write(function: Callable[..., Any], directory: Path) -> str:
    """Write the function; return the file from which it is loaded."""
    if cells.save(function, directory) is not None:
        return cells.FILE
    import cloudpickle

    hints = function.__annotations__
    try:
        # A name that only a hint uses, of a text at that, would not come along.
        function.__annotations__ = _hints(function) or hints
        content = cloudpickle.dumps(function)
    except Exception as error:
        raise InvalidValue(
            f"The function {function.__name__} needs something that cannot be kept "
            f"({type(error).__name__}: {error!s:.200}): make it there, or pass it as an argument."
        ) from error
    finally:
        function.__annotations__ = hints
    (directory / FILE).write_bytes(content)
    (directory / SOURCE).write_text(_source(function))
    return FILE


def source_of(directory: Path) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """Return the code of a snapshot's function, None where it is not known."""
    config = MLmodel.read(directory).flavors.get(PYFUNC, {})
    name = cells.FILE if config.get("data") == cells.FILE else SOURCE
    if config.get("loader_module") != LOADER or not (directory / name).is_file():
        return None
    try:
        body = ast.parse((directory / name).read_text(encoding="utf-8")).body
    except SyntaxError:
        return None
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return next((one for one in reversed(body) if isinstance(one, kinds)), None)


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


class Misfit(InvalidValue):
    """Arguments of a row that the function does not take."""


class Function:
    """A function that was loaded; as a model it is called once for each row."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.arguments = arguments_of(function)
        self.result = result_of(function)
        fields = msgspec.structs.fields(self.arguments)
        self._needed = {one.name for one in fields if one.required}
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
            raise InvalidValue(f"The arguments do not fit: {_without_values(error)}.") from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise BadRequest("The body is not valid JSON.") from None
        return self.function(**msgspec.structs.asdict(given))

    def predict(self, data: Any) -> list[Any]:
        """Call it once for each row: of a list of dicts, or of a table as `pyfunc` has it."""
        if isinstance(data, list):
            return [self._one(row) for row in data]
        return [self._one(self._present(row), strict=False) for row in _rows(data)]

    def _one(self, row: dict[str, Any], *, strict: bool = True) -> Any:
        try:
            given = msgspec.convert(row, self.arguments, strict=strict)
        except msgspec.ValidationError as error:
            raise Misfit(f"The arguments do not fit: {_without_values(error)}.") from None
        found = self.function(**msgspec.structs.asdict(given))
        return list(found) if self.streams else found

    def _present(self, row: dict[str, Any]) -> dict[str, Any]:
        """A table says NaN of what a row has not: the default stands, or null."""
        return {
            name: None if _is_nan(value) else value
            for name, value in row.items()
            if name in self._needed or not _is_nan(value)
        }


_ECHOES = re.compile(
    r"(Invalid (?:enum )?value|Object contains unknown field) .*?( - at `[^`]*`)?", re.DOTALL
)


def _without_values(error: msgspec.ValidationError) -> str:
    """Return what is wrong, without the value or the name that was sent."""
    said = str(error)
    found = _ECHOES.fullmatch(said)
    return f"{found[1]}{found[2] or ''}" if found else said


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _load_pyfunc(path: str) -> Function:
    file = Path(path)
    if file.name == cells.FILE:
        name = MLmodel.read(file.parent).flavors[PYFUNC]["function"]
        return Function(cells.load(file.parent, name))
    return Function(pickles.read(file))


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
