"""Endpoints under load while workers are killed and an alias moves: nobody is told wrong."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from nbtrail import serving
from nbtrail.entities import Endpoint
from nbtrail.registry import register_model
from nbtrail.serving import functions
from nbtrail.store import Store

ROOT = Path(__file__).parents[2]
ASKING = 4


def until(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 60
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def by_value(function: Any) -> Any:
    """Make a function of this file one of a notebook, which no worker can import."""
    function.__module__ = "__main__"
    return function


def once(numbers: list[int]) -> list[int]:
    return numbers


def negated(numbers: list[int]) -> list[int]:
    return [-number for number in numbers]


class Asking:
    """Asks all the time over connections that it keeps; every request is another.

    `lost` are the requests without an answer, `refused` those with an error for one, and `wrong`
    those with another's or with a mixture.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.answered = 0
        self.lost: list[str] = []
        self.refused: list[Any] = []
        self.wrong: list[Any] = []
        self._endpoint = endpoint
        self._over = threading.Event()

    def go_on(self, first: int) -> None:
        endpoint = self._endpoint
        connection = http.client.HTTPConnection(endpoint.host, endpoint.port, timeout=60)
        while not self._over.is_set():
            first += 1000
            try:
                self._ask(connection, [first, first + 1])
            except (OSError, http.client.HTTPException) as error:
                self.lost.append(repr(error))
                connection.close()  # the next request opens it again
        connection.close()

    def _ask(self, connection: http.client.HTTPConnection, numbers: list[int]) -> None:
        headers = {"Authorization": f"Bearer {self._endpoint.token}"}
        connection.request("POST", "/predict", json.dumps({"numbers": numbers}), headers)
        response = connection.getresponse()
        told = json.load(response)
        if response.status != 200:
            self.refused.append(told)
        elif told["result"] not in (numbers, [-number for number in numbers]):
            self.wrong.append((numbers, told))
        else:
            self.answered += 1

    def stop(self) -> None:
        self._over.set()


@contextmanager
def asking(endpoint: Endpoint) -> Iterator[Asking]:
    told = Asking(endpoint)
    threads = [threading.Thread(target=told.go_on, args=(n * 2,)) for n in range(ASKING)]
    for thread in threads:
        thread.start()
    try:
        yield told
    finally:
        told.stop()
        for thread in threads:
            thread.join()


def more(told: Asking) -> Callable[[], bool]:
    """Return whether it was answered again since now."""
    before = told.answered
    return lambda: told.answered > before + ASKING


def test_a_killed_worker_loses_what_it_was_answering_and_no_more(endpoints: Store) -> None:
    endpoint = serving.deploy(by_value(once), "once", store=endpoints, workers=2)

    def ready() -> list[int]:
        found = serving.workers("once", endpoints)["workers"]
        return [one["pid"] for one in found if one["state"] == "ready"]

    with asking(endpoint) as told:
        for _ in range(2):
            until(more(told))
            pids = until(lambda: len(ready()) == 2 and ready())
            os.kill(pids[0], signal.SIGKILL)
            until(lambda killed=pids[0]: killed not in ready() and len(ready()) == 2)
        until(more(told))
    assert (told.wrong, told.refused) == ([], [])
    assert len(told.lost) <= 2 * ASKING


def test_an_alias_that_moves_under_load_fails_nobody(endpoints: Store, tmp_path: Path) -> None:
    for number, function in enumerate((once, negated), start=1):
        functions.save(by_value(function), tmp_path / str(number))
        register_model(str(tmp_path / str(number)), "numbers")
    endpoints.model_notes.set_alias("numbers", "champion", "1")
    endpoint = serving.deploy("models:/numbers@champion", "numbers", store=endpoints)
    with asking(endpoint) as told:
        for version in ("2", "1"):
            until(more(told))
            endpoints.model_notes.set_alias("numbers", "champion", version)
            until(lambda wanted=version: served(endpoints) == [f"models:/numbers/{wanted}"])
        until(more(told))
    assert (told.lost, told.refused, told.wrong) == ([], [], [])


def served(store: Store) -> Any:
    known = store.endpoints.revisions("numbers")
    return next(one.served for one in known if one.state == "live")


@pytest.mark.full
def test_a_pipeline_under_load() -> None:
    command = [sys.executable, "-m", "benchmarks.serving", "--quick", "--only", "alias,kills"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    alias, kills = told.stdout.splitlines()[2:]
    assert " 0 failed, 0 wrong" in alias, told
    assert " 0 wrong" in kills, told
