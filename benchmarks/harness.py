"""Worker processes that measure by turns, so that what disturbs the machine disturbs them all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import ROOT
from benchmarks.peers import PEERS

SCRATCH = ROOT / "test-output"  # on the disk where a store would be; /tmp may be memory


class WorkerError(Exception):
    """A worker could not do what it was asked to; its own words."""


class Worker:
    """A process that answers the functions of a module: `ask("calls", count=1000)`.

    Args:
        module: below `benchmarks`, such as ``contestants.nbtrail``.
        folder: where it works; what it prints goes to a file there.
        python: the interpreter, for those that live in an environment of their own.
    """

    def __init__(self, module: str, folder: Path, python: Path | str = sys.executable) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._log = (folder / f"{module}.log").open("ab+")
        self._process = subprocess.Popen(
            [python, "-m", "benchmarks.worker", f"benchmarks.{module}"],
            cwd=folder,
            env=environment(folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def tell(self, verb: str, **arguments: Any) -> None:
        """Ask without waiting for the `answer`."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # its `answer` says why
            self._process.stdin.write(json.dumps({"verb": verb, "arguments": arguments}) + "\n")
            self._process.stdin.flush()

    def answer(self) -> Any:
        """Return what the oldest question's answer is.

        Raises:
            WorkerError: the worker failed or died.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        answer = json.loads(line) if line else {"error": self._last_words()}
        if "error" in answer:
            raise WorkerError(answer["error"])
        return answer["value"]

    def ask(self, verb: str, **arguments: Any) -> Any:
        """Ask, and return the answer."""
        self.tell(verb, **arguments)
        return self.answer()

    def _last_words(self) -> str:
        self._process.wait()
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "it died silently")

    def close(self) -> None:
        """Let the process end by itself, with all that it does on its way out."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout=120)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def environment(folder: Path) -> dict[str, str]:
    """Return an environment in which no setting of the developer's counts."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("NBTRAIL_", "MLFLOW_"))}
    own = {"HOME": str(folder), "PYTHONPATH": str(ROOT), "WANDB_MODE": "offline"}
    own |= {"TRACKIO_DIR": str(folder / "trackio"), "NBTRAIL_TRACKING_URI": str(folder / "store")}
    return kept | own


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder that is gone afterwards."""
    SCRATCH.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=SCRATCH) as name:
        yield Path(name)


@contextmanager
def arena(pythons: Mapping[str, Path | str]) -> Iterator[dict[str, Worker]]:
    """Give a worker for each contestant, in a folder of its own.

    Args:
        pythons: interpreter by contestant.
    """
    with scratch() as folder, ExitStack() as stack:
        yield {
            name: stack.enter_context(Worker(f"contestants.{name}", folder / name, python))
            for name, python in pythons.items()
        }


def turns(
    rounds: int, questions: Mapping[str, tuple[Worker, str, dict[str, Any]]]
) -> dict[str, list[Any]]:
    """Ask each its question (worker, verb, arguments) once a round, one after the other.

    Returns:
        the answers by name, without those of peers that failed: that is told and they are left.
    """
    answers: dict[str, list[Any]] = {name: [] for name in questions}
    for _ in range(rounds):
        for name in list(answers):
            worker, verb, arguments = questions[name]
            with sparing(name, answers):
                answers[name].append(worker.ask(verb, **arguments))
    return answers


@contextmanager
def sparing(name: str, answers: dict[str, Any]) -> Iterator[None]:
    """Let the others go on when a peer fails: that is told, and it has no answers any more."""
    try:
        yield
    except WorkerError as error:
        if name not in PEERS:
            raise
        print(f"{name} failed: {error}", file=sys.stderr)
        answers.pop(name, None)


def must_hold(
    workers: Mapping[str, Worker], answers: dict[str, list[Any]], logged: Mapping[str, int]
) -> None:
    """Count the points in the stores of all who answered; see `must_be`.

    Args:
        workers: by contestant.
        answers: from which a peer is taken that does not hold what it was given.
        logged: how many points each was given.
    """
    for name in list(answers):
        with sparing(name, answers):
            must_be(f"points of {name}", workers[name].ask("points"), logged[name])


def walls(answers: Mapping[str, list[Any]], scale: float = 1) -> dict[str, list[float]]:
    """Return the first of what `timed` gave (seconds by the clock on the wall), scaled."""
    return {name: [found[0] * scale for found in many] for name, many in answers.items()}


def processor(found: list[Any]) -> float:
    """Return the median of the second of what `timed` gave (seconds of processor time)."""
    return float(median(used for _, used in found))


def medians(answers: Mapping[str, list[float]]) -> dict[str, float]:
    """Return each contestant's median."""
    return {name: median(values) for name, values in answers.items()}


def ratio(own: list[float], raw: list[float]) -> float:
    """Return the median of the ratios of each round: what slowed a whole round cancels out."""
    return median(a / b for a, b in zip(own, raw, strict=True))


def disk(folder: Path) -> int:
    """Return how many bytes the files of a folder have, but for what a worker printed."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files if path.suffix != ".log")


def must_be(what: str, found: object, expected: object) -> None:
    """Refuse a figure whose work was not done: a fast wrong answer is no answer.

    Raises:
        WorkerError: the store does not hold what was logged.
    """
    if found != expected:
        raise WorkerError(f"{what}: {found} where {expected} were expected")
