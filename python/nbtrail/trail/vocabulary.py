"""What the names of a session stand for, as all its sources say together: nothing is executed."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TypeGuard

from nbtrail.trail import calls
from nbtrail.trail.python import python_of
from nbtrail.trail.syntax import free_names

Routine = ast.FunctionDef | ast.AsyncFunctionDef
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

_VIEWS = {"ravel", "reshape", "squeeze", "swapaxes", "transpose", "view"}
_NUMBERS_OF = {"builtins.len", "builtins.float", "builtins.int", "builtins.str", "builtins.round"}


class Vocabulary:
    """What the names of some cells stand for.

    Attributes:
        imports: the full name of what an import binds.
        routines: the functions and methods that the notebook defines, by name.
        consumables: names of what is used up by looking at it.
        used: every name that is read somewhere.
    """

    def __init__(self, sources: Iterable[str]) -> None:
        self.imports: dict[str, str] = {}
        self._functions: dict[str, set[str]] = {}
        self.routines: dict[str, list[Routine]] = {}
        self.consumables: set[str] = set()
        self.used: set[str] = set()
        self._bound: set[str] = set()
        self._objects: set[str] = set()
        self._shared: dict[str, set[str]] = {}
        trees = [tree for source in sources if (tree := python_of(source).tree) is not None]
        nodes = [node for tree in trees for node in ast.walk(tree)]
        for node in nodes:
            self._learn_name(node)
        for name in self._bound | self._functions.keys():
            self.imports.pop(name, None)
        for node in nodes:
            self._learn_value(node)

    def full_name(self, function: ast.expr) -> str | None:
        """Return the full name of a library's function; None for all that the notebook made."""
        path: list[str] = []
        while isinstance(function, ast.Attribute):
            path.insert(0, function.attr)
            function = function.value
        if not isinstance(function, ast.Name):
            return None
        root = function.id
        if root in self.imports:
            return ".".join([self.imports[root], *path])
        own = path or root in self._bound or root in self._functions
        return None if own or root not in calls.BUILTINS else f"builtins.{root}"

    def globals_of(self, name: str) -> set[str]:
        """Return the globals that a function or class of the notebook reads; none of another."""
        return self._functions.get(name, set())

    def behind(self, names: Iterable[str]) -> set[str]:
        """Return names, and the globals that functions and classes of these names read."""
        found: set[str] = set()
        todo = list(names)
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo += self.globals_of(name)
        return found

    def objects(self, names: Iterable[str]) -> set[str]:
        """Return those names, and all that share with them, that may stand for changing things."""
        found: set[str] = set()
        todo = [name for name in names if name in self._objects]
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo += self._shared.get(name, ())
        return found

    def _learn_name(self, node: ast.AST) -> None:
        if isinstance(node, Routine):
            self.routines.setdefault(node.name, []).append(node)
        if isinstance(node, DEFINITIONS):
            self._functions.setdefault(node.name, set()).update(free_names(node))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            self.used.add(node.id)
        elif isinstance(node, ast.Name):
            self._bound.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            self.imports |= dict(imported(node))

    def _learn_value(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._assign(target, node.value)
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            self._assign(node.target, node.value)
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            self._iterate(node.target, node.iter)
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            self._assign(node.optional_vars, node.context_expr)
        elif isinstance(node, ast.arg):
            self._objects.add(node.arg)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        names = names_in(target)
        if isinstance(value, ast.GeneratorExp) or self._makes_consumable(value):
            self.consumables |= names
        if not self._is_unchanging(value):
            self._objects |= names
        for name in names:
            for other in _parts(value):
                self._shared.setdefault(name, set()).add(other)
                self._shared.setdefault(other, set()).add(name)

    def _iterate(self, target: ast.expr, iterated: ast.expr) -> None:
        """Take what a loop gives for parts of what it goes through."""
        if isinstance(target, ast.Tuple) and self._is_zip(iterated):
            for one, source in zip(target.elts, iterated.args, strict=False):
                self._iterate(one, source)
            return
        names, others = names_in(target), names_in(iterated) & self._objects
        if others:
            self._objects |= names
        for name in names:
            self._shared.setdefault(name, set()).update(others)

    def _is_zip(self, value: ast.expr) -> TypeGuard[ast.Call]:
        return isinstance(value, ast.Call) and self.full_name(value.func) == "builtins.zip"

    def _makes_consumable(self, value: ast.expr) -> bool:
        if not isinstance(value, ast.Call):
            return False
        function = value.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        yields = (ast.Yield, ast.YieldFrom)
        return name in calls.CONSUMABLE_MAKERS or any(
            isinstance(node, yields)
            for routine in self.routines.get(name, [])
            for node in ast.walk(routine)
        )

    def _is_unchanging(self, value: ast.expr) -> bool:
        """Say whether a value is a number, a text or a drawing: nothing that a slice must watch."""
        if isinstance(value, ast.UnaryOp):
            return self._is_unchanging(value.operand)
        if isinstance(value, ast.Call):
            full = self.full_name(value.func) or ""
            return full in _NUMBERS_OF or calls.package_of(full) in calls.DRAWING_PACKAGES
        return isinstance(value, ast.Constant | ast.JoinedStr | ast.Compare)


def imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """Yield the names that an import binds, with the full names of what they stand for."""
    for alias in node.names:
        name = alias.asname or alias.name.partition(".")[0]
        if isinstance(node, ast.ImportFrom):
            yield name, f"{node.module}.{alias.name}"
        else:
            yield name, alias.name if alias.asname else name


def names_in(node: ast.AST) -> set[str]:
    """Return every name in a piece of syntax."""
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _parts(value: ast.expr) -> Iterator[str]:
    """Yield the names of what a value may be, be a part of, or hold."""
    match value:
        case ast.Name():
            yield value.id
        case ast.Call(func=ast.Attribute() as method):
            if method.attr in _VIEWS:
                yield from _parts(method.value)
        case ast.Attribute() | ast.Subscript() | ast.Starred() | ast.Await():
            yield from _parts(value.value)
        case ast.Tuple() | ast.List() | ast.Set() | ast.Dict() | ast.IfExp():
            for inner in ast.iter_child_nodes(value):
                if isinstance(inner, ast.expr):
                    yield from _parts(inner)
