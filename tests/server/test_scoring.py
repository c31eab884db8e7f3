"""A real server, a real model in a real scoring process, and who of them loads what."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nbtrail import config, models, serving
from nbtrail.store import open_store

TOKEN = "jupyters-token"


class Server(NamedTuple):
    """A Jupyter server in a process of its own."""

    url: str
    pid: int


@pytest.fixture
def server(workdir: Path) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyter_server", "--allow-root", "--ServerApp.ip=127.0.0.1"]
    options = {
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.open_browser": False,
        "ServerApp.root_dir": workdir,
        "ServerApp.base_url": "/base/",
        "ServerApp.jpserver_extensions": "{'nbtrail': True}",
        "IdentityProvider.token": TOKEN,
    }
    command += [f"--{name}={value}" for name, value in options.items()]
    with (workdir / "server.log").open("w") as log:
        process = subprocess.Popen(command, cwd=workdir, stdout=log, stderr=log)
    try:
        yield Server(ready(f"http://127.0.0.1:{port}/base/", process), process.pid)
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


def loaded(pid: int, package: str) -> bool:
    """Return whether a process has a compiled module of a package in its memory."""
    return f"/{package}/" in Path("/proc", str(pid), "maps").read_text()


def test_a_model_scores_through_the_server_and_never_in_it(server: Server, workdir: Path) -> None:
    features, classes = load_wine(return_X_y=True, as_frame=True)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(features, classes)
    models.save_model(model, workdir / "model", input_example=features[:2])
    store = open_store(workdir / config.STORE_NAME)
    endpoint = serving.deploy(workdir / "model", "wine", store=store)
    try:
        (listed,) = ask(f"{server.url}nbtrail/api/endpoints")["endpoints"]
        assert (listed["state"], listed["url"]) == (
            "ready",
            "/base/nbtrail/endpoints/wine/invocations",
        )
        rows = features[::40]
        answer = ask(
            f"{server.url}nbtrail/endpoints/wine/invocations",
            {"dataframe_split": rows.to_dict(orient="split", index=False)},
        )
        assert answer == {"predictions": model.predict(rows).tolist()}
        (worker,) = ask(f"{server.url}nbtrail/api/endpoints/wine/workers")["workers"]
        assert loaded(worker["pid"], "sklearn")
        assert not loaded(endpoint.pid or os.getpid(), "sklearn")
        assert not loaded(server.pid, "sklearn")
        assert not loaded(server.pid, "pandas")
    finally:
        serving.stop("wine", store)
    (listed,) = ask(f"{server.url}nbtrail/api/endpoints")["endpoints"]
    assert listed["state"] == "stopped"


def test_the_extension_loads_no_framework() -> None:
    code = (
        "import sys, nbtrail.server.jupyter\n"
        "print(sorted({'sklearn', 'skops', 'cloudpickle', 'pandas', 'numpy', 'plotly', 'uvicorn'}"
        " & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
