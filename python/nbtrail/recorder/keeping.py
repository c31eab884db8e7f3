"""What a run keeps of what a cell has shown and written: figures, tables, files, datasets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbtrail.recorder import figures, tables
from nbtrail.recorder.session import Execution
from nbtrail.recorder.tables import Shown
from nbtrail.tracking import ActiveRun
from nbtrail.tracking.failures import never_raises
from nbtrail.tracking.tables import list_table

if TYPE_CHECKING:
    from nbtrail.recorder.cell import Frame
    from nbtrail.recorder.cells import Cells
    from nbtrail.recorder.files import CellFiles
    from nbtrail.recorder.notebook_run import NotebookRun


@dataclass
class Kept:
    """What was kept, and what there is to tell of what was not; `rows` are those of cut tables."""

    figures: int = 0
    tables: int = 0
    rows: str = ""
    files: int = 0
    told: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.figures or self.tables or self.files or self.told)

    def words(self) -> list[str]:
        """Return it for the quiet line."""
        tables = _counted(self.tables, "table") + (f" ({self.rows})" if self.rows else "")
        words = [_counted(self.figures, "figure"), tables, _counted(self.files, "file")]
        return [word for word in (*words, *self.told) if word]


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'s' * (count != 1)}" if count else ""


def keep(cells: Cells, run: NotebookRun, frame: Frame) -> None:
    """Give a run what a cell that has ended has shown and written, and tell of it with the run."""
    execution = frame.execution
    kept = Kept(told=list(cells.outputs.told))
    _keep_figures(run.active, execution, kept)
    _keep_tables(run.active, execution, cells.tables.finish(), kept)
    _keep_files(run, execution, cells.files, kept)
    for record in [one for one in frame.told if one.run is run][-1:]:
        record.kept = kept


@never_raises("a figure")
def _keep_figures(run: ActiveRun, execution: Execution, kept: Kept) -> None:
    found = figures.files(execution)
    if found:
        run.write_artifacts(found)
    kept.figures = len(found)


@never_raises("a table")
def _keep_tables(run: ActiveRun, execution: Execution, shown: Iterable[Shown], kept: Kept) -> None:
    found = {}
    for number, table in enumerate(shown, start=1):
        found[f"tables/{figures.cell_name(execution)}-{number}.json"] = tables.file_of(table)
        if len(table.head) < table.rows:
            kept.rows = f"{len(table.head):,} of {table.rows:,} rows"
    if found:
        run.write_artifacts(found)
    for path in found:
        list_table(run, path)
    kept.tables = len(found)


@never_raises("the files of a cell")
def _keep_files(run: NotebookRun, execution: Execution, files: CellFiles, kept: Kept) -> None:
    taken = files.give(run.active, execution, run.has)
    kept.files = taken.files
    kept.told += taken.told
