"""Small questions about pieces of syntax: what they read, whose method is called, on what data."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

_IN_TEXT = re.compile(r"@(\w+)")
_FILLS = frozenset({"clear", "pop", "popitem", "setdefault", "update"})
PREDICTORS = {"predict", "predict_proba", "predict_log_proba", "decision_function"}


# What may be a literal, beside a constant and set(). 1 + 2j is one, too, but nobody's param.
_LITERALS = (ast.Tuple, ast.List, ast.Set, ast.Dict, ast.UnaryOp)


def literal_value(node: ast.expr) -> tuple[bool, Any]:
    """Return (True, value) for a literal, else (False, None)."""
    if type(node) is ast.Constant:
        return True, node.value
    if type(node) not in _LITERALS and not (isinstance(node, ast.Call) and not node.args):
        return False, None
    try:
        return True, ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False, None


def free_names(node: ast.AST) -> set[str]:
    """Return the names that a function, class, lambda or comprehension reads from outside it."""
    loaded: set[str] = set()
    inner: set[str] = set()
    bound: set[str] = set()
    declared: set[str] = set()
    # A comprehension's first iterable is evaluated outside of it.
    outside = node.generators[0].iter if isinstance(node, _COMPREHENSIONS) else None
    for child in _scope(node, outside):
        if isinstance(child, _INNER_SCOPES):
            inner |= free_names(child)
        if isinstance(child, ast.Call):
            loaded |= named_in_text(child)
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Load):
            loaded.add(child.id)
        elif isinstance(child, ast.Global):
            declared.update(child.names)
        elif (name := bound_name(child)) is not None:
            bound.add(name)
    bound -= declared
    # What a class binds is not seen from within its methods.
    free = (loaded - bound) | (inner if isinstance(node, ast.ClassDef) else inner - bound)
    return free if outside is None else free | free_names(ast.Expr(outside))


def names_when_called(node: ast.AST) -> set[str]:
    """Return the names that a function or class reads from outside it once it is there.

    Not those of defaults and of what stands in a class's body: they are evaluated where it is
    defined. What decorators and bases read may be called with it.
    """
    if isinstance(node, ast.ClassDef):
        inner = [child for child in _scope(node) if isinstance(child, _CALLED_LATER)]
        around = [*node.bases, *(keyword.value for keyword in node.keywords)]
        found = set[str]().union(*map(names_when_called, inner))
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        around = []
        found = free_names(ast.Module(node.body, [])) - _arguments(node.args)
    else:
        return free_names(node)
    return found.union(*(free_names(ast.Expr(one)) for one in [*around, *node.decorator_list]))


def _arguments(arguments: ast.arguments) -> set[str]:
    plain = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    rest = [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
    return {one.arg for one in [*plain, *rest]}


_CALLED_LATER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_INNER_SCOPES = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, *_COMPREHENSIONS
)  # fmt: skip


def bound_name(node: ast.AST) -> str | None:
    """Return the name that a node of any kind but ``import *`` binds in its scope."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.arg):
        return node.arg
    if isinstance(node, ast.alias):
        return (node.asname or node.name).split(".", 1)[0]
    if isinstance(node, ast.MatchMapping):
        return node.rest
    if isinstance(node, _BY_NAME):
        return node.name
    return None


_BY_NAME = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef,
    ast.ExceptHandler, ast.MatchAs, ast.MatchStar,
)  # fmt: skip


def _scope(node: ast.AST, outside: ast.AST | None = None) -> Iterator[ast.AST]:
    """Walk a scope but for what is outside, giving inner scopes without going into them."""
    for child in ast.iter_child_nodes(node):
        if child is outside:
            continue
        yield child
        if not isinstance(child, _INNER_SCOPES):
            yield from _scope(child, outside)


def argument_defaults(arguments: ast.arguments) -> list[ast.expr]:
    """Return the default values of a signature: they are evaluated where it stands."""
    return [*arguments.defaults, *(value for value in arguments.kw_defaults if value is not None)]


def root_name(node: ast.expr) -> str | None:
    """Return ``x`` of ``x.a[0].b``."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def method_root(call: ast.Call) -> str | None:
    """Return ``x`` of ``x.method(…)``."""
    return root_name(call.func) if isinstance(call.func, ast.Attribute) else None


def called(call: ast.Call) -> str:
    """Return the last name of what is called."""
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def named_in_text(call: ast.Call) -> set[str]:
    """Return ``k`` of ``frame.query("x > @k")``: pandas looks names up that are in its texts."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in {"query", "eval"}:
        return set()
    return {
        name
        for argument in (*call.args, *(keyword.value for keyword in call.keywords))
        for part in ast.walk(argument)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
        for name in _IN_TEXT.findall(part.value)
    }


def sets_state(node: ast.expr) -> bool:
    """Say whether a call is one that sets something.

    ``np.random.seed(…)``, ``x.set_…(…)``, and what a dictionary of a module is given:
    ``os.environ.update(…)``. How values are shown does not count.
    """
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    name, owner = node.func.attr, node.func.value
    first = literal_value(node.args[0])[1] if node.args else None
    if name == "set_printoptions" or str(first).startswith("display."):
        return False
    fills = name in _FILLS and isinstance(owner, ast.Attribute)
    return fills or "seed" in name or name.startswith(("set_", "use"))


def predicted_from(value: ast.expr) -> str | None:
    """Return ``X`` of ``….predict(X)``."""
    if isinstance(value, ast.Subscript):
        value = value.value
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        return None
    if value.func.attr not in PREDICTORS or not value.args:
        return None
    return root_name(value.args[0])


def dataset_of(call: ast.Call, predictions: dict[str, str]) -> str:
    """Return the name of the data that a call of a metric function was about.

    MLflow's autolog calls it ``unknown_dataset`` where it cannot be seen.
    """
    for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
        if (found := predicted_from(argument)) is not None:
            return found
        if isinstance(argument, ast.Name) and argument.id in predictions:
            return predictions[argument.id]
    return "unknown_dataset"
