"""Measure what is promised of serving, side by side, and print one table.

Usage: python -m benchmarks.serving [--quick] [--install] [--only load,proxy,start,alias,kills]

wrk asks (Debian: apt install wrk). Peers are those that --install has installed. They are asked by
turns, while the others rest; a ratio is the median of each round's ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.serving import contestants, faults, pipeline, wrk
from benchmarks.serving.contestants import Asked
from nbtrail import config, models, serving
from nbtrail.registry import register_model
from nbtrail.store import open_store

RATE = 500  # requests a second while an alias moves
FRAMEWORK = "import numpy, pandas, sklearn.linear_model, sklearn.pipeline, sklearn.preprocessing"
TOKEN = "benchmark"


class Row(NamedTuple):
    """A line of the table; `met` is None where nothing is promised."""

    work: str
    measured: str
    goal: str = ""
    met: bool | None = None


class Bench:
    """What the rows share.

    Args:
        place: a directory to work in.
        quick: shorter, for a look.
    """

    def __init__(self, place: Path, quick: bool) -> None:
        self.place = place
        self.quick = quick
        self.rounds, self.seconds = (2, 2) if quick else (5, 5)
        table = pipeline.rows()
        self.model = place / "model"
        models.save_model(pipeline.fitted(), self.model, input_example=table.head(2))
        self.store = open_store(place / config.STORE_NAME)
        self.body = pipeline.body(table.head(1))
        answer = {"predictions": pipeline.fitted().predict(table.head(1)).tolist()}
        self.expected = json.dumps(answer, separators=(",", ":"))

    def load(self) -> Iterator[Row]:
        """Compare requests a second with one connection, and with 16."""
        with ExitStack() as stack:
            asked = {name: stack.enter_context(self._other(name)) for name in self._others()}
            single = {"nbtrail": self._served("nbtrail"), **asked}
            yield from self._compared(1, single, ("nbtrail", 4.0, 0.8))
            batch = {"nbtrail, batch": self._served("batch", batch_size=32), **single}
            yield from self._compared(16, batch, ("nbtrail, batch", 20.0, 1.5))
        self.stop()

    def _others(self) -> list[str]:
        known = contestants.installed()
        batch = ["litserve, batch"] if "litserve" in known else []
        return ["hand-written", *known, *batch]

    @contextmanager
    def _other(self, name: str) -> Iterator[Asked]:
        port = contestants.free_port()
        model = self.place / "of-mlflow"
        if name == "mlflow":
            make = [str(contestants.python("mlflow")), "-m", "benchmarks.serving.logged", model]
            subprocess.run(make, check=True, capture_output=True, cwd=contestants.ROOT)
        command, path = contestants.command(name, port, model)
        with contestants.started(command, port, path, self.place / f"{name}.log") as asked:
            contestants.until_answered(asked, self.body)
            yield asked

    def _served(self, name: str, **options: int) -> Asked:
        endpoint = serving.deploy(self.model, name, store=self.store, **options)
        return Asked(f"http://{endpoint.host}:{endpoint.port}/invocations", endpoint.token)

    def stop(self) -> None:
        """Stop all endpoints."""
        for endpoint in serving.list_endpoints(self.store):
            serving.stop(endpoint.name, self.store)

    def _measured(self, connections: int, asked: dict[str, Asked]) -> dict[str, list[wrk.Measured]]:
        found: dict[str, list[wrk.Measured]] = {name: [] for name in asked}
        for number in range(self.rounds + 1):
            for name, where in asked.items():
                others = {one.group for one in asked.values()} - {where.group}
                with contestants.resting(others):
                    one = wrk.measure(where, self.body, self.expected, connections, self.seconds)
                if number:  # the first is for warming up
                    found[name].append(one)
        return found

    def _compared(
        self, connections: int, asked: dict[str, Asked], goal: tuple[str, float, float]
    ) -> Iterator[Row]:
        """Yield a row for each contestant, and nbtrail's ratios to two of them."""
        found = self._measured(connections, asked)
        for name, rounds in found.items():
            rate, p50, p99 = (statistics.median(one) for one in zip(*rounds, strict=True))
            told = f"{rate:.0f} requests/s, p50 {p50:.2f} ms, p99 {p99:.2f} ms"
            yield Row(f"c={connections} {name}", told)
        own, of_mlflow, of_bare = goal
        for other, least in (("mlflow", of_mlflow), ("hand-written", of_bare)):
            if other not in found:
                continue
            pairs = zip(found[own], found[other], strict=True)
            ratio = statistics.median(a.rate / b.rate for a, b in pairs)
            work = f"c={connections} {own} / {other}"
            yield Row(work, f"{ratio:.2f} times", f"≥ {least:g} times", ratio >= least)
        if connections > 1:
            tail = statistics.median(one.p99 / one.p50 for one in found[own])
            yield Row(
                f"c={connections} {own} p99 / p50", f"{tail:.1f} times", "≤ 5 times", tail <= 5
            )

    def proxy(self) -> Iterator[Row]:
        """Compare the endpoint's address with the Jupyter server's."""
        direct = self._served("proxied")
        port = contestants.free_port()
        options = {
            "ServerApp.port": port,
            "ServerApp.port_retries": 0,
            "ServerApp.root_dir": self.place,
            "ServerApp.jpserver_extensions": "{'nbtrail': True}",
            "IdentityProvider.token": TOKEN,
            "ServerApp.log_level": "ERROR",
        }
        command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"]
        command += [f"--{name}={value}" for name, value in options.items()]
        path = "nbtrail/endpoints/proxied/invocations"
        with contestants.started(command, port, path, self.place / "jupyter.log") as asked:
            proxied = asked._replace(token=TOKEN)
            contestants.until_answered(proxied, self.body)
            found = self._measured(1, {"direct": direct, "proxied": proxied})
        pairs = zip(found["proxied"], found["direct"], strict=True)
        added = statistics.median(a.p50 - b.p50 for a, b in pairs)
        yield Row("c=1 added by the Jupyter proxy", f"{added:.2f} ms", "≤ 1.5 ms", added <= 1.5)
        self.stop()

    def start(self) -> Iterator[Row]:
        """Compare the time to the first answer with that of importing the framework."""
        imports, firsts = [], []
        for _ in range(self.rounds):
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", FRAMEWORK], check=True)
            imports.append(time.perf_counter() - began)
            firsts.append(self._first_answer())
        added = statistics.median(a - b for a, b in zip(firsts, imports, strict=True))
        told = f"{statistics.median(firsts):.2f} s, the import {statistics.median(imports):.2f} s"
        yield Row("start to first answer", told, "≤ the import + 1 s", added <= 1)

    def _first_answer(self) -> float:
        """Return seconds from `deploy` to the first answer."""
        began = time.perf_counter()
        contestants.ask(self._served("first"), self.body)
        took = time.perf_counter() - began
        self.stop()
        serving.delete("first", self.store)
        return took

    def alias(self) -> Iterator[Row]:
        """Move an alias under load."""
        for first_class in (0, faults.SECOND):
            where = self.place / f"version-{first_class}"
            example = pipeline.rows().head(2)
            models.save_model(pipeline.fitted(first_class), where, input_example=example)
            register_model(str(where), "wine", self.store)
        told = faults.switched(self.store, 30 if self.quick else 60, RATE)
        good = not told["failed"] and not told["wrong"] and len(told["kinds"]) == 2
        work = f"alias switched {told['switches']} times at {told['rate']:.0f} requests/s"
        yield Row(work, _told(told), "0 failed, 0 mixtures", good)

    def kills(self) -> Iterator[Row]:
        """Kill workers under load."""
        seconds = 30 if self.quick else 300
        told = faults.killed(self.store, str(self.model), seconds, 10)
        share = told["answered"] / (told["answered"] + told["failed"])
        work = f"{told['kills']} workers killed at {told['rate']:.0f} requests/s"
        good = share >= 0.999 and not told["wrong"]
        yield Row(work, f"{share:.4%}: {_told(told)}", "≥ 99.9 %, 0 wrong", good)


