"""What the recorder adds to a cell: IPython with nbtrail and without, by turns in one process."""

from __future__ import annotations

import base64
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import ROOT
from benchmarks.harness import Worker, medians, must_be, scratch
from benchmarks.size import Size
from benchmarks.table import Check, Row
from benchmarks.worker import timed

MILLI = 1e3
CELLS = 300
RUN = "acc = 1.0 / 2"
FIGURE_BYTES = 40_000
LINES = "\n".join(f"w{n} = max(len('w{n}'), {n}) + int('3')" for n in range(10))


@dataclass(frozen=True)
class Kind:
    """A kind of cells: what ran before, what each is, and how many there are.

    In `source` the number of a cell is put in place of ``{i}``.
    """

    work: str
    bound: float
    source: str
    before: tuple[str, ...] = (RUN,)
    count: int = CELLS


OUT_OF_ORDER = ("n = 3", "m = n * 2", "n = 4", "score = m / 10")
MANY_NAMES = ("globals().update({f'name_{n}': object() for n in range(5000)})", RUN)
KINDS = (
    Kind("a cell without output, in a run", 0.3, "x = {i}"),
    Kind("the same before there is a run", 0.3, "x = {i}", ()),
    Kind("the same with ten lines", 0.3, "x = {i}\n" + LINES),
    Kind("the same in a session that is not straight", 0.3, "x = {i}", OUT_OF_ORDER),
    Kind("the same beside 5,000 names", 0.3, "x = {i}", MANY_NAMES),
    Kind("a cell with a figure (40 kB, another one each time)", 2, "show({i})", (RUN,), 60),
)


def single(size: Size) -> Iterator[Row]:
    """what the recorder adds to a cell"""
    with scratch() as folder, Worker("cells", folder, sys.executable) as worker:
        for place, kind in enumerate(KINDS):
            found = _by_turns(worker, size, kind=place)
            least = _least(worker, size) if kind.source.startswith("show") else None
            yield _row(kind.work, found, [kind.bound], least)


def _by_turns(worker: Worker, size: Size, **question: Any) -> dict[str, list[list[float]]]:
    rounds = range(size.rounds(quick=4, full=12))
    found: dict[str, list[list[float]]] = {"recorded": [], "bare": []}
    for _ in rounds:
        for name, answers in found.items():
            answers.append(worker.ask("execute", recorded=name == "recorded", **question))
    return found


def _least(worker: Worker, size: Size) -> float:
    return float(median(worker.ask("written") for _ in range(size.rounds(quick=4, full=12))))


def _row(
    work: str, found: dict[str, list[list[float]]], bounds: list[float], least: float | None
) -> Row:
    wall, used = (
        medians({name: [one[part] for one in many] for name, many in found.items()})
        for part in (0, 1)
    )
    added, worked = (each["recorded"] - each["bare"] for each in (wall, used))
    bytes_ = least or 0.0
    return Row(
        work,
        [Check((added - bytes_) * MILLI, "ms added", bounds[0])],
        unit="ms",
        limit=(bytes_ * MILLI, "its bytes, written and hashed") if least else None,
        note=f"a cell of bare IPython takes {wall['bare'] * MILLI:.2f} ms here; of processor time, "
        f"all threads together, nbtrail adds {worked * MILLI:.2f} ms.",
    )


def thousand(size: Size) -> Iterator[Row]:
    """1,000 cells in one session, a quarter out of order: the last hundred, and the first"""
    with scratch() as folder, Worker("cells", folder, sys.executable) as worker:
        rounds = range(size.rounds(quick=2, full=6))
        for work, source in (("", "v{i} = {i}"), ("; each reads the one before", "v = v + {i}")):
            found = {
                name: [worker.ask("long_session", recorded=name == "recorded", source=source)
                       for _ in rounds]
                for name in ("recorded", "bare")
            }  # fmt: skip
            first, last = (
                median(one[part] for one in found["recorded"])
                - median(one[part] for one in found["bare"])
                for part in (0, 1)
            )
            yield Row(
                f"{thousand.__doc__}{work}",
                [Check(last * MILLI, "ms added", 0.3), Check(last / first, "times the first", 1.5)],
            )


def long_cell(size: Size) -> Iterator[Row]:
    """a cell of 500 lines: what it adds, and what its analysis takes beside the user's thread"""
    with scratch() as folder, Worker("cells", folder, sys.executable) as worker:
        rounds = range(size.rounds(quick=6, full=20))
        analysis = median(worker.ask("analysis")[1] for _ in rounds)
        found = {
            name: [worker.ask("once", recorded=name == "recorded") for _ in rounds]
            for name in ("recorded", "bare")
        }
        each = medians(found)
    added = each["recorded"] - each["bare"]
    yield Row(
        str(long_cell.__doc__),
        [Check(added * MILLI, "ms added", 0.5), Check(analysis * MILLI, "ms analysed", 50)],
        note=f"bare IPython takes {each['bare'] * MILLI:.0f} ms for it.",
    )


