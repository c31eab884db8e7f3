"""Magics in a cell that IPython has transformed: those that run Python are replaced by it."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

# Cell magics whose body is plain Python that runs in the notebook's own namespace.
PYTHON_MAGICS = {"time", "capture", "prun", "timeit", "track"}
BINDING_MAGICS = {"run", "pylab", "load", "loadpy", "store", "sql", "edit", "recall", "rerun"}


@contextmanager
def quietly() -> Iterator[None]:
    """Keep Python's syntax warnings to ourselves: IPython has shown them.

    Not by `warnings.catch_warnings`, which makes Python forget what it has warned of already.
    """
    ignore = ("ignore", None, Warning, None, 0)
    warnings.filters.insert(0, ignore)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        warnings.filters.remove(ignore)  # type: ignore[attr-defined]


@dataclass
class Inlined:
    """What a cell executes, magics included.

    Attributes:
        body: its statements; those of ``%%time`` and the like in place of these.
        binds: names that magics bind.
        opaque: why nobody sees all that they bind, or None.
    """

    body: list[ast.stmt] = field(default_factory=list)
    binds: set[str] = field(default_factory=set)
    opaque: str | None = None


def inlined(statements: Iterable[ast.stmt]) -> Inlined:
    """Return what the statements of a cell execute."""
    found = Inlined()
    found.body += _statements(statements, found)
    return found


def _statements(body: Iterable[ast.stmt], names: Inlined) -> Iterator[ast.stmt]:
    for statement in body:
        call = _magic_call(statement)
        if call is None:
            yield statement
            continue
        kind, magic, text = call
        if magic in BINDING_MAGICS:
            names.opaque = f"%{magic} may bind names"
        if kind == "run_cell_magic" and magic == "capture":
            names.binds.update(word for word in _arguments(statement).split() if word[0] != "-")
        if magic in PYTHON_MAGICS:
            yield from _parsed(text)


def _magic_call(statement: ast.stmt) -> tuple[str, str, str] | None:
    """Return (method, magic, code) of a statement ``get_ipython().run_…_magic('…', …)``."""
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return None
    function = statement.value.func
    if not isinstance(function, ast.Attribute) or not function.attr.startswith("run_"):
        return None
    texts = [
        argument.value
        for argument in statement.value.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]
    if len(texts) < 2 or not isinstance(function.value, ast.Call):
        return None
    return function.attr, texts[0], texts[-1]


def _arguments(statement: ast.stmt) -> str:
    values = [node.value for node in ast.walk(statement) if isinstance(node, ast.Constant)]
    return str(values[1]) if len(values) > 2 else ""


def _parsed(code: str) -> list[ast.stmt]:
    first, _, rest = code.lstrip().partition("\n")
    if first.startswith("%%") and first[2:].partition(" ")[0] in PYTHON_MAGICS:
        return _parsed(rest)
    try:
        return ast.parse(code).body
    except (SyntaxError, ValueError):
        return []
