"""What cells share without a name: who drew from a generator, who went to another folder."""

from __future__ import annotations

import os
import random
import sys

import numpy as np
import pytest

from nbtrail.recorder.surroundings import Surroundings

from .kernel import Notebook

NUMPY = "numpy.random.get_state()"


def test_each_draw_is_seen_once():
    np.random.get_state()  # which loads it: a generator that comes is seen as well
    around = Surroundings()
    assert around.changes() == {}
    np.random.rand()
    random.random()
    assert set(around.changes()) == {NUMPY, "random.getstate()"}
    assert around.changes() == {}


def test_the_same_seed_is_the_same_state():
    around = Surroundings()
    np.random.seed(7)
    (first,) = around.changes().values()
    np.random.rand(3)
    assert around.changes() != {NUMPY: first}
    np.random.seed(7)
    assert around.changes() == {NUMPY: first}


def test_another_generator_of_numpy_is_looked_at_as_well():
    around, before = Surroundings(), np.random.get_bit_generator()
    try:
        np.random.set_bit_generator(np.random.PCG64(1))
        (first,) = around.changes().values()
        np.random.rand()
        assert around.changes() not in ({}, {NUMPY: first})
    finally:
        np.random.set_bit_generator(before)


def test_the_folder_and_the_path_of_imports(workdir, monkeypatch):
    around = Surroundings()
    monkeypatch.syspath_prepend("lib")
    assert set(around.changes()) == {"sys.path"}
    sys.path.append("lib")  # again: nothing is found that was not
    assert around.changes() == {}
    (workdir / "inner").mkdir()
    os.chdir("inner")
    assert set(around.changes()) == {"os.getcwd()"}
    (workdir / "inner").rmdir()
    assert around.changes() == {}


def test_what_was_not_imported_counts_if_it_was_seeded(monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as without:
        without.delitem(sys.modules, "numpy.random")
        around = Surroundings()
    assert around.changes() == {}
    with monkeypatch.context() as without:
        without.delitem(sys.modules, "numpy.random")
        around = Surroundings()
    assert set(around.changes(seeded=True)) == {NUMPY}


def test_a_second_draw_needs_a_second_seed(notebook: Notebook) -> None:
    notebook.run("b", "import numpy as np\nnp.random.seed(1)")
    notebook.run("c", "accuracy = np.random.rand()")
    notebook.run("c", "accuracy = np.random.rand()")
    verdict = notebook.verdict(notebook.runs[-1])
    assert verdict.verdict == "out-of-order"
    told = "cell 3 changes `numpy.random.get_state()`, which it reads, and ran 2 times"
    assert verdict.findings[0].text == told
    notebook.run("b", "import numpy as np\nnp.random.seed(1)")
    notebook.run("c", "accuracy = np.random.rand()")
    assert notebook.verdict(notebook.runs[-1]).verdict == "linear"


def test_rows_that_a_cell_inserts_are_a_change_of_the_database(notebook: Notebook) -> None:
    notebook.run(
        "a",
        "import sqlite3\n"
        "connection = sqlite3.connect(':memory:')\n"
        "cursor = connection.cursor()\n"
        "_ = cursor.execute('create table t (x real)')",
    )
    insert = "for x in (1.0, 2.0):\n    cursor.execute('insert into t values (?)', (x,))"
    score = "score = connection.execute('select sum(x) from t').fetchone()[0] / 3"
    notebook.run("b", insert)
    notebook.run("c", score)
    notebook.run("c", score)
    assert notebook.verdict(notebook.runs[-1]).verdict == "linear"
    notebook.run("b", insert)
    notebook.run("c", score)
    verdict = notebook.verdict(notebook.runs[-1])
    assert verdict.verdict == "out-of-order"
    texts = [finding.text for finding in verdict.findings]
    assert "cell 3 changes `connection`, which it reads, and ran 2 times" in texts
    assert len(texts) == len(set(texts))


def test_what_a_cached_function_keeps_is_of_the_cell_that_called_it(notebook: Notebook) -> None:
    notebook.run("a", "rate = 2")
    notebook.run("b", "import functools\n@functools.cache\ndef f(n):\n    return n * rate")
    notebook.run("c", "score = f(3) / 7")
    notebook.run("c", "score = f(3) / 7")
    assert notebook.verdict(notebook.runs[-1]).verdict == "linear"
    notebook.run("a", "rate = 5")
    notebook.run("c", "score = f(3) / 7")
    verdict = notebook.verdict(notebook.runs[-1])
    assert verdict.verdict == "stale-inputs"
    assert "(`rate` was 2, and is 5 now)" in verdict.findings[0].text
