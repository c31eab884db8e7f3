"""A real kernel whose cells are executed one by one, with the ids that JupyterLab would send."""

from __future__ import annotations

import functools
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.connect import write_connection_file

from nbtrail.entities import CellExecution, Run
from nbtrail.store import Store, open_store


@functools.cache
def _forking() -> subprocess.Popen[str]:
    """Start the process that forks kernels; it ends with this one."""
    command = [sys.executable, str(Path(__file__).with_name("forked.py"))]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    return subprocess.Popen(command, cwd="/", text=True, **pipes)


def _fork(**order: Any) -> int:
    """Start a kernel; return its process id."""
    process = _forking()
    assert process.stdin
    assert process.stdout
    print(json.dumps(order), file=process.stdin, flush=True)
    return int(process.stdout.readline())


class Notebook:
    """Executes cells in a kernel whose current directory is `folder`."""

    def __init__(self, folder: Path, name: str = "book.ipynb") -> None:
        self.folder = folder
        connection_file, _ = write_connection_file(str(folder / f".{name}-kernel.json"))
        env = {**os.environ, "JPY_SESSION_NAME": str(folder / name)}
        self._kernel = _fork(connection_file=connection_file, cwd=str(folder), env=env)
        self._client = BlockingKernelClient(connection_file=connection_file)
        self._client.load_connection_file()
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
        os.killpg(self._kernel, signal.SIGINT)

    def kill(self) -> None:
        os.killpg(self._kernel, signal.SIGKILL)
        self._ended()

    def close(self) -> None:
        self._client.shutdown()
        self._ended()

    def _ended(self) -> None:
        """Wait for the end of the kernel's process."""
        try:
            process = os.pidfd_open(self._kernel)
        except ProcessLookupError:
            pass
        else:
            assert select.select([process], [], [], 30)[0], "The kernel does not end."
            os.close(process)
        self._client.stop_channels()

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
