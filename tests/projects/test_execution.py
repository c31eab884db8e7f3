"""Notebooks executed by real kernels, as runs of a real store."""

from __future__ import annotations

import ast
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from nbtrail.errors import ExecutionFailed, InvalidValue, NotFound
from nbtrail.projects import run_notebook

TAGGED = ["parameters"]
TELL = """\
import json, os
from IPython import get_ipython
print(json.dumps({
    "cwd": os.getcwd(),
    "env": {k: v for k, v in os.environ.items() if k.startswith(("NBTRAIL", "JPY_SESSION"))},
    "request": get_ipython().get_parent()["metadata"],
}))"""


def executed(run):
    path = Path(run.info.artifact_uri) / Path(run.info.notebook).name
    return nbformat.read(path, as_version=4)


def printed(cell):
    return json.loads(cell.outputs[0].text)


def test_a_notebook_becomes_a_run(write, store):
    path = write(("lr = 0.1\nepochs = 3", TAGGED), "print(lr, epochs)")
    before = path.read_bytes()

    run = run_notebook(path, {"lr": "0.5"})

    assert (run.info.status, run.info.error, run.info.kind) == ("FINISHED", None, "explicit")
    assert run.info.notebook == str(path)
    assert store.experiments.get(run.info.experiment_id).name == "train"
    [param] = [p for p in run.data.param_records if p.key == "lr"]
    assert (param.value, param.typed, param.origin) == ("0.5", 0.5, "injected")
    assert executed(run).cells[-1].outputs[0].text == "0.5 3\n"
    assert path.read_bytes() == before


def test_given_dicts_are_recorded_like_those_of_a_cell(write, store):
    path = write(("cfg = {'C': 1.0}\nloss = 'hinge'\nlayers = (64, 32)", TAGGED), "cfg, layers")
    run = run_notebook(path, {"cfg": '{"C": 0.5}', "loss": "log", "layers": "[8]"})
    params = {p.key: (p.value, p.typed) for p in run.data.param_records}
    assert params == {"cfg.C": ("0.5", 0.5), "loss": ("log", "log"), "layers": ("(8,)", [8])}
    assert executed(run).cells[-1].outputs[0].data["text/plain"] == "({'C': 0.5}, (8,))"


def test_given_values_win_without_a_tag_too(write, store):
    path = write("import os\nlr = 0.1\nprint(lr)\nlr = 0.7")
    run = run_notebook(path, {"lr": 0.5})
    assert executed(run).cells[-1].outputs[0].text == "0.5\n"


def test_the_context_is_that_of_the_kernel(write, store):
    path = write("pass")
    program = store.contexts.get(run_notebook(path).info.run_id)["program"]
    assert (program["notebook"], program["directory"]) == (str(path), str(path.parent))
    assert program["kernel"]["implementation"].startswith("ipykernel ")


def test_the_kernel_knows_the_run_the_notebook_and_the_cell(write, store):
    path = write((TELL, ["tell", "raises-exception"]))
    run = run_notebook(path, experiment="tuning", run_name="first")
    cell = executed(run).cells[-1]
    told = printed(cell)

    assert (store.experiments.get(run.info.experiment_id).name, run.info.run_name) == (
        "tuning",
        "first",
    )
    assert told["cwd"] == str(path.parent)
    assert run.info.run_id in told["env"].pop("NBTRAIL_INHERITED")  # for its own children
    assert told["env"] == {
        "NBTRAIL_RUN_ID": run.info.run_id,
        "NBTRAIL_TRACKING_URI": store.uri,
        "JPY_SESSION_NAME": str(path),
    }
    assert told["request"]["cellId"] == "cell-1"
    assert told["request"]["tags"] == ["tell", "raises-exception"]
    assert "papermill" not in told["request"]
    assert cell.execution_count == 1


def test_a_failing_cell_makes_a_failed_run(write, store):
    path = write("a = 1", "1 / 0", "never = 1")

    with pytest.raises(ExecutionFailed) as caught:
        run_notebook(path)

    run = store.runs.get(caught.value.run_id)
    assert (run.info.status, run.info.error) == ("FAILED", "ZeroDivisionError: division by zero")
    cells = executed(run).cells[1:]
    assert [c.metadata.papermill.status for c in cells] == ["completed", "failed", "pending"]
    assert cells[1].outputs[0].ename == "ZeroDivisionError"
    assert str(caught.value) == (
        "train.ipynb stopped in cell 2 (ZeroDivisionError: division by zero). "
        f"The executed notebook is {run.info.artifact_uri}/train.ipynb"
    )


