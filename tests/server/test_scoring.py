"""A real server, a real model in a real scoring process, and who of them loads what."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nbtrail import config, models, serving
from nbtrail.store import open_store
from server import jupyter_process
from server.jupyter_process import Server, ask


@pytest.fixture
def server(workdir: Path) -> Iterator[Server]:
    with jupyter_process.running(workdir, "/base/") as server:
        yield server


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
