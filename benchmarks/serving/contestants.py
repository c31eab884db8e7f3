"""Who answers: each in processes of its own, with one worker and nothing else configured."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks import ROOT, peers

PEERS = {
    "mlflow": peers.Peer(("mlflow", "scikit-learn"), 1.0),
    "litserve": peers.Peer(("litserve", "scikit-learn", "pandas"), 1.0),
    "bentoml": peers.Peer(("bentoml", "scikit-learn", "pandas"), 1.0),
}
PATIENCE = 120.0  # seconds to the first answer


class Asked(NamedTuple):
    """Where requests go, with which token, and the process group that answers them."""

    url: str
    token: str = ""
    group: int | None = None


def folder(name: str) -> str:
    """Return the name of a peer's environment: that of the trackers' MLflow has no server."""
    return f"{name}-serving"


def python(name: str) -> Path:
    """Return the interpreter of a peer's environment."""
    return peers.python(folder(name))


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def ask(asked: Asked, body: str) -> object:
    """Send a request; return the answer. Raises OSError where there is none."""
    headers = {"Authorization": f"Bearer {asked.token}", "Content-Type": "application/json"}
    request = urllib.request.Request(asked.url, body.encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


def until_answered(asked: Asked, body: str) -> object:
    """Return the first answer."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return ask(asked, body)
        except OSError as error:
            refused = isinstance(error, urllib.error.HTTPError) and error.code < 500
            if refused or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


@contextmanager
def started(command: list[str], port: int, path: str, log: Path) -> Iterator[Asked]:
    """Run a server; its processes end with the context."""
    own = Path(command[0]).parent
    environment = os.environ | {
        "PATH": f"{own}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        "BENTOML_DO_NOT_TRACK": "true",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield Asked(f"http://127.0.0.1:{port}/{path}", group=process.pid)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def resting(groups: Iterable[int | None]) -> Iterator[None]:
    """Have processes do nothing for a while: some servers look for work all the time."""
    known = [group for group in groups if group is not None]
    for group in known:
        os.killpg(group, signal.SIGSTOP)
    try:
        yield
    finally:
        for group in known:
            os.killpg(group, signal.SIGCONT)


def command(name: str, port: int, model: Path) -> tuple[list[str], str]:
    """Return how a contestant is started, and the path that it answers at."""
    own = python(name.split(",", maxsplit=1)[0])
    match name:
        case "hand-written":
            return [sys.executable, "-m", "benchmarks.serving.bare", str(port)], "invocations"
        case "mlflow":
            serve = [str(own.with_name("mlflow")), "models", "serve", "-m", str(model)]
            return [*serve, "--env-manager", "local", "-w", "1", "-p", str(port)], "invocations"
        case "litserve" | "litserve, batch":
            batch = "32" if "batch" in name else "1"
            return [str(own), "-m", "benchmarks.serving.litserve", str(port), batch], "predict"
        case _:
            serve = [str(own.with_name("bentoml")), "serve", "benchmarks.serving.bento:Wine"]
            return [*serve, "--host", "127.0.0.1", "--port", str(port)], "invocations"


def installed() -> list[str]:
    """Return the peers that are there."""
    return [name for name in PEERS if peers.is_installed(folder(name))]


def install() -> None:
    """Install the peers that are missing."""
    peers.install({folder(name): peer for name, peer in PEERS.items()})
