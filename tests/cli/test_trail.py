"""`nbtrail trail`: tables, restored notebooks, slices that run again; with real kernels."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import nbformat
import pytest

import nbtrail
from nbtrail import projects
from nbtrail.entities import Document, DocumentCell
from nbtrail.store import Store
from nbtrail.trail import notebook, recorded
from recorder.kernel import Notebook

CELLS = {
    "load": "%load_ext nbtrail",
    "imports": "import numpy as np\nimport os",
    "seed": "np.random.seed(3)",
    "setup": "os.makedirs('made', exist_ok=True)",
    "parameters": "n = 50\nscale = 2.0",
    "data": "x = np.random.rand(n) * scale",
    "look": "print(x.mean())",
    "noise": "noise = np.random.rand(5)",
    "functions": "def judge(values):\n    return float(np.median(values) + np.random.rand())",
    "score": "score = judge(x)\nscore",
    "after": "other_loss = noise.sum()",
}
TWICE = "other_loss = noise.sum() * 2"


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Notebook:
    """A kernel in which all cells were executed, one of them twice."""
    return execute(tmp_path_factory.mktemp("book"), [*CELLS.items(), ("after", TWICE)])


@pytest.fixture
def book(executed: Notebook) -> Notebook:
    """The same, with its store in use."""
    nbtrail.set_tracking_uri(executed.store.uri)
    return executed


def run_of(book: Notebook) -> str:
    return book.runs[0].info.run_id


def written(path: str) -> list[tuple[str, str]]:
    notebook = nbformat.read(path, 4)
    nbformat.validate(notebook)
    return [(cell["id"], cell.source) for cell in notebook.cells]


def test_a_trail_is_shown_as_a_table(invoke, book: Notebook) -> None:
    shown = invoke("trail", run_of(book)[:8]).stdout.splitlines()
    assert shown[0].split() == ["CELL", "SOURCE", "STATUS", "DURATION", "RECORDED"]
    (score,) = [line for line in shown if "score = judge(x)" in line]
    assert score.startswith("[10] score ")
    assert score.endswith(" score")
    (parameters,) = [line for line in shown if "parameters" in line]
    assert parameters.endswith("n, scale")


def test_a_slice_runs_again_to_the_same_metric(invoke, book: Notebook) -> None:
    result = invoke("trail", run_of(book), "--slice", "score", "-o", "slim.ipynb")
    assert result.stdout == "Wrote 9 cells to slim.ipynb.\n"
    assert [cell for cell, _ in written("slim.ipynb")] == [
        name for name in CELLS if name not in {"look", "after"}
    ]
    again = projects.run_notebook("slim.ipynb", {}, store=book.store, progress=False)
    assert again.data.metrics["score"] == book.runs[0].data.metrics["score"]


def test_a_restored_notebook_has_the_document_with_the_outputs(invoke, book: Notebook) -> None:
    document = [DocumentCell("title", "markdown", "# Noise")]
    document += [DocumentCell(name, "code", source) for name, source in CELLS.items()]
    book.store.trails.put_document(run_of(book), Document("live", document[::-1]))
    assert invoke("trail", run_of(book), "-o", "restored.ipynb").exit_code == 0
    found = written("restored.ipynb")
    assert found[0] == ("after", TWICE)
    assert found[-1] == ("title", "# Noise")
    assert {cell for cell, _ in found} == {"title", *CELLS}
    cells = {cell["id"]: cell for cell in nbformat.read("restored.ipynb", 4).cells}
    value = book.runs[0].data.metrics["score"]
    assert cells["score"].outputs[0].data == {"text/plain": repr(value)}
    assert cells["score"].execution_count == 10
    assert (cells["look"].outputs, cells["look"].execution_count) == ([], None)  # no part of it


def test_every_execution_tells_the_full_story(invoke, book: Notebook) -> None:
    assert invoke("trail", run_of(book), "--every-execution", "-o", "story.ipynb").exit_code == 0
    found = written("story.ipynb")
    assert [source for _, source in found][-2:] == [CELLS["after"], TWICE]
    assert not {cell for cell, _ in found} & CELLS.keys()


def test_the_executions_as_json(invoke, book: Notebook) -> None:
    found = json.loads(invoke("trail", run_of(book), "--slice", "score", "--json").stdout)
    assert [one["cell_id"] for one in found][-1] == "score"
    assert found[-1]["metrics"] == ["score"]


def test_why_is_the_chain_that_led_to_a_metric(book: Notebook) -> None:
    chain = nbtrail.why(run_of(book), "score")
    assert [link.execution.cell_id for link in chain.links] == [
        "imports", "seed", "parameters", "data", "noise", "functions", "score",
    ]  # fmt: skip
    lines = str(chain).splitlines()
    assert lines[0].split() == ["CELL", "SOURCE", "GIVES"]
    assert lines[3].split("  ")[0] == "[5] parameters"
    assert lines[3].endswith("n scale")
    assert lines[-1].startswith(f"score = {chain.value:.6g}  ")


def test_the_trail_as_a_function(book: Notebook) -> None:
    executions = nbtrail.trail(run_of(book))
    assert [one.cell_id for one in executions][-2:] == ["after", "after"]
    assert executions == book.trail(book.runs[0])


def test_a_file_that_is_there_stays(invoke, book: Notebook, workdir: Path) -> None:
    Path("mine.ipynb").write_text("mine")
    refused = invoke("trail", run_of(book), "-o", "mine.ipynb")
    assert refused.exit_code == 2
    assert refused.stderr == "Error: 'mine.ipynb' is there already. --force replaces it.\n"
    assert Path("mine.ipynb").read_text() == "mine"
    assert invoke("trail", run_of(book), "-o", "mine.ipynb", "--force").exit_code == 0
    assert written("mine.ipynb")
    assert not list(workdir.glob(".mine*"))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--slice", "scroe"], "has no metric 'scroe'. Did you mean 'score'?"),
        (["-o", "made.py"], "'made.py' is no name for a notebook: it must end in .ipynb."),
        (["-o", "none/made.ipynb"], "The folder 'none' does not exist."),
        (["--every-execution"], "say which one with -o FILE.ipynb."),
        (["--every-execution", "--slice", "score", "-o", "x.ipynb"], "ask for one."),
    ],
)
def test_mistakes_are_told_in_a_sentence(
    invoke, store: Store, arguments: list[str], sentence: str
) -> None:
    with nbtrail.start_run() as run:
        nbtrail.log_metric("score", 1.0)
    session = store.trails.start_session(0, None, None).session_id
    one = store.trails.begin(session, 0, "a", "score = 1", 0)
    store.trails.attach(run.info.run_id, [one], "own")
    result = invoke("trail", run.info.run_id, *arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr


def test_a_run_of_a_script_has_no_trail(invoke) -> None:
    with nbtrail.start_run() as run:
        nbtrail.log_metric("score", 1.0)
    result = invoke("trail", run.info.run_id)
    assert result.exit_code == 2
    assert "has no trail: it did not come from the cells of a notebook." in result.stderr


@pytest.mark.parametrize(
    ("name", "left_out"),
    [
        pytest.param("quickstart", {"f1_macro": {"look"}}, marks=pytest.mark.full),
        ("training", {"accuracy": set(), "loss": {"evaluate"}}),
    ],
)
def test_slices_of_the_examples(
    notebooks: Path, workdir: Path, name: str, left_out: dict[str, set[str]]
) -> None:
    """Each example is executed up to its metrics, and then each slice in a fresh kernel."""
    cells = nbformat.read(notebooks / f"{name}.ipynb", 4).cells
    sources = {
        cell["id"]: cell.source.replace("pause = 0.05", "pause = 0.0")
        for cell in cells
        if cell.cell_type == "code" and not cell["id"].startswith("plot")
    }
    book = execute(workdir / "first", sources.items())
    (run,) = book.runs
    for metric, unneeded in left_out.items():
        made = notebook.program(recorded.sliced(book.store, run, metric).executions)
        slim = [(cell["id"], cell["source"]) for cell in made["cells"]]
        assert sources.keys() - dict(slim).keys() == unneeded
        again = execute(workdir / metric, slim)
        assert again.runs[0].data.metrics[metric] == run.data.metrics[metric]


def execute(folder: Path, cells: Iterable[tuple[str, str]]) -> Notebook:
    folder.mkdir(exist_ok=True)
    book = Notebook(folder)
    for cell_id, source in cells:
        book.run(cell_id, source)
    book.close()
    return book
