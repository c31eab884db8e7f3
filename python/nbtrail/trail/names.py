"""What a cell's source says about names: read, bound, mutated, set to a literal.

Pure analysis of one source, cached by it; nothing is executed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from nbtrail.trail.calls import seeds
from nbtrail.trail.inlined import inlined, quietly
from nbtrail.trail.syntax import (
    argument_defaults,
    bound_name,
    called,
    free_names,
    literal_value,
    method_root,
    named_in_text,
    names_when_called,
    predicted_from,
    root_name,
    sets_state,
)


@dataclass
class CellNames:
    """What one cell does to the notebook's global names.

    Attributes:
        loads: names read before the cell itself has surely bound them.
        uses: all names read at top level, those that the cell bound itself included.
        binds: names bound at top level.
        surely: names bound at top level whatever way the cell goes to its end.
        computed: names bound by something else than a literal.
        literals: names whose every binding in the cell is a literal, with the last value.
        mutates: names whose object is changed in place.
        configures: those of them that are set something: ``x.a = …``, ``x.seed(…)``.
        augments: those of them of which a part is changed by what it was: ``x[0] += 1``.
        seeds: whether it calls something that sets a generator of random numbers.
        imports: names bound to modules.
        functions: globals read by the functions and classes that the cell defines.
        predictions: ``{"pred": "X_test"}`` for ``pred = model.predict(X_test)``.
        last_call: the last expression, if it is a call.
        last_root: ``x`` if the last expression is a method call ``x.m(…)``.
        opaque: why the source does not tell all that the cell binds, or None.
    """

    loads: set[str] = field(default_factory=set)
    uses: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    surely: set[str] = field(default_factory=set)
    computed: set[str] = field(default_factory=set)
    literals: dict[str, Any] = field(default_factory=dict)
    mutates: set[str] = field(default_factory=set)
    configures: set[str] = field(default_factory=set)
    augments: set[str] = field(default_factory=set)
    seeds: bool = False
    imports: set[str] = field(default_factory=set)
    functions: dict[str, set[str]] = field(default_factory=dict)
    predictions: dict[str, str] = field(default_factory=dict)
    last_call: ast.Call | None = None
    last_root: str | None = None
    opaque: str | None = None


@lru_cache(maxsize=512)
def analyse(source: str) -> CellNames:
    """Analyse a cell as IPython transformed it; what cannot be analysed is opaque."""
    try:
        with quietly():
            tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return CellNames(opaque="the cell is not valid Python")
    except (RecursionError, MemoryError):
        return CellNames(opaque=_TOO_DEEP)
    return analyse_parsed(tree.body)


def analyse_parsed(statements: list[ast.stmt]) -> CellNames:
    """Analyse a cell that has been parsed."""
    try:
        return _analyse(statements)
    except (RecursionError, MemoryError):
        return CellNames(opaque=_TOO_DEEP)


_TOO_DEEP = "the cell is too deeply nested"
_LISTING = frozenset({"dir", "locals", "vars"})


def _analyse(statements: list[ast.stmt]) -> CellNames:
    cell = inlined(statements)
    names, body = CellNames(binds=cell.binds, opaque=cell.opaque), cell.body
    visitor = _Visitor(names)
    last = body[-1] if body else None
    if not isinstance(last, ast.Expr):
        visitor.run(body)
        names.surely = visitor.surely_bound
        return names
    visitor.run(body[:-1])
    names.surely = visitor.surely_bound
    # Whether a last expression mutated something shows in what it returned: see last_root.
    visitor.visit(last.value)
    if isinstance(last.value, ast.Call):
        names.last_call, names.last_root = last.value, method_root(last.value)
        if sets_state(last.value) and names.last_root:
            names.configures.add(names.last_root)
    return names


class _Visitor(ast.NodeVisitor):
    """Walks the top level of a cell in order of execution."""

    def __init__(self, names: CellNames) -> None:
        self.names = names
        self._sure: set[str] = set()
        self._depth = 0

    @property
    def surely_bound(self) -> set[str]:
        """The names that are bound by now, whichever branches were taken."""
        return self._sure

    def run(self, body: Sequence[ast.AST]) -> None:
        for statement in body:
            self.visit(statement)

    # As `ast.NodeVisitor` does it, in a third of the time: cells are analysed while people wait.

    def visit(self, node: ast.AST) -> None:
        kind = type(node)
        if kind not in _TELLS_NOTHING:
            _VISITS[kind](self, node)

    def generic_visit(self, node: ast.AST) -> None:
        for name in node._fields:
            value = getattr(node, name, None)
            if type(value) is list:
                for item in value:
                    if isinstance(item, ast.AST):
                        self.visit(item)
            elif isinstance(value, ast.AST):
                self.visit(value)

    # Names

    def visit_Name(self, node: ast.Name) -> None:
        if type(node.ctx) is ast.Load:
            self._load(node.id)
        else:
            self._bind(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.visit(node.value)

    def _load(self, name: str) -> None:
        self.names.uses.add(name)
        if name not in self._sure:
            self.names.loads.add(name)

    def _bind(self, name: str) -> None:
        self.names.binds.add(name)
        self._sure.add(name)
        self._not_literal(name)

    def _not_literal(self, name: str) -> None:
        self.names.literals.pop(name, None)

    # Assignments

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self._assign(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.visit(node.annotation)
        if node.value is not None:
            self.visit(node.value)
            self._assign(node.target, node.value)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self._assign(node.target, node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        if isinstance(node.target, ast.Name):
            self._load(node.target.id)
            self._bind(node.target.id)
            self.names.computed.add(node.target.id)
        else:
            self._mutate(node.target)
            self.names.augments.update(filter(None, [root_name(node.target)]))

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            values = value.elts if isinstance(value, ast.Tuple | ast.List) else []
            same = len(values) == len(target.elts)
            for index, element in enumerate(target.elts):
                self._assign(element, values[index] if same else value)
        elif isinstance(target, ast.Starred):
            self._assign(target.value, value)
        elif isinstance(target, ast.Name):
            self._assign_name(target.id, value)
        else:
            self._mutate(target)

    def _assign_name(self, name: str, value: ast.expr) -> None:
        seen = name in self.names.binds and name not in self.names.literals
        self._bind(name)
        known, literal = literal_value(value)
        if not known:
            self.names.computed.add(name)
        elif not seen and self._depth == 0:
            self.names.literals[name] = literal
        if (dataset := predicted_from(value)) is not None:
            self.names.predictions[name] = dataset

    # Mutations

    def _mutate(self, target: ast.expr) -> None:
        self.generic_visit(target)
        if (root := root_name(target)) is not None:
            self._load(root)
            self.names.mutates.add(root)
            self.names.configures.add(root)
            self._not_literal(root)

    def visit_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self._bind(target.id)
            else:
                self._mutate(target)

    def visit_Expr(self, node: ast.Expr) -> None:
        self.visit(node.value)
        value = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(value, ast.Call) and (root := method_root(value)) is not None:
            self.names.mutates.add(root)
            self._not_literal(root)
            if sets_state(value):
                self.names.configures.add(root)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id in {"exec", "eval", "globals"}:
            self.names.opaque = f"{node.func.id}() may bind names"
        elif isinstance(node.func, ast.Name) and node.func.id in _LISTING and not node.args:
            self.names.opaque = f"{node.func.id}() tells of all names"
        self.names.seeds |= seeds(called(node))
        for name in named_in_text(node):
            self._load(name)
        self.visit(node.func)
        self.run(node.args)
        for keyword in node.keywords:
            self.visit(keyword.value)

    # Imports, definitions, scopes

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.split(".", 1)[0]
            self._bind(name)
            self.names.imports.add(name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.names.opaque = f"'from {node.module} import *' binds names unseen"
            else:
                self._bind(alias.asname or alias.name)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for expression in (*node.decorator_list, *argument_defaults(node.args)):
            self.visit(expression)
        self._bind(node.name)
        self.names.functions[node.name] = names_when_called(node)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 - ast's own name

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for expression in argument_defaults(node.args):
            self.visit(expression)
        for name in free_names(node):
            self._load(name)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for expression in (*node.decorator_list, *node.bases, *(k.value for k in node.keywords)):
            self.visit(expression)
        body = _Visitor(CellNames())
        body.run(node.body)
        for name in body.names.loads:
            self._load(name)
        self._bind(node.name)
        self.names.functions[node.name] = names_when_called(node)

    def _visit_comprehension(self, node: ast.AST) -> None:
        for name in free_names(node):
            self._load(name)
        for inner in ast.walk(node):
            if isinstance(inner, ast.NamedExpr):
                self._assign_name(inner.target.id, inner.value)

    visit_ListComp = visit_SetComp = visit_DictComp = _visit_comprehension  # noqa: N815
    visit_GeneratorExp = _visit_comprehension  # noqa: N815

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar | ast.MatchMapping) -> None:
        self.generic_visit(node)
        if (name := bound_name(node)) is not None:
            self._bind(name)

    visit_MatchStar = visit_MatchMapping = visit_MatchAs  # noqa: N815 - ast's own names

    # Branches: what only one of them binds is not surely bound afterwards

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        self._branches(node.body, node.orelse)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        before = set(self._sure)
        self._depth += 1
        self.visit(node.target)
        self._depth -= 1
        self._branches([*node.body], [*node.orelse])
        self._sure = before

    visit_AsyncFor = visit_For  # noqa: N815

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        self._branches(node.body, node.orelse)

    def visit_Try(self, node: ast.Try | ast.TryStar) -> None:
        self._branches([*node.body, *node.orelse], *([handler] for handler in node.handlers))
        self.run(node.finalbody)

    visit_TryStar = visit_Try  # noqa: N815

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.type is not None:
            self.visit(node.type)
        if node.name:
            self._sure.add(node.name)  # bound for the handler only, and deleted after it
        self.run(node.body)

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        self._branches(*([case] for case in node.cases), [])

    def _branches(self, *bodies: Sequence[ast.AST]) -> None:
        before = set(self._sure)
        ends = []
        self._depth += 1
        for body in bodies:
            self._sure = set(before)
            self.run(body)
            ends.append(self._sure)
        self._depth -= 1
        self._sure = set.intersection(*ends)


class _Visits(dict[type[ast.AST], Callable[[_Visitor, Any], None]]):
    """The method of `_Visitor` for each kind of node, looked up once."""

    def __missing__(self, kind: type[ast.AST]) -> Callable[[_Visitor, Any], None]:
        self[kind] = getattr(_Visitor, f"visit_{kind.__name__}", _Visitor.generic_visit)
        return self[kind]


_VISITS = _Visits()
_TELLS_NOTHING = frozenset(
    {ast.Constant, ast.Load, ast.Store, ast.Del, ast.Pass, *ast.operator.__subclasses__(),
     *ast.cmpop.__subclasses__(), *ast.boolop.__subclasses__(), *ast.unaryop.__subclasses__()}
)  # fmt: skip
