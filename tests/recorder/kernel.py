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
from tempfile import TemporaryDirectory
from typing import Any

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.connect import write_connection_file

from nbtrail.entities import CellExecution, Run, Verdict
from nbtrail.store import Store, open_store

RECORDER = ("nbtrail.recorder",)


@functools.cache
def _forking(modules: tuple[str, ...]) -> subprocess.Popen[str]:
    """Start the process that forks kernels, with modules imported; it ends with this one."""
    command = [sys.executable, str(Path(__file__).with_name("forked.py")), *modules]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    # Jupyter's kernels set this before anybody imports matplotlib.
    env = {**os.environ, "MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    env["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    return subprocess.Popen(command, cwd="/", env=env, text=True, **pipes)


def fork(modules: tuple[str, ...] = RECORDER, **order: Any) -> int:
    """Start a kernel in whose process some modules are imported; return its process id."""
    process = _forking(modules)
    assert process.stdin
    assert process.stdout
    print(json.dumps(order), file=process.stdin, flush=True)
    return int(process.stdout.readline())


class Notebook:
    """Executes cells in a kernel whose current directory is `folder`."""

    def __init__(
        self, folder: Path, name: str = "book.ipynb", modules: tuple[str, ...] = RECORDER
    ) -> None:
        self.folder = folder
        self._comms: list[dict[str, Any]] = []
        # No ports, which another process may have taken before the kernel has; short paths.
        self._sockets = TemporaryDirectory()
        connection_file, _ = write_connection_file(
            str(folder / f".{name}-kernel.json"), transport="ipc", ip=f"{self._sockets.name}/kernel"
        )
        env = {**os.environ, "JPY_SESSION_NAME": str(folder / name)}
        self._kernel = fork(modules, connection_file=connection_file, cwd=str(folder), env=env)
        self._client = BlockingKernelClient(connection_file=connection_file)
        self._client.load_connection_file()
        self._client.hb_channel.time_to_dead = 30.0  # on a busy machine nobody is dead at once
        self._client.start_channels()
        self._client.wait_for_ready(timeout=120)

    def run(
        self, cell_id: str, source: str, tags: list[str] | None = None, **metadata: Any
    ) -> list[dict[str, Any]]:
        """Execute a cell; return its outputs as messages' contents."""
        self.send(cell_id, source, tags, **metadata)
        return self.outputs()

    def send(
        self, cell_id: str, source: str, tags: list[str] | None = None, **metadata: Any
    ) -> None:
        """Send a cell without waiting for its end, with what JupyterLab says beside it."""
        content = {
            "code": source, "silent": False, "store_history": True,
            "user_expressions": {}, "allow_stdin": False, "stop_on_error": True,
        }  # fmt: skip
        message = self._client.session.msg("execute_request", content)
        message["metadata"] |= {"cellId": cell_id, "tags": tags or [], **metadata}
        self._client.shell_channel.send(message)
        self._sent = message["header"]["msg_id"]

    def tell(self, **cells: str) -> None:
        """Say what the notebook is now, as the extension of JupyterLab does."""
        told = [{"cell_id": one, "kind": "code", "source": text} for one, text in cells.items()]
        content = {"data": {"cells": told}, "comm_id": "one"}
        opened = getattr(self, "_opened", False)
        kind = "comm_msg" if opened else "comm_open"
        if not opened:
            content["target_name"] = "nbtrail.document"
        self._client.shell_channel.send(self._client.session.msg(kind, content))
        self._opened = True

    def comms(self, target: str) -> list[dict[str, Any]]:
        """What the kernel has sent by comms of a target."""
        ids = {one["comm_id"] for one in self._comms if one.get("target_name") == target}
        return [one for one in self._comms if one["comm_id"] in ids]

    def complete(self, code: str) -> list[str]:
        """What Jupyter offers at the end of a cell's text."""
        reply = self._client.complete(code, reply=True, timeout=120)
        return [str(match) for match in reply["content"]["matches"]]

    def answer(self, comm_id: str, data: dict[str, Any]) -> None:
        """Send something by a comm that the kernel has opened."""
        content = {"comm_id": comm_id, "data": data}
        self._client.shell_channel.send(self._client.session.msg("comm_msg", content))

    def told(self, comm_id: str) -> dict[str, Any]:
        """Wait for what the kernel sends by a comm between cells."""
        while True:
            message = self._client.iopub_channel.get_msg(timeout=60)
            if message["content"].get("comm_id") == comm_id:
                data: dict[str, Any] = message["content"]["data"]
                return data

    def outputs(self) -> list[dict[str, Any]]:
        """Wait for the end of the cell that was sent; return what it put out."""
        found: list[dict[str, Any]] = []
        while True:
            # From the channel: the client itself would run an event loop for each message.
            message = self._client.iopub_channel.get_msg(timeout=120)
            if message["parent_header"].get("msg_id") != self._sent:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                self._client.shell_channel.get_msg(timeout=120)
                return found
            if kind in {"comm_open", "comm_msg"}:
                self._comms.append(content)
            if kind in {"stream", "display_data", "execute_result", "error"}:
                found.append({"output_type": kind, **content})

    def wait_for(self, text: str) -> None:
        """Wait until the running cell has printed `text`."""
        seen = ""
        while text not in seen:
            message = self._client.get_iopub_msg(timeout=120)
            if message["msg_type"] == "stream":
                seen += message["content"]["text"]

    def interrupt(self) -> None:
        os.killpg(self._kernel, signal.SIGINT)

    def kill(self) -> None:
        os.killpg(self._kernel, signal.SIGKILL)
        self.wait_for_its_end()

    def close(self) -> None:
        self._client.shutdown()
        self.wait_for_its_end()

    def wait_for_its_end(self) -> None:
        """Wait for the end of the kernel's process."""
        try:
            self._poll_its_end()
        finally:
            self._client.stop_channels()
            self._sockets.cleanup()

    def _poll_its_end(self) -> None:
        try:
            process = os.pidfd_open(self._kernel)
        except ProcessLookupError:
            return
        ended = select.poll()
        ended.register(process, select.POLLIN)
        assert ended.poll(60_000), "The kernel does not end."
        os.close(process)

    @property
    def store(self) -> Store:
        store = open_store(self.folder / ".nbtrail", create=False)
        store.drain()
        return store

    @property
    def runs(self) -> list[Run]:
        """The runs, oldest first."""
        return self.store.runs.search()[0][::-1]

    def verdict(self, run: Run) -> Verdict:
        """What the trail says of a run: the tag, the search and the findings agree."""
        store, run_id = self.store, run.info.run_id
        verdict = store.trails.verdict(run_id)
        assert verdict
        assert run.data.tags["nbtrail.verdict"] == verdict.verdict
        found, _ = store.runs.search(filter_string=f"trail.verdict = '{verdict.verdict}'")
        assert run_id in {one.info.run_id for one in found}
        return verdict

    def trail(self, run: Run) -> list[CellExecution]:
        return self.store.trails.executions(run.info.run_id)


def params(run: Run, *origins: str) -> dict[str, str]:
    """The params that were not only autologged."""
    wanted = origins or ("explicit", "injected", "inferred", "inherited")
    return {p.key: p.value for p in run.data.param_records if p.origin in wanted}
