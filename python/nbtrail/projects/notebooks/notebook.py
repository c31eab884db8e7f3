"""Reading a notebook file, with everything checked that execution relies on."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any, TypeAlias

from nbtrail.errors import InvalidValue, NotFound, did_you_mean

# nbformat is untyped: its NotebookNode is a dict with attribute access.
Notebook: TypeAlias = Any
Cell: TypeAlias = Any


def read(path: str | os.PathLike[str]) -> Notebook:
    """Return the notebook at `path`, as nbformat's latest version 4.

    Raises:
        NotFound: there is no such file.
        InvalidValue: it is not a notebook.
    """
    file = Path(path)
    if not file.is_file():
        raise NotFound(f"There is no notebook '{path}'.{_closest(file)}")
    if file.suffix != ".ipynb":
        raise InvalidValue(f"'{path}' is not a notebook: its name does not end in .ipynb.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbformat warns of what it repairs (missing cell ids)
        return _parse(file)


def tags(cell: Cell) -> list[str]:
    """Return the tags of a cell."""
    return list(cell.metadata.get("tags", []))


def code_cells(notebook: Notebook) -> list[tuple[int, Cell]]:
    """Return the code cells with their positions among all cells."""
    return [(i, cell) for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]


def executable(notebook: Notebook) -> list[Cell]:
    """Return the code cells that are not empty: those that JupyterLab counts."""
    return [cell for _, cell in code_cells(notebook) if cell.source.strip()]


def kernel(notebook: Notebook, path: Path) -> tuple[str, str]:
    """Return the name and the language of the kernel that the notebook asks for.

    Raises:
        InvalidValue: the notebook names no kernel, or one that is not installed.
    """
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    name = notebook.metadata.get("kernelspec", {}).get("name")
    if not name:
        raise InvalidValue(
            f"{path.name} names no kernel. Open it in JupyterLab, choose a kernel and save it."
        )
    specs = KernelSpecManager()
    try:
        return name, specs.get_kernel_spec(name).language
    except NoSuchKernel:
        installed = sorted(specs.find_kernel_specs())
        raise InvalidValue(
            f"{path.name} wants the kernel '{name}', which is not installed here."
            f"{did_you_mean(name, installed)} Installed: {', '.join(installed) or 'none'}."
        ) from None


def _parse(file: Path) -> Notebook:
    import nbformat

    try:
        # Not `nbformat.read`: it reports a bad notebook to a log, and goes on.
        raw = nbformat.reader.reads(file.read_text("utf-8"))  # type: ignore[no-untyped-call]
        notebook = nbformat.convert(raw, nbformat.current_nbformat)  # type: ignore[no-untyped-call]
        notebook = nbformat.v4.upgrade(notebook)  # type: ignore[no-untyped-call]
        nbformat.validate(notebook)
    except Exception as error:
        # nbformat lets errors of many kinds through: bad JSON, bad UTF-8, missing keys, bad schema.
        reason = str(error).strip().split("\n")[0][:200] or type(error).__name__
        raise InvalidValue(f"'{file}' is not a valid notebook: {reason}") from None
    return notebook


def _closest(file: Path) -> str:
    if not file.parent.is_dir():
        return f" The folder '{file.parent}' does not exist."
    return did_you_mean(file.name, (other.name for other in file.parent.glob("*.ipynb")))