def test_an_expected_exception_is_no_failure(write, store):
    path = write(("1 / 0", ["raises-exception"]), "print('on')")
    run = run_notebook(path)
    assert run.info.status == "FINISHED"
    assert executed(run).cells[-1].outputs[0].text == "on\n"


@pytest.mark.parametrize(
    ("source", "status", "error"),
    [
        ("import sys; sys.exit()", "FINISHED", None),
        ("import sys; sys.exit(3)", "FAILED", "SystemExit: 3"),
        ("raise KeyboardInterrupt", "KILLED", "KeyboardInterrupt"),
        ("raise ValueError('two\\nlines')", "FAILED", "ValueError: two"),
    ],
)
def test_how_a_cell_may_end_a_run(write, store, source, status, error):
    path = write(source)
    if status == "FINISHED":
        run = run_notebook(path)
    else:
        with pytest.raises(ExecutionFailed) as caught:
            run_notebook(path)
        run = store.runs.get(caught.value.run_id)
    assert (run.info.status, run.info.error) == (status, error)


def test_a_kernel_that_dies_leaves_a_killed_run(write, store):
    path = write("print('before')", "import os; os.kill(os.getpid(), 9)", "never = 1")

    with pytest.raises(ExecutionFailed, match=r"stopped in cell 2 \(the kernel died\)") as caught:
        run_notebook(path)

    run = store.runs.get(caught.value.run_id)
    assert (run.info.status, run.info.error) == ("KILLED", "the kernel died")
    cells = executed(run).cells[1:]
    assert cells[0].outputs[0].text == "before\n"
    assert [c.metadata.papermill.status for c in cells] == ["completed", "failed", "pending"]


@pytest.mark.parametrize(
    ("waits", "statuses", "ename"),
    [
        ("time.sleep(60)", ["completed", "failed", "pending"], "KeyboardInterrupt"),
        (
            "try: time.sleep(60)\nexcept KeyboardInterrupt: pass",
            ["completed"] * 2 + ["failed"],
            None,
        ),
    ],
)
def test_ctrl_c_leaves_a_killed_run_and_no_kernel(write, store, workdir, waits, statuses, ename):
    tell = "open('started', 'w').write(str(os.getpid()))"
    path = write("import os, time", f"{tell}\n{waits}", "print('never')")
    code = f"from nbtrail.projects import run_notebook; run_notebook({str(path)!r})"
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    kernel = int(_wait_for_text(path.parent / "started"))

    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=90)

    [run], _ = store.runs.search()
    assert (run.info.status, run.info.error) == ("KILLED", "Interrupted")
    assert stderr.rstrip().endswith("\nKeyboardInterrupt")
    cells = executed(run).cells[1:]
    assert [c.metadata.papermill.status for c in cells] == statuses
    errors = [o.ename for c in cells for o in c.outputs if o.output_type == "error"]
    assert errors == ([ename] if ename else [])
    with pytest.raises(ProcessLookupError):
        os.kill(kernel, 0)


@pytest.fixture
def install_kernel(tmp_path, monkeypatch):
    """Install a kernel of any name, module and language for this test."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))

    def _install(name, module, language):
        argv = [sys.executable, "-m", module, "-f", "{connection_file}"]
        spec = {"argv": argv, "display_name": name, "language": language}
        folder = tmp_path / "jupyter" / "kernels" / name
        folder.mkdir(parents=True)
        (folder / "kernel.json").write_text(json.dumps(spec))

    return _install


def test_a_kernel_that_does_not_start_makes_a_failed_run(write, store, install_kernel):
    install_kernel("broken", "no_such_kernel", "python")
    with pytest.raises(ExecutionFailed, match="No module named no_such_kernel") as caught:
        run_notebook(write("1", kernel="broken"))
    assert store.runs.get(caught.value.run_id).info.status == "FAILED"


def test_a_kernel_needs_no_ports_that_another_process_may_take(write):
    run = run_notebook(
        write("import os, ipykernel", "print(ipykernel.get_connection_info(unpack=True))")
    )
    said = ast.literal_eval(executed(run).cells[-1].outputs[0].text)
    assert said["transport"] == "ipc"
    assert not Path(said["ip"]).parent.exists()


def test_another_language_gets_its_parameters_and_no_recorder(write, store, install_kernel):
    """The kernel only says that it is R's; what papermill writes for R is Python, too, here."""
    install_kernel("r", "ipykernel_launcher", "R")
    path = write(("n = 1", TAGGED), "print(n, 'nbtrail' in __import__('sys').modules)", kernel="r")
    run = run_notebook(path, {"n": "3"})
    assert executed(run).cells[-1].outputs[0].text == "3 False\n"
    assert run.data.params == {"n": "3"}
    cells = store.trails.executions(run.info.run_id)
    assert [(cell.reads, cell.writes) for cell in cells] == [({}, [])] * 3


