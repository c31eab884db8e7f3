"""The tables that cells display: their first rows, as files beside a run's other artifacts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbtrail.autolog import patching
from nbtrail.tracking import table_files

if TYPE_CHECKING:
    import pandas as pd
    from IPython.core.interactiveshell import InteractiveShell

ROWS = 200  # of one table, unless configured
COLUMNS = 200
MOST = 20  # tables of one cell
_WRAPPERS = "tables"


@dataclass(frozen=True)
class Shown:
    """A table that was displayed: `head` are its first rows as they were then, of `rows`."""

    head: Any
    rows: int


class ShownTables:
    """Notes the DataFrames, of pandas and polars, that the running cell displays.

    Attributes:
        rows: how many rows of each are kept; none with 0.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self.rows = ROWS
        self._shown: list[Shown] = []
        hook = patching.Hook(after=lambda _, __, shown, *___, **____: self._take(shown))
        for kind in type(shell.display_formatter).__mro__:
            if "format" in vars(kind):
                patching.wrap(_WRAPPERS, kind, "format", hook)
                break

    def remove(self) -> None:
        """Take no notice any more."""
        patching.unwrap_all(_WRAPPERS)

    def start(self) -> None:
        """Begin a cell."""
        self._shown = []

    def finish(self) -> Sequence[Shown]:
        """Return what the cell that has ended has displayed."""
        shown, self._shown = self._shown, []
        return shown

    def _take(self, shown: object) -> None:
        if self.rows and len(self._shown) < MOST:
            head = _head(shown, self.rows)
            if head is not None:
                self._shown.append(head)


def _head(shown: object, rows: int) -> Shown | None:
    """Return the first rows of a DataFrame; None for what is none."""
    kind = type(shown)
    pandas, polars = sys.modules.get("pandas"), sys.modules.get("polars")
    frame: Any
    if (frame := getattr(pandas, "DataFrame", None)) and issubclass(kind, frame):
        return Shown(frame.head(shown, rows).iloc[:, :COLUMNS].copy(), frame.__len__(shown))
    if (frame := getattr(polars, "DataFrame", None)) and issubclass(kind, frame):
        return Shown(frame.head(shown, rows)[:, :COLUMNS], frame.__len__(shown))
    return None


def file_of(shown: Shown) -> bytes:
    """Return a table's file: JSON, as `nbtrail.log_table` writes it."""
    return table_files.write(_plain(shown.head), "table.json")


def _plain(head: Any) -> pd.DataFrame:
    """Return rows as pandas has them, the index as columns, each column with a name of its own."""
    import pandas as pd

    if not isinstance(head, pd.DataFrame):
        head = pd.DataFrame({one.name: one.to_list() for one in head}, dtype=object)
    elif not isinstance(head.index, pd.RangeIndex):
        head = head.reset_index(names=_index_names(head.index))
    named: pd.DataFrame = head.set_axis(_names(head.columns), axis="columns")
    return named


def _index_names(index: Any) -> list[str]:
    return [
        "index" if name is None and index.nlevels == 1 else str(name or f"level {number}")
        for number, name in enumerate(index.names)
    ]


def _names(columns: Any) -> list[str]:
    """Return a text for each column; those of several levels are put together with dots."""
    names: list[str] = []
    for column in columns:
        parts = column if isinstance(column, tuple) else (column,)
        name = ".".join(str(part) for part in parts if part != "")
        while name in names:
            name += "_"
        names.append(name)
    return names
