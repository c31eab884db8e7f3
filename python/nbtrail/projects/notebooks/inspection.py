"""Which parameters a notebook has, found in its source by `ast`; nothing is executed.

They are what the cell tagged ``parameters`` assigns. Without such a cell they are the leading
literal assignments of the notebook: those before the first statement that could have used them.
"""

from __future__ import annotations

import ast
import io
import os
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from nbtrail.entities import Record
from nbtrail.projects.notebooks.notebook import Cell, Notebook, code_cells, read, tags

PARAMETERS_TAG = "parameters"
_TYPES = (bool, int, float, str, list, tuple, dict)


class Parameter(Record, frozen=True):
    """One parameter: its type and default as they are written, its trailing comment as help.

    `type` is None where neither an annotation nor a literal default tells it, `default` where
    the notebook only declares the name.
    """

    name: str
    type: str | None
    default: str | None
    help: str = ""


@dataclass(frozen=True)
class Declaration:
    """The parameters of a notebook, and where they are all set: after `line` of cell `index`."""

    parameters: list[Parameter]
    index: int
    line: int


def parameters(path: str | os.PathLike[str]) -> list[Parameter]:
    """Return the parameters of the notebook at `path`, in the order of their assignment.

    Raises:
        NotFound: there is no such file.
        InvalidValue: it is not a notebook.
    """
    declared = declaration(read(path))
    return declared.parameters if declared else []


def declaration(notebook: Notebook) -> Declaration | None:
    """Return where a Python notebook declares its parameters, or None where it has none."""
    for index, cell in code_cells(notebook):
        if PARAMETERS_TAG in tags(cell):
            statements = _statements(cell) or []
            found = _by_name(_declared(statements, cell))
            return Declaration(found, index, len(cell.source.split("\n")))
    return _leading_declaration(notebook)


def _leading_declaration(notebook: Notebook) -> Declaration | None:
    found: list[Parameter] = []
    last: tuple[int, int] | None = None
    for index, cell in code_cells(notebook):
        statements = _statements(cell)
        leading = _leading(statements or [], {p.name for p in found})
        if here := _declared(leading, cell):
            found += here
            last = index, leading[-1].end_lineno or 0
        if statements is None or len(leading) < len(statements):
            break
    return Declaration(_by_name(found), *last) if last else None


def _leading(statements: list[ast.stmt], names: set[str]) -> list[ast.stmt]:
    """Return the first statements, up to the one that may depend on a parameter."""
    known = set(names)
    for position, statement in enumerate(statements):
        if not _is_leading(statement, known):
            # A line is leading as a whole or not at all: `lr = 0.1; train(lr)`.
            before = statements[:position]
            return [s for s in before if (s.end_lineno or 0) < statement.lineno]
        known.update(name for name, _, _ in _assignments(statement))
    return statements


def _is_leading(statement: ast.stmt, known: set[str]) -> bool:
    if isinstance(statement, ast.Import | ast.ImportFrom | ast.Pass):
        return True
    if isinstance(statement, ast.Expr):
        return not known & {n.id for n in ast.walk(statement) if isinstance(n, ast.Name)}
    assigned = list(_assignments(statement))
    return bool(assigned) and all(value and _is_literal(value) for _, _, value in assigned)


def _declared(statements: list[ast.stmt], cell: Cell) -> list[Parameter]:
    comments = _comments(cell.source)
    return [
        Parameter(
            name,
            _type(annotation, value),
            ast.get_source_segment(cell.source, value) if value else None,
            comments.get(statement.end_lineno or 0, ""),
        )
        for statement in statements
        for name, annotation, value in _assignments(statement)
    ]


def _by_name(found: list[Parameter]) -> list[Parameter]:
    """Keep the last assignment of each name."""
    return list({parameter.name: parameter for parameter in found}.values())


def _assignments(
    statement: ast.stmt,
) -> Iterator[tuple[str, ast.expr | None, ast.expr | None]]:
    """Yield name, annotation and value of what a statement plainly assigns."""
    if isinstance(statement, ast.AnnAssign):
        if isinstance(statement.target, ast.Name):
            yield statement.target.id, statement.annotation, statement.value
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            for name, value in _unpacked(target, statement.value):
                yield name, None, value


def _unpacked(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, its_value in zip(target.elts, value.elts, strict=False):
            yield from _unpacked(one, its_value)


def _type(annotation: ast.expr | None, value: ast.expr | None) -> str | None:
    if annotation is not None:
        written = annotation.value if isinstance(annotation, ast.Constant) else None
        return written if isinstance(written, str) else ast.unparse(annotation)
    if value is not None and _is_literal(value):
        kind = type(ast.literal_eval(value))
        return kind.__name__ if kind in _TYPES else None
    return None


def _is_literal(value: ast.expr) -> bool:
    try:
        ast.literal_eval(value)
    except (ValueError, TypeError):
        return False
    return True


def _statements(cell: Cell) -> list[ast.stmt] | None:
    """Return the statements of a cell, line magics as `pass`; None if it is not Python."""
    lines = cell.source.split("\n")
    while not cell.source.lstrip().startswith("%%"):
        try:
            return ast.parse("\n".join(lines)).body
        except SyntaxError as error:
            at = (error.lineno or 0) - 1
            if not 0 <= at < len(lines) or not lines[at].lstrip().startswith(("%", "!")):
                return None
            lines[at] = lines[at][: -len(lines[at].lstrip())] + "pass"
        except ValueError:  # a NUL in the source
            return None
    return None


def _comments(source: str) -> dict[int, str]:
    """Return the comment at the end of each line that has one."""
    comments: dict[int, str] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                comments[token.start[0]] = token.string.lstrip("# ").rstrip()
    except (tokenize.TokenError, SyntaxError):
        pass  # magics can confuse the tokenizer; help is only help
    return comments
