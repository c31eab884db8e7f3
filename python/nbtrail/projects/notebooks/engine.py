"""The papermill engine ``nbtrail``: it sends what JupyterLab sends with a cell, and records.

papermill's own client sends neither cell ids nor tags, so that a recorder could not tell cells
apart. Importing this module imports papermill and registers the engine.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import msgspec
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.session import Session
from jupyter_core.utils import ensure_async, ensure_event_loop
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines
from papermill.iorw import papermill_io
from traitlets import Dict

from nbtrail.entities import Document
from nbtrail.projects.notebooks.notebook import Cell, Notebook, code_cells, executable, tags
from nbtrail.projects.notebooks.witness import Witness
from nbtrail.projects.output import write_whole
from nbtrail.projects.watch import Watch

NAME = "nbtrail"
WHOLE = "nbtrail-whole://"
"""What the path of an output begins with that papermill saves again and again, never half."""

_LONGEST_SOCKET = 90  # bytes of a socket's folder: the system takes 104 with the name

_LOADS_RECORDER = re.compile(r"^\s*%(re)?load_ext\s+nbtrail\b", re.MULTILINE)
_LOAD_RECORDER = "get_ipython().extension_manager.load_extension('nbtrail')"

DOCUMENT = "nbtrail.document"
"""Where a cell's metadata has the whole notebook, for the recorder."""
RULES = "nbtrail.rules"
"""The recorder's comm to a front end; here is none."""

# papermill and nbclient report to it; what a user must know is raised. The handler keeps
# Python's last resort, which prints to stderr, from stepping in.
_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())
_notices = logging.getLogger("nbtrail")


