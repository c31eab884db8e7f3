"""What a cell may do beyond binding names, as far as its source says: for conservative slices.

Lineage sees assignments and plain mutations. Here is what else could matter to another cell: calls
for effect, seeds, imports that nothing names, and objects handed to what might change them.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from nbtrail.trail import calls
from nbtrail.trail.python import python_of
from nbtrail.trail.syntax import called, free_names, root_name
from nbtrail.trail.vocabulary import Routine, Vocabulary, names_in

_HIDING = frozenset({"builtins.eval", "builtins.exec", "builtins.globals", "builtins.locals"})


@dataclass
class Effects:
    """What a cell, or a function that it calls, may do.

    Attributes:
        always: why it matters whatever else is needed, or None.
        touches: names whose objects it may change in a way that lineage does not see.
        mentions: words of code that is hidden from lineage: of magics, of ``exec("…")``.
        unbounded: whether it may read any name: ``exec(code)``, ``globals()``.
        extends: names of packages to which it adds a module (``import scipy.stats``).
        seeds: whether it sets the random generator that all share.
        draws: whether it may take numbers from that.
    """

    always: str | None = None
    touches: set[str] = field(default_factory=set)
    mentions: set[str] = field(default_factory=set)
    unbounded: bool = False
    extends: set[str] = field(default_factory=set)
    seeds: bool = False
    draws: bool = False

    def matter(self, reason: str | None) -> None:
        """Note why the cell matters; the first reason is told."""
        self.always = self.always or reason


def effects_of(source: str, words: Vocabulary) -> Effects:
    """Say what a cell may do, given what the names of its session stand for."""
    code = python_of(source)
    effects = Effects()
    if code.magic is not None:
        effects.matter(f"{code.magic} is called for its effect")
    if code.magic is not None or code.tree is None:
        effects.mentions.update(_words(source))
    if code.tree is None:
        effects.matter("what it does cannot be seen")
    else:
        _Visitor(effects, words, frozenset()).visit(code.tree)
    return effects


class _Visitor(ast.NodeVisitor):
    """Walks what runs when the cell runs: the functions that it defines only where it calls them.

    Args:
        effects: where to note what is found.
        words: what the names stand for.
        inside: the functions that are being walked, from the outermost on.
    """

    def __init__(self, effects: Effects, words: Vocabulary, inside: frozenset[str]) -> None:
        self.effects = effects
        self.words = words
        self._inside = inside

    # Statements

    def visit_FunctionDef(self, node: Routine) -> None:
        for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(default)
        for decorator in node.decorator_list:
            self.visit(decorator)
            full = self.words.full_name(decorator)
            if full is None or calls.has_effect(full):
                self._touch(decorator)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 - ast's own name

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            if name not in self.words.used:
                self.effects.matter(f"'{ast.unparse(node)}' may be there for its effect")
            elif "." in alias.name and not alias.asname:
                self.effects.extends.add(name)

    visit_ImportFrom = visit_Import  # noqa: N815

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load) and node.id in self.words.consumables:
            self.effects.touches.add(node.id)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        for target in node.targets:
            self._store(target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.generic_visit(node)
        self._touch(node.target)
        self._store(node.target)

    def visit_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            self._store(target)

    def _store(self, target: ast.expr) -> None:
        """Note a store into an object; into a module's it is for all to see."""
        if isinstance(target, ast.Tuple | ast.List):
            for element in target.elts:
                self._store(element)
        elif (root := root_name(target)) is not None and not isinstance(target, ast.Name):
            self._touch(target)
            package = calls.package_of(self.words.imports.get(root, ""))
            if package and package not in calls.DRAWING_PACKAGES:
                self.effects.matter(f"it sets {ast.unparse(target)}")

    def visit_Expr(self, node: ast.Expr) -> None:
        self.generic_visit(node)
        value = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(value, ast.Call) and not self._is_idle(value):
            self.effects.matter(f"{ast.unparse(value.func)}() is called for its effect")

    def _is_idle(self, call: ast.Call) -> bool:
        """Say whether a call whose result is dropped has no effect but what `visit_Call` notes."""
        full = self.words.full_name(call.func)
        if full is not None:
            return not calls.has_effect(full)
        name = called(call)
        return name in self.words.routines or (
            isinstance(call.func, ast.Attribute) and calls.knows_method(name)
        )

    # Calls

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        full = self.words.full_name(node.func)
        if full is not None:
            self._library_call(node, full)
        elif called(node) in self.words.routines:
            for routine in self.words.routines[called(node)]:
                self._own_call(node, routine)
        elif isinstance(node.func, ast.Attribute):
            self._method_call(node, node.func)
        else:
            self._unknown_call(node)
        self._in_place(node)
        self._functions_given(node)

    def _library_call(self, call: ast.Call, full: str) -> None:
        keywords = {keyword.arg for keyword in call.keywords if keyword.arg}
        self.effects.draws |= calls.may_draw(full, keywords)
        if calls.seeds(full):
            self.effects.seeds = True
            self.effects.matter(f"it calls {ast.unparse(call.func)}()")
        if full in _HIDING:
            self._hidden_code(call)
        elif full == "builtins.open":
            self.effects.matter("it writes a file" if _writes(call) else None)
        elif calls.has_effect(full):
            self._touch(*_arguments(call))

    def _hidden_code(self, call: ast.Call) -> None:
        """Note what code may read that is not seen as such."""
        for argument in call.args:
            if isinstance(argument, ast.Constant):
                self.effects.mentions.update(_words(str(argument.value)))
            else:
                self.effects.unbounded = True
        self.effects.unbounded |= not call.args

    def _method_call(self, call: ast.Call, method: ast.Attribute) -> None:
        name = method.attr
        self.effects.draws |= name not in calls.PURE_METHODS or name == "sample"
        self.effects.seeds |= calls.seeds(name)
        if calls.writes(name):
            self.effects.matter(f"{ast.unparse(method)}() may write")
        if name not in calls.PURE_METHODS:
            self._touch(method.value)
        if not calls.knows_method(name):
            self._touch(*_arguments(call))

    def _own_call(self, call: ast.Call, routine: Routine) -> None:
        """Take a call of the notebook's own function for what its body may do."""
        if routine.name in self._inside:
            self._unknown_call(call)
            return
        inner = Effects()
        visitor = _Visitor(inner, self.words, self._inside | {routine.name})
        for statement in routine.body:
            visitor.visit(statement)
        self.effects.matter(inner.always)
        self.effects.mentions |= inner.mentions
        self.effects.unbounded |= inner.unbounded
        self.effects.seeds |= inner.seeds
        self.effects.draws |= inner.draws
        changed = self.words.objects(inner.touches)
        self.effects.touches |= changed & self.words.behind(free_names(routine))
        if not changed.isdisjoint(_parameters(routine)):
            self._touch(*_arguments(call), call.func)

    def _unknown_call(self, call: ast.Call) -> None:
        """Take what cannot be seen to change what it is given, and what it names."""
        self.effects.draws = True
        self._touch(*_arguments(call))
        self.effects.touches |= self.words.behind(names_in(call.func))

    def _in_place(self, call: ast.Call) -> None:
        for keyword in call.keywords:
            if keyword.arg == "inplace" and isinstance(call.func, ast.Attribute):
                self._touch(call.func.value)
            elif keyword.arg == "out":
                self._touch(keyword.value)

    def _functions_given(self, call: ast.Call) -> None:
        """Take the notebook's functions that are handed on to be called with anything."""
        for argument in _arguments(call):
            if isinstance(argument, ast.Name):
                self.effects.touches |= self.words.behind(self.words.globals_of(argument.id))

    def _touch(self, *expressions: ast.expr) -> None:
        for expression in expressions:
            self.effects.touches |= names_in(expression)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _parameters(routine: Routine) -> set[str]:
    return {node.arg for node in ast.walk(routine.args) if isinstance(node, ast.arg)}


def _writes(call: ast.Call) -> bool:
    """Say whether ``open(…)`` may write: it has a mode that is not surely for reading."""
    modes = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "mode")]
    read = {"r", "rb", "rt"}
    return any(not isinstance(mode, ast.Constant) or mode.value not in read for mode in modes)
