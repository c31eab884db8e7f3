"""The trail of kernels that can have no recorder."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from nbtrail.errors import ExecutionFailed
from nbtrail.projects import run_notebook
from nbtrail.projects.reproduction.originals import restored_file
from nbtrail.projects.reproduction.reproduce import reproduce
from nbtrail.store import Store

WITHOUT_US = """
import sys
class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "nbtrail":
            raise ModuleNotFoundError(f"No module named '{name}'")
sys.meta_path.insert(0, Nowhere())
from ipykernel.kernelapp import launch_new_instance
launch_new_instance()
"""


@pytest.fixture
def bare_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Install a kernel of Python in which there is no nbtrail; return its name."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    argv = [sys.executable, "-c", WITHOUT_US, "-f", "{connection_file}"]
    folder = tmp_path / "jupyter" / "kernels" / "bare"
    folder.mkdir(parents=True)
    spec = {"argv": argv, "display_name": "bare", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    return "bare"


def test_a_kernel_without_nbtrail_leaves_its_cells_and_outputs(
    store: Store, write: Any, bare_kernel: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = write(("n = 1", ["parameters"]), "print(n)", "", "1 / 0", "n", kernel=bare_kernel)
    with pytest.raises(ExecutionFailed, match="ZeroDivisionError"):
        run_notebook(path, {"n": 5})
    assert "only cells and their outputs" in caplog.text
    store.drain()
    (run,) = store.runs.search()[0]
    trail = store.trails.executions(run.info.run_id)
    assert [(one.status, one.execution_count, one.role) for one in trail] == [
        ("ok", 1, "own"), ("ok", 2, "own"), ("ok", 3, "own"), ("error", 4, "own")
    ]  # fmt: skip
    assert [one.cell_id for one in trail][2:] == ["cell-2", "cell-4"]
    assert trail[0].tags == ["parameters"]
    assert trail[2].outputs[0]["text"] == "5\n"
    assert trail[3].error == "ZeroDivisionError: division by zero"
    verdict = store.trails.verdict(run.info.run_id)
    assert verdict is not None
    assert verdict.verdict == "linear"


@pytest.mark.full
def test_a_notebook_in_r_has_its_params_its_trail_and_comes_out_again(
    store: Store, workdir: Path
) -> None:
    spec = {"name": "ir", "display_name": "R", "language": "R"}
    made = new_notebook(metadata={"kernelspec": spec})
    made.cells = [
        new_code_cell("n <- 3\nname <- 'a'", metadata={"tags": ["parameters"]}),
        new_code_cell("x <- n * 2\ncat(name, x)", id="prints"),
        new_code_cell("plot(1:n)"),
    ]
    nbformat.write(made, "numbers.ipynb")
    run = run_notebook("numbers.ipynb", {"n": 5, "name": "it's"})
    assert run.data.params == {"n": "5", "name": "it's"}
    trail = store.trails.executions(run.info.run_id)
    assert trail[2].outputs == [{"name": "stdout", "output_type": "stream", "text": "it's 10"}]
    assert "image/png" in trail[3].outputs[0]["data"]
    assert reproduce(run, store=store).outcome == "identical"

    Path("again.ipynb").write_bytes(restored_file(store, run))
    again = run_notebook("again.ipynb", {"n": 7, "name": "b"})
    assert store.trails.executions(again.info.run_id)[-2].outputs[0]["text"] == "b 14"
