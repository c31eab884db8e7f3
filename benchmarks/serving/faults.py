"""What is answered while an alias moves, and while workers are killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

from benchmarks.serving.pipeline import body, fitted, rows
from nbtrail import serving
from nbtrail.entities import Endpoint
from nbtrail.store import Store

AT_ONCE = 2  # rows of a request: those of a mixture would come from two models
SECOND = 10  # the first class of the second model


def switched(store: Store, seconds: float, rate: int) -> dict[str, Any]:
    """Move an alias between two versions every three seconds or so, at so many requests a second.

    Returns what `benchmarks.serving.load` tells, with `switches`.
    """
    store.model_notes.set_alias("wine", "champion", "1")
    endpoint = serving.deploy("models:/wine@champion", "switched", store=store)
    versions = [0]

    def move() -> None:
        store.model_notes.set_alias("wine", "champion", str(2 - versions[0] % 2))
        versions[0] += 1
        live = serving.get_endpoint("switched", store).revision
        until = time.monotonic() + 30
        while time.monotonic() < until:
            if serving.get_endpoint("switched", store).revision > live:
                return
            time.sleep(0.05)

    told = _under_load(endpoint, seconds, 3.0, move, rate=rate, connections=16)
    serving.stop("switched", store)
    return told | {"switches": versions[0]}


def killed(store: Store, model: str, seconds: float, every: float) -> dict[str, Any]:
    """Kill one of two workers now and then, as fast as four connections ask.

    Returns what `benchmarks.serving.load` tells, with `kills`.
    """
    endpoint = serving.deploy(model, "killed", store=store, workers=2)
    kills = [0]

    def kill() -> None:
        ready = [w for w in serving.workers("killed", store)["workers"] if w["state"] == "ready"]
        if ready:
            os.kill(ready[kills[0] % len(ready)]["pid"], signal.SIGKILL)
            kills[0] += 1

    told = _under_load(endpoint, seconds, every, kill, rate=None, connections=4)
    serving.stop("killed", store)
    return told | {"kills": kills[0]}


def _under_load(
    endpoint: Endpoint, seconds: float, every: float, act: Any, **how: Any
) -> dict[str, Any]:
    table = rows()
    parts = [table.iloc[first : first + AT_ONCE] for first in range(0, len(table), AT_ONCE)]
    expected = [fitted(first).predict(table).tolist() for first in (0, SECOND)]
    told = {
        "host": endpoint.host,
        "port": endpoint.port,
        "token": endpoint.token,
        "seconds": seconds,
        "bodies": [body(part) for part in parts],
        "expected": [
            [one[first : first + AT_ONCE] for one in expected]
            for first in range(0, len(table), AT_ONCE)
        ],
    }
    command = [sys.executable, "-m", "benchmarks.serving.load"]
    asking = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    over = threading.Event()
    acting = threading.Thread(target=_again_and_again, args=(act, every, over))
    acting.start()
    said, _ = asking.communicate(json.dumps(told | how))
    over.set()
    acting.join()
    found: dict[str, Any] = json.loads(said)
    return found


def _again_and_again(act: Any, every: float, over: threading.Event) -> None:
    while not over.wait(every):
        act()
