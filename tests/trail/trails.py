"""Executions without a kernel: each cell is run in a namespace, its names seen as lineage does."""

from __future__ import annotations

import ast
from types import ModuleType
from typing import Any

from nbtrail.entities import CellExecution
from nbtrail.trail.lineage import Lineage
from nbtrail.trail.names import analyse
from nbtrail.trail.python import python_of


class Session:
    """Executes cells, and keeps what a store would have of them."""

    def __init__(self) -> None:
        self.namespace: dict[str, Any] = {}
        self.executions: list[CellExecution] = []
        self._lineage = Lineage()

    def run(self, cell_id: str | None, source: str, **fields: Any) -> CellExecution:
        """Execute a cell; its id in the store is 100 + its ordinal."""
        tree = python_of(source).tree
        assert tree is not None
        names = analyse(ast.unparse(tree))
        before = {name: id(value) for name, value in self.namespace.items()}
        step = self._lineage.begin(cell_id or source, names, before)
        step.succeeded = True
        try:
            exec("\n".join(x for x in source.split("\n") if x[:1] not in "%!"), self.namespace)
        except (NameError, ZeroDivisionError):
            step.succeeded = False
        after = {name: id(value) for name, value in self.namespace.items()}
        changed = {name for name, one in after.items() if before.get(name) != one}
        modules = {name for name, one in self.namespace.items() if isinstance(one, ModuleType)}
        self._lineage.end(step, changed, names.mutates & after.keys(), modules - changed)
        reads = {name: None if one is None else 100 + one for name, one in step.reads.items()}
        execution = CellExecution(
            100 + step.ordinal, "session", step.ordinal, cell_id, source, step.ordinal + 1, 0,
            0.1, "ok" if step.succeeded else "error",
            reads={name: one for name, one in reads.items() if not name.startswith("__")},
            writes=sorted(step.writes), opaque=names.opaque, **fields,
        )  # fmt: skip
        self.executions.append(execution)
        return execution
