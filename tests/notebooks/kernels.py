"""Kernels for the collection: forked from processes that have imported the scientific stack."""

from __future__ import annotations

import os
import select
from collections.abc import Iterable
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

from notebooks.documents import Cell
from recorder.kernel import Notebook, fork

SCIENCE = tuple(
    "matplotlib.pyplot numpy pandas plotly.data sklearn.cluster sklearn.compose sklearn.datasets "
    "sklearn.ensemble sklearn.feature_extraction.text sklearn.linear_model sklearn.metrics "
    "sklearn.model_selection sklearn.pipeline sklearn.preprocessing".split()
)
PLAIN = SCIENCE
"""What knows nothing of nbtrail."""
RECORDED = (*SCIENCE, "nbtrail.magics", "nbtrail.recorder", "nbtrail.models", "skops.io")


class Kernel:
    """A forked kernel where Jupyter expects a process that it has started."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._process = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """Return 0 if the kernel has ended."""
        ended = select.poll()
        ended.register(self._process, select.POLLIN)
        return 0 if ended.poll(0) else None

    def wait(self) -> int:
        """Wait for the end of the kernel."""
        ended = select.poll()
        ended.register(self._process, select.POLLIN)
        ended.poll()
        os.close(self._process)
        return 0


class Forking(LocalProvisioner):
    """Provides papermill, and whoever starts kernels by Jupyter's means, with forked ones."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict[str, Any]:
        file = cmd[cmd.index("-f") + 1]
        pid = fork(RECORDED, connection_file=file, cwd=str(kwargs["cwd"]), env=kwargs["env"])
        self.process, self.pid, self.pgid = Kernel(pid), pid, pid
        return self.connection_info


def let_jupyter_fork(patch: pytest.MonkeyPatch) -> None:
    """Have the kernels of this process forked."""
    entry = EntryPoint("forking", f"{__name__}:Forking", KernelProvisionerFactory.GROUP_NAME)
    patch.setitem(KernelProvisionerFactory.provisioners, "forking", entry)
    patch.setattr(KernelProvisionerFactory.instance(), "default_provisioner_name", "forking")


def execute(
    file: Path, cells: Iterable[Cell], modules: tuple[str, ...]
) -> tuple[Notebook, list[list[dict[str, Any]]]]:
    """Execute cells one by one, as a person does who has a notebook open.

    Args:
        file: the notebook; whoever yields the cells may edit it in between.
        cells: what to execute.
        modules: what is imported in the kernel's process.

    Returns:
        The notebook, its kernel ended, and the outputs of each cell.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    book = Notebook(file.parent, file.name, modules)
    try:
        return book, [
            book.run(cell["id"], cell["source"], cell["metadata"].get("tags")) for cell in cells
        ]
    finally:
        book.close()
