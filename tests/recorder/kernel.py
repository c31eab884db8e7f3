"""A real kernel whose cells are executed one by one, with the ids that JupyterLab would send."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager

from nbtrail.entities import CellExecution, Run
from nbtrail.store import Store, open_store


class Notebook:
    """Executes cells in a kernel whose current directory is `folder`."""

    def __init__(self, folder: Path, name: str = "book.ipynb") -> None:
        self.folder = folder
        self._manager = KernelManager(kernel_name="python3")
        env = {**os.environ, "JPY_SESSION_NAME": str(folder / name)}
        self._manager.start_kernel(cwd=str(folder), env=env)
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)

    def run(self, cell_id: str, source: str, tags: list[str] | None = None) -> list[dict[str, Any]]:
        """Execute a cell; return its outputs as messages' contents."""
        self.send(cell_id, source, tags)
        return self.outputs()

    def send(self, cell_id: str, source: str, tags: list[str] | None = None) -> None:
        """Send a cell without waiting for its end."""
        content = {
            "code": source, "silent": False, "store_history": True,
            "user_expressions": {}, "allow_stdin": False, "stop_on_error": True,
        }  # fmt: skip
        message = self._client.session.msg("execute_request", content)
        message["metadata"] |= {"cellId": cell_id, "tags": tags or []}
        self._client.shell_channel.send(message)
        self._sent = message["header"]["msg_id"]

    def outputs(self) -> list[dict[str, Any]]:
        """Wait for the end of the cell that was sent; return what it put out."""
        found: list[dict[str, Any]] = []
        while True:
            message = self._client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != self._sent:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                self._client.get_shell_msg(timeout=60)
                return found
            if kind in {"stream", "display_data", "execute_result", "error"}:
                found.append({"output_type": kind, **content})

    def wait_for(self, text: str) -> None:
        """Wait until the running cell has printed `text`."""
        seen = ""
        while text not in seen:
            message = self._client.get_iopub_msg(timeout=60)
            if message["msg_type"] == "stream":
                seen += message["content"]["text"]

    def interrupt(self) -> None:
        self._manager.interrupt_kernel()

    def kill(self) -> None:
        self._manager.shutdown_kernel(now=True)
        self._client.stop_channels()

    def close(self) -> None:
        self._client.shutdown()
        self._manager.finish_shutdown()
        self._client.stop_channels()
        self._manager.cleanup_resources()

    @property
    def store(self) -> Store:
        store = open_store(self.folder / ".nbtrail", create=False)
        store.drain()
        return store

    @property
    def runs(self) -> list[Run]:
        """The runs, oldest first."""
        return self.store.runs.search()[0][::-1]

    def trail(self, run: Run) -> list[CellExecution]:
        return self.store.trails.executions(run.info.run_id)


def params(run: Run, *origins: str) -> dict[str, str]:
    """The params that were not only autologged."""
    wanted = origins or ("explicit", "injected", "inferred", "inherited")
    return {p.key: p.value for p in run.data.param_records if p.origin in wanted}
