"""Functions of notebook cells as models: their source, with what they read and no more.

From the function on, everything that it reads by name is followed. Functions and classes of the
notebook become source, in the order in which they were defined; modules and what was imported
from them become imports; plain values become literals; other values, such as a fitted estimator,
are pickled beside the source. No cell is run again when the model is loaded: what a cell computed
is kept as it was, and the cells that computed it are told beside it (see trails.py).
"""

from __future__ import annotations
import __future__

import ast
import inspect
import linecache
import math
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from nbtrail.models import pickles, sources, trails
from nbtrail.trail.names import analyse

FILE, VALUES = "cells.py", "values.pkl"
LONGEST = 2000  # characters of a literal; what is longer is pickled


class Slice(msgspec.Struct):
    """What a function needs, by name, each after what it needs itself.

    `imports` are lines, `literals` values as Python writes them, `parts` the sources of functions
    and classes, `cells` where those came from, and `values` all else.
    """

    imports: dict[str, str] = {}
    literals: dict[str, str] = {}
    parts: dict[str, str] = {}
    values: dict[str, Any] = {}
    cells: set[str] = set()
    seen: set[str] = set()


class Unslicable(Exception):
    """There is something whose source cannot be found, or that has a closure."""


def save(function: Any, directory: Path) -> dict[str, Any] | None:
    """Write a notebook's function; return what is worth knowing, None if it is not one.

    Raises:
        InvalidValue: a value that it reads cannot be pickled.
    """
    if function.__module__ != "__main__" or function.__name__ == "<lambda>":
        return None
    found = Slice()
    try:
        _follow(function.__name__, function, function.__globals__, found)
    except Unslicable as error:
        pickles.say_by_value(function.__name__, str(error))
        return None
    (directory / FILE).write_text(text_of(found), encoding="utf-8")
    if found.values:
        pickles.write(found.values, directory / VALUES, warn=False)
    trails.write(found.seen, directory)
    return {
        "function": {"name": function.__name__, "cells": len(found.cells), "reads": _told(found)}
    }


def tell(model: Any, directory: Path) -> None:
    """Tell the cells that an object came from, if a notebook defined its class.

    The object itself is kept otherwise: what its methods read, and what holds it, are looked at.
    """
    kind, names = type(model), vars(sys.modules["__main__"])
    if kind.__module__ != "__main__":
        return
    found = Slice(seen={name for name, value in names.items() if value is model})
    with suppress(Unslicable):
        _follow(kind.__name__, kind, names, found)
    trails.write(found.seen, directory)


def _told(found: Slice) -> dict[str, list[str]]:
    kinds = {"code": found.parts, "literals": found.literals, "values": found.values}
    return {kind: sorted(names) for kind, names in kinds.items() if names}


def load(directory: Path, name: str) -> Any:
    """Return the function; runs its source."""
    values = directory / VALUES
    names = pickles.read(values) if values.is_file() else {}
    return getattr(sources.run(directory / FILE, names), name)


def text_of(found: Slice) -> str:
    """Return the source of a slice: imports, values, then definitions."""
    literals = [f"{name} = {literal}" for name, literal in found.literals.items()]
    beside = [f"# {name}: kept in {VALUES}" for name in sorted(found.values)]
    blocks = [
        "\n".join(sorted(found.imports.values())),
        "\n".join([*literals, *beside]),
        *found.parts.values(),
    ]
    return "\n\n\n".join(block.rstrip() for block in blocks if block) + "\n"


def _follow(name: str, value: Any, names: dict[str, Any], found: Slice) -> None:
    """Take in a value that goes by a name, and what that reads."""
    if name in found.seen:
        return
    found.seen.add(name)
    if isinstance(value, ModuleType):
        found.imports[name] = f"import {value.__name__}" + _as(name, value.__name__)
    elif (line := _imported(name, value)) is not None:
        found.imports[name] = line
    elif inspect.isfunction(value) or inspect.isclass(value):
        _follow_definition(name, value, names, found)
    elif (literal := _literal(value)) is not None:
        found.literals[name] = literal
    else:
        found.values[name] = value


def _as(name: str, module: str) -> str:
    return "" if name == module else f" as {name}"


def _imported(name: str, value: Any) -> str | None:
    """Return the import of what a module defines under a name; None for what none does."""
    module, own = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if module == "__main__" or not isinstance(module, str) or not isinstance(own, str):
        return None
    if getattr(sys.modules.get(module), own, None) is not value:
        return None
    return f"from {module} import {own}" + _as(name, own)


def _follow_definition(name: str, value: Any, names: dict[str, Any], found: Slice) -> None:
    if getattr(value, "__closure__", None):
        raise Unslicable(f"{name} uses variables of a function that it was made in")
    if value.__name__ != name:
        raise Unslicable(f"{name} is another name of {value.__name__}")
    cell, source = _source_of(name, value)
    for read in sorted(_names_read(source)):
        if read in names:
            _follow(read, names[read], names, found)
    if _has_late_hints(value):
        found.imports["annotations"] = "from __future__ import annotations"
    found.parts[name] = source
    found.cells.add(cell)


def _names_read(source: str) -> set[str]:
    """Return the globals that a definition reads, when it is made and when it is called."""
    known = analyse(source)
    tree = ast.parse(source)
    hints = [
        getattr(node, "annotation", None) or getattr(node, "returns", None)
        for node in ast.walk(tree)
    ]
    hinted = {n.id for hint in hints if hint for n in ast.walk(hint) if isinstance(n, ast.Name)}
    return (
        known.loads | known.uses | hinted | {n for read in known.functions.values() for n in read}
    )


def _has_late_hints(value: Any) -> bool:
    code = getattr(value, "__code__", None)
    return bool(code and code.co_flags & __future__.annotations.compiler_flag)


def _source_of(name: str, value: Any) -> tuple[str, str]:
    """Return the file, or the cell as Python names it, and the source of a definition."""
    code = getattr(inspect.unwrap(value), "__code__", None)
    # A class does not say where it was defined; its cell is the last one that defines the name.
    files = [code.co_filename] if code else [*reversed(linecache.cache), _script()]
    for file in files:
        found = _definition(name, linecache.getlines(file), code.co_firstlineno if code else None)
        if found is not None:
            return file, found
    raise Unslicable(f"the source of {name} is not there")


def _script() -> str:
    return str(getattr(sys.modules["__main__"], "__file__", ""))


def _definition(name: str, lines: list[str], line: int | None) -> str | None:
    """Return the source of a top-level definition in a cell, None if it is not there."""
    try:
        tree = ast.parse("".join(lines))
    except SyntaxError:
        return None
    for node in reversed(tree.body):
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef) if line else (ast.ClassDef,)
        if isinstance(node, kinds) and node.name == name:
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            if line in {None, first, node.lineno}:
                return "".join(lines[first - 1 : node.end_lineno])
    return None


def _literal(value: Any) -> str | None:
    """Return plain data as Python writes it; None for what is not, or is long."""
    if isinstance(value, float) and not math.isfinite(value):
        return f"float('{value}')"
    text = repr(value)
    if len(text) > LONGEST:
        return None
    try:
        same = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return text if type(same) is type(value) and same == value else None
