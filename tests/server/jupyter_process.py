"""A Jupyter server in a process of its own, with nbtrail's extension."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

TOKEN = "jupyters-token"


class Server(NamedTuple):
    """Where it answers, and its process."""

    url: str
    pid: int


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def running(workdir: Path, base_url: str) -> Iterator[Server]:
    port = free_port()
    command = [sys.executable, "-m", "jupyter_server", "--allow-root", "--ServerApp.ip=127.0.0.1"]
    options = {
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.open_browser": False,
        "ServerApp.root_dir": workdir,
        "ServerApp.base_url": base_url,
        "ServerApp.jpserver_extensions": "{'nbtrail': True}",
        "IdentityProvider.token": TOKEN,
    }
    command += [f"--{name}={value}" for name, value in options.items()]
    with (workdir / "server.log").open("w") as log:
        process = subprocess.Popen(command, cwd=workdir, stdout=log, stderr=log)
    try:
        yield Server(ready(f"http://127.0.0.1:{port}{base_url}", process), process.pid)
    finally:
        process.terminate()
        process.wait(20)


def ready(url: str, process: subprocess.Popen[bytes]) -> str:
    """Wait until the server answers."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            ask(f"{url}api/status")
            return url
        except OSError:
            time.sleep(0.05)
    raise AssertionError(Path("server.log").read_text())


def ask(url: str, body: object = None) -> Any:
    """Send a request with Jupyter's token as a bearer token, as MLflow's clients do."""
    request = urllib.request.Request(
        url,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=90) as response:
        return json.loads(response.read())