def notebooks(size: Size) -> Iterator[Row]:
    """all cells of a notebook, in a process where nothing is imported yet"""
    with scratch() as folder:
        for name in ("quickstart", "training"):
            found: dict[str, list[float]] = {"recorded": [], "bare": []}
            for _ in range(size.rounds(quick=2, full=6)):
                for how, times in found.items():
                    with Worker("cells", folder, sys.executable) as worker:
                        recorded = how == "recorded"
                        times.append(worker.ask("notebook", name=name, recorded=recorded))
            each = medians(found)
            cells = len(_code_cells(name))
            added = (each["recorded"] - each["bare"]) / cells
            yield Row(
                f"notebooks/{name}.ipynb, per cell of {cells}",
                [Check(added * MILLI, "ms added", 100)],
                note="in a fresh process, with all that is recorded: runs opened, models and "
                "figures saved, and what saves them imported. Bare IPython takes "
                f"{each['bare']:.2f} s for all cells.",
            )


# What follows is called in the worker.


def execute(kind: int, recorded: bool) -> tuple[float, float]:
    """Return the median seconds of a cell of a kind, by the clock and of processor time."""
    asked = KINDS[kind]
    with _session(recorded, asked.before) as run:
        found = [run(asked.source.replace("{i}", str(i)), f"cell-{i}") for i in range(asked.count)]
    return median(wall for wall, _ in found), median(used for _, used in found)


def long_session(recorded: bool, source: str) -> tuple[float, float]:
    """Return the medians of the first and the last hundred cells of a thousand."""
    with _session(recorded, (*OUT_OF_ORDER, "v = 0")) as run:
        found = [
            run(source.replace("{i}", str(i)), f"cell-{i - i % 4 // 3 * 2}")[0] for i in range(1000)
        ]
    return median(found[:100]), median(found[-100:])


def once(recorded: bool) -> float:
    """Return the seconds of a long cell that is executed for the first time."""
    with _session(recorded, (RUN,)) as run:
        return run(_long_source(), "long")[0]


def analysis() -> tuple[float, float]:
    """Return the seconds of the analysis of a long cell, by the clock and of processor time."""
    from nbtrail.trail import names

    names.analyse.cache_clear()
    source = _long_source()
    return timed(lambda: names.analyse(source))


def notebook(name: str, recorded: bool) -> float:
    """Return the seconds of all cells of a notebook."""
    os.environ["MPLBACKEND"] = "agg"
    cells = [cell for cell in _code_cells(name) if "load_ext nbtrail" not in cell]
    with _session(recorded, ("import nbtrail", RUN)) as run:
        return sum(run(source, f"cell-{i}")[0] for i, source in enumerate(cells))


def written() -> float:
    """Return the seconds of writing a figure to a file and to SQLite, as text, hashed."""
    import hashlib
    import sqlite3

    with tempfile.TemporaryDirectory(dir=".") as folder:
        connection = sqlite3.connect(f"{folder}/db", isolation_level=None)
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        connection.execute("create table blob (digest, content)")
        found = []
        for number in range(50):
            data = base64.b64encode(random.Random(number).randbytes(FIGURE_BYTES))

            def work(data: bytes = data, number: int = number) -> None:
                digest = hashlib.sha256(data).hexdigest()
                connection.execute("insert into blob values (?, ?)", (digest, data))
                Path(folder, f"{number}.png").write_bytes(base64.b64decode(data))

            found.append(timed(work)[0])
        connection.close()
    return median(found)


class _session:  # noqa: N801 - reads as a function
    """A fresh shell in a folder of its own; with `recorded`, nbtrail's recorder is on."""

    def __init__(self, recorded: bool, before: tuple[str, ...]) -> None:
        self._recorded = recorded
        self._before = before

    def __enter__(self) -> Callable[[str, str], tuple[float, float]]:
        from IPython.core.interactiveshell import InteractiveShell

        self._here = Path.cwd()
        self._folder = tempfile.TemporaryDirectory(dir=".")
        os.environ["NBTRAIL_TRACKING_URI"] = str(Path(self._folder.name, "store").absolute())
        os.chdir(self._folder.name)
        InteractiveShell.clear_instance()
        self._shell = InteractiveShell.instance()
        self._shell.user_ns["show"] = show
        self._count = 0
        if self._recorded:
            self._run("%load_ext nbtrail", "load")
        for number, source in enumerate(self._before):
            self._run(source, f"before-{number}")
        return self._run

    def _run(self, source: str, cell_id: str) -> tuple[float, float]:
        start, used = time.perf_counter(), time.process_time()
        result = self._shell.run_cell(source, store_history=True, cell_id=cell_id)
        spent = time.perf_counter() - start, time.process_time() - used
        result.raise_error()
        self._count += 1
        return spent

    def __exit__(self, *_: object) -> None:
        if self._recorded:
            self._run("%unload_ext nbtrail", "unload")
            self._must_have_recorded()
        os.chdir(self._here)
        self._folder.cleanup()

    def _must_have_recorded(self) -> None:
        from nbtrail.store import open_store

        if not self._before:
            return  # no run, no store
        store = open_store()
        store.drain()
        with store._database.read() as connection:
            found = connection.execute("select count(*) from execution").fetchone()[0]
        must_be("executions on the session's trail", found, self._count)


def show(number: int) -> None:
    """Display something that is taken for an image: nobody looks at it."""
    from IPython.display import Image, display

    display(Image(data=b"\x89PNG\r\n\x1a\n" + random.Random(number).randbytes(FIGURE_BYTES)))


def _long_source() -> str:
    return "\n".join(f"v{n} = max(len('w{n}'), int('{n}')) + abs(-{n})" for n in range(500))


def _code_cells(name: str) -> list[str]:
    import nbformat

    book = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    return [cell.source for cell in book.cells if cell.cell_type == "code"]


MEASURES = (single, thousand, long_cell, notebooks)
