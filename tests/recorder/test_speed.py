"""What a cell does not wait for: transactions, analyses, verdicts that nothing has changed."""

from __future__ import annotations

import ast
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

from nbtrail.entities import CellExecution
from nbtrail.magics import extension
from nbtrail.recorder import cells, trust
from nbtrail.recorder.recorder import Recorder
from nbtrail.store import Store, open_store
from nbtrail.store.database import Database
from nbtrail.trail import names
from recorder.kernel import Notebook

LONG = "\n".join(f"v{n} = max({n}, 1)" for n in range(40))


class Shell:
    """IPython with the recorder on, in this process."""

    def __init__(self) -> None:
        self.shell = InteractiveShell.instance()
        self.count = 0
        self.run("%load_ext nbtrail")

    def run(self, source: str, cell_id: str | None = None) -> ExecutionResult:
        self.count += 1
        chosen = cell_id or f"cell-{self.count}"
        result = self.shell.run_cell(source, store_history=True, cell_id=chosen)
        result.raise_error()
        return result

    @property
    def recorder(self) -> Recorder:
        return extension._recorders[id(self.shell)]

    @property
    def store(self) -> Store:
        """The store, with what every process has said by now."""
        store = open_store(create=False)
        store.drain()
        return store

    def trail(self) -> list[CellExecution]:
        (run,) = self.store.runs.search()[0]
        return self.store.trails.executions(run.info.run_id)

    def verdict(self) -> str:
        (run,) = self.store.runs.search()[0]
        return run.data.tags["nbtrail.verdict"]


@pytest.fixture
def shell(workdir: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Shell]:
    InteractiveShell.clear_instance()
    shell = Shell()
    yield shell
    shell.run("%unload_ext nbtrail")
    InteractiveShell.clear_instance()


