"""`nbtrail diff`: two runs of a notebook side by side; with a real kernel."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from IPython.core.interactiveshell import InteractiveShell

import nbtrail
from nbtrail.cli import main
from nbtrail.display import html
from recorder.kernel import Notebook


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Notebook:
    """Two runs: the second with another parameter, an edited cell and one cell more."""
    book = Notebook(tmp_path_factory.mktemp("book"))
    book.run("load", "%load_ext nbtrail")
    book.run("a", "lr = 0.1")
    book.run("b", "data = list(range(2))\nprint('two')")
    book.run("c", "score = sum(data) * lr")
    book.run("a", "lr = 0.2")
    book.run("b", "data = list(range(3))\nprint('three')")
    book.run("d", "data = [d + 1 for d in data]")
    book.run("c", "score = sum(data) * lr")
    book.close()
    return book


@pytest.fixture
def runs(book: Notebook) -> list[str]:
    nbtrail.set_tracking_uri(book.store.uri)
    return [run.info.run_id for run in book.runs]


def test_what_differs_is_told_in_sections(invoke, runs: list[str]) -> None:
    a, b = (run[:8] for run in runs)
    shown = invoke("diff", a, b).stdout
    head, params, metrics, cells, *_ = shown.split("\n\n")
    assert [line.split()[:2] for line in head.splitlines()] == [["a", a], ["b", b]]
    assert params.splitlines()[1].split() == ["lr", "0.1", "0.2"]
    assert metrics.splitlines()[1].split() == ["score", "0.1", "1.2"]
    assert cells.rstrip().splitlines() == [
        "CELLS  1 added, 2 edited, 1 the same",
        "~ a  lr = 0.2  (edited)",
        "    @@ -1 +1 @@",
        "    -lr = 0.1",
        "    +lr = 0.2",
        "~ b  data = list(range(3))  (edited)",
        "    @@ -1,2 +1,2 @@",
        "    -data = list(range(2))",
        "    -print('two')",
        "    +data = list(range(3))",
        "    +print('three')",
        "    stdout",
        "    @@ -1 +1 @@",
        "    -two",
        "    +three",
        "+ d  data = [d + 1 for d in data]  (added)",
    ]


def test_colours_are_for_terminals(runs: list[str]) -> None:
    plain = CliRunner().invoke(main, ["diff", *runs]).stdout
    coloured = CliRunner().invoke(main, ["diff", *runs], color=True).stdout
    assert "\x1b[" not in plain
    assert "\x1b[32m" in coloured
    assert "\x1b[31m" in coloured


def test_as_json(invoke, runs: list[str]) -> None:
    found = json.loads(invoke("diff", *runs, "--json").stdout)
    assert found["params"] == [{"key": "lr", "a": "0.1", "b": "0.2"}]
    assert [cell["kind"] for cell in found["cells"]] == ["edited", "edited", "added", "same"]
    assert found["run_b"]["run_id"] == runs[1]


def test_as_html_in_a_notebook(runs: list[str]) -> None:
    shell = InteractiveShell()
    html.register(shell)
    found = nbtrail.diff(*runs)
    data, _ = shell.display_formatter.format(found)
    assert data["text/plain"] == str(found)
    assert "<td>0.1</td><td>0.2</td>" in data["text/html"]
    assert "<summary>edited: <code>lr = 0.2</code></summary>" in data["text/html"]
    chain, _ = shell.display_formatter.format(nbtrail.why(runs[1], "score"))
    assert "<pre>data = [d + 1 for d in data]</pre>" in chain["text/html"]


def test_an_unknown_run_is_told(invoke, runs: list[str]) -> None:
    result = invoke("diff", runs[0], "ffffffff")
    assert result.exit_code == 2
    assert "There is no run 'ffffffff'" in result.stderr


def test_nothing_in_a_cell_steers_a_terminal(invoke, workdir: Path) -> None:
    with nbtrail.start_run() as a:
        nbtrail.log_param("text", "x")
    with nbtrail.start_run() as b:
        nbtrail.log_param("text", "y\x1b]0;title\x07")
    assert "\x1b" not in invoke("diff", a.info.run_id, b.info.run_id).stdout
