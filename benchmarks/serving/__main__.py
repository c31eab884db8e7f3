"""Measure requests a second with wrk, and what is answered while workers are killed.

Usage: python -m benchmarks.serving [--seconds 3] [--rounds 3] [--kills 5]
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nbtrail import models, serving
from nbtrail.entities import Endpoint
from nbtrail.store import Store, open_store

SCRIPT = """
wrk.method = "POST"
wrk.body = [==[%s]==]
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer %s"
"""
HEADINGS = ("requests/s", "p50 ms", "p99 ms")


def main() -> None:
    """Print a line for each contestant and number of connections."""
    parser = argparse.ArgumentParser(prog="benchmarks.serving")
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kills", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        body = fitted(folder / "model")
        store = open_store(folder / "store")
        with bare(folder / "model") as other, served(store, folder / "model") as contestants:
            urls = {"hand-written": (other, ""), **contestants}
            for connections in (1, 16):
                compare(folder, urls, body, connections, asked)
        kill(store, folder / "model", body, asked.kills)


def fitted(directory: Path) -> str:
    """Save a pipeline; return a request of one row."""
    rows, classes = load_wine(return_X_y=True, as_frame=True)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(rows, classes)
    models.save_model(model, directory, input_example=rows.head(2))
    return json.dumps({"dataframe_split": rows.head(1).to_dict(orient="split", index=False)})


@contextmanager
def bare(model: Path) -> Iterator[str]:
    """Run the hand-written app."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.serving.bare", str(model), str(port)]
    with subprocess.Popen(command) as process:
        try:
            until_connected(port)
            yield f"http://127.0.0.1:{port}/invocations"
        finally:
            process.terminate()


def until_connected(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        time.sleep(0.05)


@contextmanager
def served(store: Store, model: Path) -> Iterator[dict[str, tuple[str, str]]]:
    """Serve the model with and without batches."""
    try:
        one = serving.deploy(model, "one", store=store)
        batch = serving.deploy(model, "batch", store=store, batch_size=32)
        yield {name: (url(e), e.token) for name, e in (("nbtrail", one), ("nbtrail, batch", batch))}
    finally:
        for endpoint in serving.list_endpoints(store):
            serving.stop(endpoint.name, store)


def url(endpoint: Endpoint) -> str:
    return f"http://{endpoint.host}:{endpoint.port}/invocations"


def compare(
    folder: Path,
    urls: dict[str, tuple[str, str]],
    body: str,
    connections: int,
    asked: argparse.Namespace,
) -> None:
    """Let wrk ask all in turns, and print the medians of the rounds."""
    found: dict[str, list[tuple[float, ...]]] = {name: [] for name in urls}
    for _ in range(asked.rounds):
        for name, (where, token) in urls.items():
            script = folder / "wrk.lua"
            script.write_text(SCRIPT % (body, token))
            command = [
                "wrk",
                "-t1",
                f"-c{connections}",
                f"-d{asked.seconds}s",
                "--latency",
                "--timeout",
                "60s",
            ]
            said = subprocess.run(
                [*command, "-s", str(script), where], capture_output=True, text=True, check=True
            ).stdout
            found[name].append(read(said))
    base = statistics.median(one[0] for one in found["hand-written"])
    for name, rounds in found.items():
        medians = [statistics.median(column) for column in zip(*rounds, strict=True)]
        told = ", ".join(f"{v:.1f} {h}" for v, h in zip(medians, HEADINGS, strict=True))
        print(f"c={connections:<3} {name:<16} {told}, {medians[0] / base:.2f} of hand-written")


def read(said: str) -> tuple[float, ...]:
    """Return requests a second and two latencies of what wrk prints."""
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    rate = float(re.findall(r"Requests/sec:\s+([\d.]+)", said)[0])
    units = {"us": 0.001, "ms": 1.0, "s": 1000.0}
    latencies = dict(re.findall(r"^\s+(50|99)%\s+([\d.]+[a-z]+)$", said, flags=re.MULTILINE))
    split = [re.fullmatch(r"([\d.]+)([a-z]+)", latencies[share]) for share in ("50", "99")]
    return (rate, *(float(m[1]) * units[m[2]] for m in split if m))


def kill(store: Store, model: Path, body: str, kills: int) -> None:
    """Ask all the time while one of two workers is killed again and again."""
    endpoint = serving.deploy(model, "killed", store=store, workers=2)
    answers: list[Any] = []
    over = threading.Event()

    def ask() -> None:
        headers = {
            "Authorization": f"Bearer {endpoint.token}",
            "Content-Type": "application/json",
        }
        while not over.is_set():
            request = urllib.request.Request(url(endpoint), body.encode(), headers)
            try:
                with urllib.request.urlopen(request, timeout=60) as response:
                    answers.append(json.load(response))
            except OSError as error:
                answers.append(str(error))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(kills):
        time.sleep(2)
        ready = [w for w in serving.workers("killed", store)["workers"] if w["state"] == "ready"]
        if ready:
            os.kill(ready[0]["pid"], signal.SIGKILL)
    over.set()
    for thread in threads:
        thread.join()
    serving.stop("killed", store)
    good = sum(isinstance(one, dict) for one in answers)
    wrong = len({json.dumps(one) for one in answers if isinstance(one, dict)}) - 1
    print(f"{kills} workers killed: {good} of {len(answers)} answered, {wrong} wrong")


if __name__ == "__main__":
    main()
