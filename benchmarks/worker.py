"""The process of one contestant: questions come in as lines of JSON, answers go out the same way.

A question's verb is a function of the contestant's module or, taking that module first, of
this one. Usage: python -m benchmarks.worker benchmarks.contestants.nbtrail
"""

from __future__ import annotations

import importlib
import json
import mmap
import os
import signal
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from resource import RUSAGE_THREAD, getrusage
from statistics import median
from types import ModuleType
from typing import Any

RECORD = bytes(32)
KEY = "loss"
Log = Callable[[str, float, int], object]


def calls(contestant: ModuleType, count: int) -> dict[str, float]:
    """Return the seconds of one `log` on the caller's thread, and of one 32-byte write beside it.

    Both are timed by turns, in ten pieces each.
    """
    contestant.start()
    log, raw, own, piece = contestant.log, 0.0, 0.0, max(1, count // 10)
    log(KEY, 0.5, 0)
    with tempfile.TemporaryFile(dir=".", buffering=0) as file:
        for first in range(1, 1 + 10 * piece, piece):
            raw += timed(partial(_writes, file.fileno(), piece))[0]
            own += timed(partial(_logs, log, first, first + piece))[0]
    contestant.finish()
    return {"raw": raw / (10 * piece), "own": own / (10 * piece), "points": 10 * piece + 1}


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return how many seconds something takes, and how many of those the processor works for it.

    On a busy machine the second says what the first would be if it were not.
    """
    start, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - used


def _writes(descriptor: int, count: int) -> None:
    write = os.write
    for _ in range(count):
        write(descriptor, RECORD)


def _logs(log: Log, first: int, last: int) -> None:
    for step in range(first, last):
        log(KEY, step / 2, step)


def ingest(contestant: ModuleType, count: int) -> tuple[float, float]:
    """Return the seconds until `count` points are stored, from the first call on."""
    contestant.start()

    def work() -> None:
        _logs(contestant.log, 0, count)
        contestant.finish()

    return timed(work)


def batch(contestant: ModuleType, metrics: int, params: int) -> tuple[float, float]:
    """Return the seconds for one batch into a new run."""
    contestant.start()
    work = contestant.prepare_batch(
        {f"metric_{n}": n / 2 for n in range(metrics)},
        {f"param_{n}": str(n) for n in range(params)},
    )
    seconds = timed(work)
    contestant.finish()
    return seconds


def short_runs(contestant: ModuleType, count: int) -> tuple[float, float]:
    """Return the seconds of so many runs: start, 10 params and 10 metrics one by one, end."""

    def work() -> None:
        for _ in range(count):
            contestant.start()
            for n in range(10):
                contestant.param(f"param_{n}", n)
            for n in range(10):
                contestant.log(f"metric_{n}", n / 2, 0)
            contestant.finish()

    return timed(work)


def loop(contestant: ModuleType, seconds: float) -> dict[str, Any]:
    """Work 200 µs in Python and log one point, again and again.

    By turns the same without: what stands for the call there is plain Python that takes as long,
    which shows what the machine does to anything of that length.

    Args:
        contestant: whose `log` is called.
        seconds: how long with the calls, and as long without.

    Returns:
        what the call adds to an iteration in seconds, and what `_Iterations.told` says of both.
    """
    contestant.start()
    plain, logged = _Iterations(), _Iterations()
    busy = _turns_in(200e-6)
    turns = busy // 40
    contestant.log(KEY, 0.0, 0)
    for _ in range(round(seconds / 0.1)):
        logged.go_on(contestant.log, busy, 0.1)
        plain.go_on(lambda _key, _value, _step, turns=turns: _spin(turns), busy, 0.1)
        turns = round(turns * median(logged.calls) / median(plain.calls))
    contestant.finish()
    return {"added": logged.added_to(plain), "logged": logged.told(), "plain": plain.told()}


@dataclass
class _Iterations:
    """Of each iteration: how long it took, and its call, and when that had returned.

    `interrupted` are calls in which the scheduler took the processor from this thread, and which
    waited for nothing themselves: no lock, no other thread, no disk.
    """

    seconds: list[float] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    interrupted: list[bool] = field(default_factory=list)

    def go_on(self, log: Log, busy: int, seconds: float) -> None:
        clock = time.perf_counter
        start = now = clock()
        while now - start < seconds:
            before = now
            _spin(busy)
            usage = getrusage(RUSAGE_THREAD)
            begun = clock()
            log(KEY, 0.5, len(self.calls) + 1)
            now = clock()
            after = getrusage(RUSAGE_THREAD)
            waited = after.ru_nvcsw > usage.ru_nvcsw
            self.interrupted.append(after.ru_nivcsw > usage.ru_nivcsw and not waited)
            self.calls.append(now - begun)
            self.ends.append(now)
            self.seconds.append(now - before)

    def added_to(self, plain: _Iterations) -> float:
        """Return what a call costs: the usual iteration's, and all that single calls take longer.

        Medians, because on a busy machine every mean is about who else had the processor.
        """
        usual = median(self.calls)
        longer = sum(call - usual for call in self.calls if call > usual) / len(self.calls)
        without = median(all_ - one for all_, one in zip(plain.seconds, plain.calls, strict=True))
        return median(self.seconds) - without + longer

    def told(self) -> dict[str, list[float] | list[bool]]:
        """Return what others need to know."""
        return {"calls": self.calls, "ends": self.ends, "interrupted": self.interrupted}


def _spin(turns: int) -> None:
    """Be busy as plain Python code is."""
    for _ in range(turns):
        pass


def _turns_in(seconds: float) -> int:
    """Return how often an empty loop turns in so many seconds."""
    return round(10_000 * seconds / min(timed(lambda: _spin(10_000))[0] for _ in range(50)))


def kill(contestant: ModuleType, seconds: float, pause: float = 0) -> int:
    """Kill a process `seconds` after its first call; return how many calls had returned.

    It sleeps for `pause` seconds after each call.
    """
    with mmap.mmap(-1, 8) as shared:
        child = os.fork()
        if child == 0:
            _log_for_ever(contestant, shared, pause)
        while not _count(shared):
            if os.waitpid(child, os.WNOHANG) != (0, 0):
                raise ChildProcessError("the process that should log ended by itself")
            time.sleep(0.001)
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return _count(shared)


def _count(shared: mmap.mmap) -> int:
    value: int = struct.unpack("<q", shared[:8])[0]
    return value


def _log_for_ever(contestant: ModuleType, shared: mmap.mmap, pause: float) -> None:
    """Log, and count in memory that outlives this process which calls have returned."""
    try:
        contestant.start()
        step = 0
        while True:
            contestant.log(KEY, step / 2, step)
            step += 1
            shared[:8] = struct.pack("<q", step)
            if pause:
                time.sleep(pause)
    finally:
        os._exit(1)


def main() -> None:
    """Answer until there are no more questions."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    contestant = importlib.import_module(sys.argv[1])
    here = sys.modules[__name__]
    for question in map(json.loads, sys.stdin):
        verb = question["verb"]
        try:
            shared = getattr(here, verb, None)
            work = partial(shared, contestant) if shared else getattr(contestant, verb)
            answer = {"value": work(**question["arguments"])}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