@pytest.mark.parametrize(
    ("change", "parameters", "error", "message"),
    [
        ({}, {"lrr": 1}, InvalidValue, "Did you mean 'lr'?"),
        ({}, {"lr": "fast"}, InvalidValue, "must be float"),
        (
            {"kernelspec": {"name": "pyhton3", "display_name": ""}},
            {},
            InvalidValue,
            "Did you mean 'python3'?",
        ),
        ({"kernelspec": {"name": "", "display_name": ""}}, {}, InvalidValue, "names no kernel"),
        ({"kernelspec": {}}, {}, InvalidValue, "'name' is a required property"),
    ],
)
def test_a_mistake_leaves_no_run(write, store, change, parameters, error, message):
    path = write(("lr = 0.1", TAGGED))
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.update(change)
    nbformat.write(notebook, path)

    with pytest.raises(error) as caught:
        run_notebook(path, parameters)

    assert message in str(caught.value)
    assert store.runs.search() == ([], None)


def test_a_missing_notebook_leaves_no_run(store, tmp_path):
    with pytest.raises(NotFound, match="There is no notebook"):
        run_notebook(tmp_path / "none.ipynb")
    assert store.runs.search() == ([], None)


def _wait_for_text(path, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if path.exists() and path.read_text():
            return path.read_text()
        time.sleep(0.05)
    raise TimeoutError(path)


TRAINING = [
    ("lr = 0.1\nepochs = 3", TAGGED),
    ("import math\nbase = 1.0", ["setup"]),
    "val_acc = math.exp(-lr * epochs) * base",
]


@pytest.mark.parametrize("loads", [True, False])
def test_any_notebook_is_recorded(write, store, loads):
    """Whether it loads nbtrail or not; once, in both cases."""
    path = write(*(["%load_ext nbtrail"] if loads else []), *TRAINING)
    cells = [cell.id for cell in nbformat.read(path, as_version=4).cells[1:]]
    parameters_cell, setup, result = cells[-3:]

    run = run_notebook(path, {"lr": 0.5})

    trail = [e for e in store.trails.executions(run.info.run_id) if "load_ext" not in e.source]
    assert [(e.cell_id, e.tags, e.status) for e in trail] == [
        (parameters_cell, ["parameters"], "ok"),
        ("nbtrail-injected-parameters", ["injected-parameters"], "ok"),
        (setup, ["setup"], "ok"),
        (result, [], "ok"),
    ]
    [metric] = run.data.metric_summaries
    assert (metric.key, metric.cell_id) == ("val_acc", result)
    params = {p.key: (p.value, p.origin) for p in run.data.param_records}
    assert params == {
        "lr": ("0.5", "injected"),
        "epochs": ("3", "inferred"),
        "base": ("1.0", "inferred"),
    }
    assert (run.info.status, len(store.runs.search()[0])) == ("FINISHED", 1)


def test_what_was_recorded_survives_the_kernel(write, store):
    path = write(
        "import nbtrail, os\nfor step in range(1000): nbtrail.log_metric('loss', step, step=step)",
        "nbtrail.log_metric('loss', -1.0, step=1000)\nos.kill(os.getpid(), 9)",
    )
    with pytest.raises(ExecutionFailed) as caught:
        run_notebook(path)

    store.drain()
    run = store.runs.get(caught.value.run_id)
    assert (run.info.status, run.info.error) == ("KILLED", "the kernel died")
    [loss] = run.data.metric_summaries
    assert (loss.count, loss.value, loss.cell_id) == (1001, -1.0, "cell-2")
    trail = store.trails.executions(run.info.run_id)
    assert [(e.cell_id, e.status) for e in trail] == [("cell-1", "ok"), ("cell-2", "killed")]


def test_a_failing_cell_is_on_the_trail(write, store):
    with pytest.raises(ExecutionFailed) as caught:
        run_notebook(write("lr = 0.1", "1 / lr - 1 / 0", "never = 1"))
    trail = store.trails.executions(caught.value.run_id)
    assert [(e.cell_id, e.status, e.error) for e in trail] == [
        ("cell-1", "ok", None),
        ("cell-2", "error", "ZeroDivisionError: division by zero"),
    ]
