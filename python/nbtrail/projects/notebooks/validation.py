"""Given parameters against declared ones: unknown names and wrong types are refused."""

from __future__ import annotations

import ast
import json
import re
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from nbtrail.errors import InvalidValue, did_you_mean
from nbtrail.projects.notebooks.inspection import Parameter

_NAMED: dict[str, Any] = {
    "bool": bool, "int": int, "float": float, "str": str, "None": None, "Any": Any,
    "list": list, "tuple": tuple, "dict": dict, "List": list, "Tuple": tuple, "Dict": dict,
    "Sequence": list, "Mapping": dict,
    "Optional": typing.Optional, "Union": typing.Union, "Literal": typing.Literal,
}  # fmt: skip

_NAME = re.compile(r"[^\W\d][\w.]*")  # R's variables may have dots


def validated(
    given: Mapping[str, object], declared: list[Parameter], notebook: str
) -> dict[str, Any]:
    """Return the values that `given` stands for.

    A string is read by the parameter's type, as it comes from a command line; any other value
    must be of that type (an int is a float, too).

    Raises:
        InvalidValue: a name that `notebook` does not have, or a value of another type.
    """
    known = {parameter.name: parameter for parameter in declared}
    for name in given:
        if name not in known:
            raise InvalidValue(_unknown(name, known, notebook), parameter=name)
    return {name: _value(known[name], value, notebook) for name, value in given.items()}


def guessed(given: Mapping[str, object], notebook: str) -> dict[str, Any]:
    """Return the likeliest values, for a notebook whose language tells no parameters.

    Raises:
        InvalidValue: a name that cannot be a variable's.
    """
    for name in given:
        if not _NAME.fullmatch(name):
            raise InvalidValue(
                f"'{name}' is not a name that a parameter of {notebook} can have.", parameter=name
            )
    return {
        name: next(_readings(value)) if isinstance(value, str) else _plain(value)
        for name, value in given.items()
    }


def _unknown(name: str, known: Iterable[str], notebook: str) -> str:
    names = ", ".join(known)
    has = f"It has: {names}." if names else "It has none: tag the cell that sets them 'parameters'."
    return f"{notebook} has no parameter '{name}'.{did_you_mean(name, known)} {has}"


def _value(parameter: Parameter, given: object, notebook: str) -> Any:
    expected = expected_type(parameter.type)
    if isinstance(given, str):
        readings: Iterable[Any] = [given] if expected is str else _readings(given)
    else:
        readings = [_plain(given)]
    for reading in readings:
        try:
            return msgspec.convert(reading, expected)
        except msgspec.ValidationError:
            continue
    raise InvalidValue(_mismatch(parameter, given, notebook), parameter=parameter.name)


def _mismatch(parameter: Parameter, given: object, notebook: str) -> str:
    why = f" (its default is {parameter.default})" if parameter.default else ""
    return (
        f"Parameter '{parameter.name}' of {notebook} must be {parameter.type}{why}, "
        f"got {given!r:.80}. To allow other types, annotate it in the notebook."
    )


def _readings(text: str) -> Iterator[Any]:
    """Yield what `text` may stand for, likeliest first; the text itself is always one."""
    readers: tuple[Callable[[str], Any], ...] = (json.loads, ast.literal_eval, str, float)
    for read in readers:
        try:
            yield read(text)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            continue


def _plain(value: Any) -> Any:
    """Return numpy's numbers and arrays as the Python values that can be written into a cell."""
    return value.tolist() if hasattr(value, "tolist") else value


def expected_type(written: str | None) -> Any:
    """Return the type that an annotation names; Any for one that cannot be checked here."""
    try:
        expected = _resolve(ast.parse(written or "Any", mode="eval").body)
        msgspec.json.Decoder(expected)  # refuses the types that it cannot check
    except (SyntaxError, LookupError, TypeError, ValueError):
        return Any
    return expected


def _resolve(node: ast.expr) -> Any:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _NAMED[name]
        case ast.Constant(value=value):  # 'int | None' in quotes; None; the dots of tuple[int, ...]
            return _resolve(ast.parse(value, mode="eval").body) if type(value) is str else value
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return typing.Union[_resolve(left), _resolve(right)]  # noqa: UP007
        case ast.Subscript(value=ast.Name(id="Literal") | ast.Attribute(attr="Literal")):
            return typing.Literal[ast.literal_eval(node.slice)]
        case ast.Subscript(value=value, slice=ast.Tuple(elts=elements)):
            return _resolve(value)[tuple(_resolve(element) for element in elements)]
        case ast.Subscript(value=value, slice=element):
            return _resolve(value)[_resolve(element)]
    raise LookupError(ast.unparse(node))