class CellSession(Session):
    """A messaging session that says of each execute request which cell it is."""

    cell = Dict(help="Metadata of the cell in execution, and its id as `cellId`.")

    def msg(self, msg_type: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Make a message; an execute request gets the cell's metadata, as in JupyterLab."""
        message: dict[str, Any] = super().msg(msg_type, *args, **kwargs)
        if msg_type == "execute_request":
            message["metadata"].update(self.cell)
        return message


class Client(PapermillNotebookClient):  # type: ignore[misc]
    """papermill's client with cell ids, and a recorder where the notebook loads none."""

    def __init__(
        self,
        manager: NotebookExecutionManager,
        kernel_name: str,
        language: str,
        sockets: Path,
        kernels: Path | None = None,
        watch: Watch | None = None,
        timeout: int | None = None,
        witness: Witness | None = None,
    ) -> None:
        told = watch is not None  # who watches can listen to our log for what the cells print
        super().__init__(
            manager, kernel_name=kernel_name, log=_log, log_output=told, timeout=timeout
        )
        self._sockets = sockets
        self._kernels = kernels
        self._watch = watch
        self._witness: Witness | None = None
        self.on_cell_execute = self._announce
        self.comm_open_handlers[RULES] = lambda _: None
        self._interruption: asyncio.Task[None] | None = None
        if witness is not None and language.lower() != "python":
            self._witness = witness
        elif witness is not None and not _loads_recorder(self.nb):
            self.on_notebook_start = partial(self._load_recorder, witness)

    def execute(self, **kwargs: Any) -> Notebook:
        """Execute all cells. ctrl-C interrupts the cell that runs, and no other one starts.

        Raises:
            KeyboardInterrupt: after ctrl-C.
        """
        with _on_ctrl_c(self._interrupt):
            super().execute(**kwargs)
        self._stop_if_interrupted()
        return self.nb

    def execute_cell(self, cell: Cell, cell_index: int) -> Cell:
        """Execute one cell, unless ctrl-C was pressed during an earlier one that went on."""
        self._stop_if_interrupted()
        with self._seen(cell):
            return super().execute_cell(cell, cell_index)

    def _seen(self, cell: Cell) -> AbstractContextManager[None]:
        if self._witness is None or cell not in executable(self.nb):
            return nullcontext()
        return self._witness.seeing(cell, msgspec.convert(_document(self.nb), Document))

    def create_kernel_manager(self) -> Any:
        """Create the kernel manager, its messages made by a `CellSession`."""
        manager = super().create_kernel_manager()
        manager.session = CellSession(parent=manager)
        if self._kernels:
            manager.kernel_spec_manager = KernelSpecManager(
                kernel_dirs=[str(self._kernels)], ensure_native_kernel=False
            )
        if _speaks_over_files(manager.kernel_spec.argv, self._sockets):
            manager.transport, manager.ip = "ipc", str(self._sockets / "kernel")
        return manager

    def _announce(self, cell: Cell, cell_index: int) -> None:  # noqa: ARG002 - nbclient's names
        metadata = {k: v for k, v in cell.metadata.items() if k != "papermill"}
        if not self.code_cells_executed or _LOADS_RECORDER.search(cell.source):
            metadata[DOCUMENT] = _document(self.nb)
        self.kc.session.cell = {**metadata, "cellId": cell.id}
        if self._watch is not None:
            cells = executable(self.nb)
            self._watch.cell_begun(cells.index(cell) + 1, len(cells), cell.source)

    async def _load_recorder(
        self,
        witness: Witness,
        notebook: Notebook,  # noqa: ARG002 - nbclient's name
    ) -> None:
        request = self.kc.execute(_LOAD_RECORDER, silent=True, store_history=False)
        reply = await self.async_wait_for_reply(request)
        if reply["content"]["status"] == "error":
            self._witness = witness
            reason = reply["content"].get("evalue")
            _notices.warning("No names are recorded, only cells and their outputs: %s", reason)

    def _interrupt(self) -> None:
        if self._interruption or not self.code_cells_executed:
            raise KeyboardInterrupt  # the second time, or while the kernel starts
        self._interruption = asyncio.ensure_future(self._interrupt_kernel())

    async def _interrupt_kernel(self) -> None:
        await ensure_async(self.km.interrupt_kernel())

    def _stop_if_interrupted(self) -> None:
        if self._interruption:
            raise KeyboardInterrupt


class WholeFiles:
    """Where papermill saves what is being executed: its own files are empty for a moment."""

    @staticmethod
    def write(text: str, path: str) -> None:
        """Write a notebook."""
        write_whole(text, Path(path.removeprefix(WHOLE)))

    @staticmethod
    def pretty_path(path: str) -> str:
        """Return the path for people."""
        return path.removeprefix(WHOLE)


class Engine(NBClientEngine):  # type: ignore[misc]
    """Executes a notebook with our client, in the folder and environment that are given."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        *,
        language: str,
        cwd: str,
        env: dict[str, str],
        output: IO[bytes],
        kernels: Path | None = None,
        watch: Watch | None = None,
        timeout: int | None = None,
        witness: Witness | None = None,
        **_: Any,
    ) -> None:
        """Execute the notebook in a kernel of its own, started in `cwd` with `env`.

        What the kernel's process writes past Jupyter goes to `output`, a file. `kernels` is
        where to look for the kernel instead of among those that are installed. A cell may take
        `timeout` seconds. A kernel that can have no recorder is seen by the `witness`; without
        one, nothing is recorded.
        """
        with TemporaryDirectory() as sockets:
            client = Client(
                nb_man, kernel_name, language, Path(sockets), kernels, watch, timeout, witness
            )
            try:
                client.execute(cwd=cwd, env=env, stdout=output, stderr=output)
            except (DeadKernelError, CellTimeoutError, KeyboardInterrupt):
                _mark_broken_off(nb_man)
                raise


def _speaks_over_files(command: list[str], folder: Path) -> bool:
    """Tell whether a kernel can have sockets in a folder, and not on ports.

    jupyter_client chooses ports that are free, and the kernel binds them a second later. When
    many notebooks are executed at once, another process has one by then, and ipykernel waits
    for ever (of its iopub port) or dies. Other kernels, and those behind another command (a
    container's, say), may know ports only.
    """
    local = Path(command[0]).name.startswith("python") and "ipykernel_launcher" in command
    return os.name == "posix" and local and len(str(folder)) < _LONGEST_SOCKET


def _mark_broken_off(manager: NotebookExecutionManager) -> None:
    """Mark the cell that papermill would leave as completed when a kernel dies."""
    started = [c for c in manager.nb.cells if c.metadata.papermill["start_time"]]
    for cell in started[-1:]:
        manager.cell_exception(cell)


@contextmanager
def _on_ctrl_c(callback: Callable[[], None]) -> Iterator[None]:
    """Let asyncio call `callback` on ctrl-C, if the loop is ours and in the main thread."""
    if threading.current_thread() is not threading.main_thread() or _in_running_loop():
        yield
        return
    loop = ensure_event_loop()
    with suppress(NotImplementedError):  # on Windows: the plain KeyboardInterrupt
        loop.add_signal_handler(signal.SIGINT, callback)
    try:
        yield
    finally:
        with suppress(NotImplementedError):
            loop.remove_signal_handler(signal.SIGINT)


def _in_running_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True  # a notebook's, whose cell we are called from


def _document(notebook: Notebook) -> dict[str, Any]:
    """Return what the recorder needs to know of the notebook that its cells are of."""
    cells = [
        {"cell_id": c.get("id"), "kind": c.cell_type, "source": c.source, "tags": tags(c)}
        for c in notebook.cells
    ]
    return {"origin": "papermill", "cells": cells}


def _loads_recorder(notebook: Notebook) -> bool:
    return any(_LOADS_RECORDER.search(cell.source) for _, cell in code_cells(notebook))


papermill_engines.register(NAME, Engine)
papermill_io.register(WHOLE, WholeFiles)
