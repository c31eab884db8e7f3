"""What is asked for beside a run: where its executed notebook goes, and what that shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from nbtrail.artifacts.new_file import new_file
from nbtrail.errors import InvalidValue
from nbtrail.projects.notebooks.notebook import Notebook, code_cells

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]+://")


@dataclass(frozen=True)
class Delivery:
    """What is asked for beside the run that a notebook is executed as.

    Attributes:
        output: where the executed notebook is written, too: a path, or an address of papermill's.
        report: whether its code is hidden, as in papermill's report mode.
        timeout: seconds that a cell may take.
        records: whether there is a store that will be there afterwards.
    """

    output: str | None = None
    report: bool = False
    timeout: int | None = None
    records: bool = True


AS_USUAL = Delivery()


def checked_output(output: str | None, notebook: Path) -> str | None:
    """Return where a notebook's execution is to be written; a path is made absolute.

    Raises:
        InvalidValue: nothing can be written there, or it is the notebook itself.
    """
    if output is None or _ADDRESS.match(output):
        return output
    path = Path(output).absolute()
    if not path.parent.is_dir():
        raise InvalidValue(f"There is no folder {path.parent} to write {path.name} to.")
    if path.is_dir():
        raise InvalidValue(f"{path} is a folder: name a file, such as {path.name}/{notebook.name}.")
    if path.exists() and notebook.exists() and path.samefile(notebook):
        raise InvalidValue(f"{path.name} is the notebook itself, which is never changed.")
    return str(path)


def write_notebook(text: str, output: str) -> None:
    """Write a notebook to a file, or to any place that papermill knows (S3, for one)."""
    if not _ADDRESS.match(output):
        write_whole(text, Path(output))
        return
    from papermill.iorw import papermill_io

    papermill_io.write(text, output)


def write_whole(text: str, path: Path) -> None:
    """Write a file that is never half there: on a full disk the one before stays."""
    if path.exists() and not path.is_file():  # a device
        path.write_text(text, "utf-8")
        return
    with new_file(path.resolve(), force=True) as file:
        file.write_text(text, "utf-8")


def hide_code(notebook: Notebook) -> None:
    """Have JupyterLab show what code cells have put out, and not them: papermill's report mode."""
    for _, cell in code_cells(notebook):
        cell.metadata["jupyter"] = {**cell.metadata.get("jupyter", {}), "source_hidden": True}