class Counter:
    """Counts how often something was called, and by which threads."""

    def __init__(self, patch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
        self.threads: list[int] = []
        original = getattr(owner, name)

        def counted(*args: Any, **kwargs: Any) -> Any:
            self.threads.append(threading.get_ident())
            return original(*args, **kwargs)

        patch.setattr(owner, name, counted)

    def __len__(self) -> int:
        return len(self.threads)

    @property
    def here(self) -> int:
        """How often the thread that asks called it."""
        return self.threads.count(threading.get_ident())


def test_a_cell_without_results_needs_no_transaction(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.run("acc = 1.0 / 2")
    transactions = Counter(monkeypatch, Database, "write")
    for number in range(30):
        shell.run(f"x = {number}")
    shell.run(LONG)
    assert transactions.here == 0
    trail = shell.trail()
    assert transactions.here > 0
    assert [cell.role for cell in trail] == ["own"] * 32
    assert [cell.writes for cell in trail[1:31]] == [["x"]] * 30
    assert len(trail[31].writes) == 40
    assert {cell.status for cell in trail} == {"ok"}


def test_writes_do_not_grow_with_the_session(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.run("v = 0\nacc = 1.0 / 2")
    shell.run("v = v + 1")
    appended: list[int] = []
    store = shell.store
    append = store.cells._append
    monkeypatch.setattr(
        store.cells, "_append", lambda text: (appended.append(len(text)), append(text))
    )
    for _ in range(50):
        shell.run("v = v + 1")
    assert len(appended) == 50 * len(appended[:4])
    assert max(appended[-4:]) <= max(appended[:4]) + 100


def test_ids_are_reserved_for_many_cells(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.run("acc = 1.0 / 2")
    reserved = Counter(monkeypatch, type(shell.store.cells), "reserve")
    for number in range(300):
        shell.run(f"x = {number}")
    assert len(reserved) == 1
    trail = shell.trail()
    assert len({cell.id for cell in trail}) == 301
    assert [cell.ordinal for cell in trail] == sorted(cell.ordinal for cell in trail)


def test_a_source_is_analysed_once(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    analyses = Counter(monkeypatch, cells, "analyse_parsed")
    for _ in range(3):
        shell.run("x = 1")
        shell.run(LONG)
    shell.recorder.cells.background.settle()
    assert len(analyses) == 2


def test_a_long_source_is_analysed_while_its_cell_runs(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = threading.Event()

    def analyse(statements: list[ast.stmt]) -> names.CellNames:
        found = names.analyse_parsed(statements)
        threads.append(threading.get_ident())
        done.set()
        return found

    threads: list[int] = []
    monkeypatch.setattr(cells, "analyse_parsed", analyse)
    shell.shell.user_ns["done"] = done
    shell.run(f"{LONG}\nassert done.wait(30)")
    assert threads != [threading.get_ident()]
    assert len(shell.recorder.cells.lineage.steps[-1].writes) == 40


def test_nobody_waits_for_the_names_of_a_long_source(shell: Shell) -> None:
    shell.run("acc = 1.0 / 2")
    shell.run("k = 1")
    shell.run(f"{LONG}\nv0 = k")
    store = open_store(create=False)
    deadline = time.monotonic() + 30
    while len(shell.recorder.cells.lineage.steps[-1].writes) < 40:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    assert store.ahead == shell.recorder.cells.background.settle_all
    last = shell.trail()[-1]
    assert (last.status, len(last.writes)) == ("ok", 40)
    assert last.reads.keys() >= {"k"}


def test_what_a_long_cell_reads_comes_into_its_run(shell: Shell) -> None:
    shell.run("k = 1", "k")
    shell.run("acc = 1.0 / 2", "acc")
    shell.run(f"{LONG}\nv0 = k", "long")
    assert [(cell.cell_id, cell.role) for cell in shell.trail()] == [
        ("k", "prelude"),
        ("acc", "own"),
        ("long", "own"),
    ]


def test_a_result_in_a_long_cell_is_recorded_as_it_ends(shell: Shell) -> None:
    shell.run("lr = 0.1", "lr")
    shell.run(f"{LONG}\nacc = lr * 2", "long")
    (run,) = open_store(create=False).runs.search()[0]
    assert run.data.params == {"lr": "0.1"}
    assert shell.store.runs.get(run.info.run_id).data.metrics == {"acc": 0.2}
    assert [cell.cell_id for cell in shell.trail()] == ["lr", "long"]


def out_of_order(shell: Shell) -> None:
    for cell, source in (
        ("a", "n = 3"),
        ("b", "m = n * 2"),
        ("a", "n = 4"),
        ("c", "score = m / 9"),
    ):
        shell.run(source, cell)
    assert shell.verdict() == "stale-inputs"


def test_cells_beside_what_a_result_needs_are_not_judged(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    out_of_order(shell)
    verdicts = Counter(monkeypatch, trust, "judge")
    for number in range(20):
        shell.run(f"x = {number}")
    assert len(verdicts) == 0
    shell.run("y = 1", "b")
    assert len(verdicts) == 1
    shell.run("m = n * 2", "x")
    assert len(verdicts) == 2


def test_a_verdict_that_takes_long_is_waited_for_by_those_who_ask(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    for cell, source in (("a", "n = 3"), ("b", "m = n * 2"), ("c", "score = m / 9")):
        shell.run(source, cell)
    assert shell.verdict() == "linear"
    monkeypatch.setattr(trust, "QUICK_S", -1.0)
    monkeypatch.setattr(trust, "THREADS_MAY_PARSE", True)
    verdicts = Counter(monkeypatch, trust, "judge")
    shell.run("k = 4", "b")
    assert shell.verdict() == "stale-inputs"
    assert len(verdicts) == 1


def test_all_of_a_thousand_names_are_looked_after(shell: Shell) -> None:
    shell.run("globals().update({f'n{i}': [i] for i in range(1000)})")
    shell.run("alias = n7")
    shell.run("del n5")
    shell.run("n7.append(1)\nn999 = None")
    steps = shell.recorder.cells.lineage.steps
    assert [sorted(step.writes) for step in steps[-3:]] == [
        ["alias"], ["n5"], ["alias", "n7", "n999"],
    ]  # fmt: skip


def test_a_silent_cell_survives_the_death_of_the_next_one(tmp_path: Path) -> None:
    book = Notebook(tmp_path)
    for cell, source in (
        ("load", "%load_ext nbtrail"), ("k", "k = 1"), ("acc", "acc = 1.0 / 2"), ("x", "x = k"),
    ):  # fmt: skip
        book.run(cell, source)
    book.send("long", f"{LONG}\nprint('there')")
    book.send("end", "import os\nos.kill(os.getpid(), 9)")
    book.wait_for_its_end()
    (run,) = book.runs
    assert run.info.status == "KILLED"
    found = [(cell.cell_id, cell.status) for cell in book.trail(run)]
    assert found == [("k", "ok"), ("acc", "ok"), ("x", "ok"), ("long", "ok"), ("end", "killed")]
    assert book.trail(run)[2].writes == ["x"]
    assert book.trail(run)[3].outputs[0]["text"] == "there\n"