def _told(told: dict[str, int]) -> str:
    return f"{told['answered']} answered, {told['failed']} failed, {told['wrong']} wrong"


def main() -> None:
    """Print the table; the status is 1 where a goal is missed."""
    parts = ["load", "proxy", "start", "alias", "kills"]
    parser = argparse.ArgumentParser(prog="benchmarks.serving", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="shorter")
    parser.add_argument("--install", action="store_true", help="install the peers first")
    parser.add_argument("--only", default=",".join(parts), help="some of these")
    asked = parser.parse_args()
    wanted = asked.only.split(",")
    if unknown := [one for one in wanted if one not in parts]:
        parser.error(f"there is no '{unknown[0]}'; there are {', '.join(parts)}.")
    if {"load", "proxy"} & {*wanted} and shutil.which("wrk") is None:
        parser.error("wrk is not installed (Debian: apt install wrk).")
    if asked.install:
        contestants.install()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started ends
    with tempfile.TemporaryDirectory() as place:
        os.environ["PYTHONPATH"] = os.pathsep.join([str(contestants.ROOT), *sys.path[1:]])
        os.chdir(place)
        bench = Bench(Path(place), asked.quick)
        print("| work | measured | goal | |\n| --- | --- | --- | --- |")
        try:
            met = [_printed(row) for part in wanted for row in _part(bench, part)()]
        finally:
            bench.stop()
    sys.exit(0 if all(met) else 1)


def _part(bench: Bench, name: str) -> Callable[[], Iterator[Row]]:
    found: Callable[[], Iterator[Row]] = getattr(bench, name)
    return found


def _printed(row: Row) -> bool:
    mark = {None: "", True: "met", False: "**missed**"}[row.met]
    print(f"| {row.work} | {row.measured} | {row.goal} | {mark} |", flush=True)
    return row.met is not False


if __name__ == "__main__":
    main()
