"""Given parameters written into a notebook as a cell of its own.

Papermill injects below a cell tagged ``parameters`` and otherwise at the top, where the
notebook's own assignments would override what was given. Here the cell goes below the place
where the parameters are set, also where that is in the middle of a cell; the user's file is
never changed.
"""

from __future__ import annotations

import math
from typing import Any

from nbtrail.errors import InvalidValue
from nbtrail.projects.notebooks.inspection import PARAMETERS_TAG, Declaration
from nbtrail.projects.notebooks.notebook import Cell, Notebook, code_cells, tags

INJECTED_TAG = "injected-parameters"
INJECTED_ID = "nbtrail-injected-parameters"


def inject(
    notebook: Notebook, values: dict[str, Any], language: str, declared: Declaration | None
) -> None:
    """Add the cell that sets `values` to `notebook`, replacing one of an earlier injection.

    Raises:
        InvalidValue: a value that cannot be written in `language`.
    """
    cell = _injected_cell(_source(values, language))
    earlier = _first(notebook, INJECTED_TAG)
    if earlier is not None:
        notebook.cells[earlier] = cell
    elif declared:
        head, *tail = _split(notebook.cells[declared.index], declared.line)
        notebook.cells[declared.index : declared.index + 1] = [head, cell, *tail]
    else:
        tagged = _first(notebook, PARAMETERS_TAG)
        notebook.cells.insert(0 if tagged is None else tagged + 1, cell)


def amend(
    notebook: Notebook, values: dict[str, Any], language: str, declared: Declaration | None
) -> None:
    """Set `values` as `inject` does, and leave what an earlier injection has set otherwise.

    Raises:
        InvalidValue: a value that cannot be written in `language`.
    """
    earlier = injected(notebook)
    if earlier is None:
        inject(notebook, values, language, declared)
    else:
        earlier.source = f"{earlier.source.rstrip()}\n{_source(values, language)}"


def injected(notebook: Notebook) -> Cell | None:
    """Return the cell in which values were injected, if there is one."""
    index = _first(notebook, INJECTED_TAG)
    return None if index is None else notebook.cells[index]


def _first(notebook: Notebook, tag: str) -> int | None:
    return next((i for i, cell in code_cells(notebook) if tag in tags(cell)), None)


def _injected_cell(source: str) -> Cell:
    from nbformat.v4 import new_code_cell

    return new_code_cell(source, id=INJECTED_ID, metadata={"tags": [INJECTED_TAG]})  # type: ignore[no-untyped-call]


def _split(cell: Cell, line: int) -> list[Cell]:
    """Return `cell` as the part up to `line` and the rest, if there is a rest.

    The rest keeps the id: it is the part whose results are looked for.
    """
    from nbformat.v4 import new_code_cell

    lines = cell.source.split("\n")
    head, tail = "\n".join(lines[:line]), "\n".join(lines[line:])
    if not tail.strip():
        return [cell]
    cell.source = tail
    set_up = new_code_cell(head, id=f"{cell.id[:53]}-parameters")  # type: ignore[no-untyped-call]
    return [set_up, cell]


def _source(values: dict[str, Any], language: str) -> str:
    if language.lower() == "python":
        lines = [f"{name} = {_python(name, value)}" for name, value in values.items()]
        return "\n".join(["# Parameters", *lines])
    return _papermill_source(values, language)


def _papermill_source(values: dict[str, Any], language: str) -> str:
    from papermill.exceptions import PapermillException
    from papermill.translators import papermill_translators

    try:
        return str(papermill_translators.find_translator(None, language).codify(values))
    except (PapermillException, NotImplementedError):
        raise InvalidValue(f"Parameters {', '.join(values)} cannot be set in {language}.") from None


def _python(name: str, value: Any) -> str:
    """Return Python source of `value`; unlike `repr`, also for NaN and the infinities."""
    if value is None or type(value) in (bool, int, str):
        return repr(value)
    match value:
        case float():
            return float.__repr__(value) if math.isfinite(value) else f'float("{value}")'
        case list():
            return f"[{', '.join(_python(name, item) for item in value)}]"
        case tuple():
            return f"({''.join(_python(name, item) + ', ' for item in value)})"
        case dict():
            items = (f"{_python(name, k)}: {_python(name, v)}" for k, v in value.items())
            return f"{{{', '.join(items)}}}"
    raise InvalidValue(
        f"Parameter '{name}' cannot be written into a cell: {type(value).__name__} is not one of "
        "number, string, bool, None, list, tuple and dict."
    )
