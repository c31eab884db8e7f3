"""`nbtrail run` with real kernels; as a process of its own where that matters."""

import os
import pty
import signal
import subprocess
import sys
import termios
import time

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

PYTHON = {"name": "python3", "display_name": "Python 3", "language": "python"}


@pytest.fixture
def notebook(workdir):
    """Write a notebook with parameters, that fails or waits on request."""

    def cell(source, *tags):
        return new_code_cell(source, metadata={"tags": list(tags)})

    written = new_notebook(metadata={"kernelspec": PYTHON})
    written.cells = [
        cell("lr = 0.1  # learning rate\nseconds: int = 0\nfail = False", "parameters"),
        cell("import pathlib, time\npathlib.Path('started').touch()\ntime.sleep(seconds)"),
        cell("assert not fail, 'as you asked'"),
    ]
    path = workdir / "train.ipynb"
    nbformat.write(written, path)
    return path


def command(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "nbtrail", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_run_is_shown_when_it_is_done(notebook, store):
    process = command("run", notebook, "-P", "lr=0.5", "--experiment", "tuning", "--name", "best")
    stdout, stderr = process.communicate(timeout=60)

    assert (process.returncode, stderr) == (0, "")
    shown = [line.split() for line in stdout.splitlines()]
    [run], _ = store.runs.search()
    for row in (
        ["Run", "best"],
        ["Id", run.info.run_id],
        ["Experiment", "tuning"],
        ["Status", "FINISHED"],
        ["lr", "0.5", "injected"],
    ):
        assert row in shown


def test_a_failing_cell_is_one_sentence_and_status_1(invoke, notebook, store):
    result = invoke("run", notebook, "-P", "fail=true")

    [run], _ = store.runs.search()
    assert (result.exit_code, result.stdout, run.info.status) == (1, "", "FAILED")
    assert result.stderr == (
        "Error: train.ipynb stopped in cell 4 (AssertionError: as you asked). "
        f"The executed notebook is {run.info.artifact_uri}/train.ipynb\n"
    )


def test_ctrl_c_is_one_word_and_status_130(notebook, store, workdir):
    process = command("run", notebook, "-P", "seconds=60")
    deadline = time.monotonic() + 30
    while not (workdir / "started").exists() and time.monotonic() < deadline:
        time.sleep(0.05)

    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=90)

    assert (process.returncode, stdout, stderr) == (130, "", "Interrupted.\n")
    [run], _ = store.runs.search()
    assert (run.info.status, run.info.error) == ("KILLED", "Interrupted")


def test_a_terminal_shows_the_progress(notebook):
    terminal, its_process = pty.openpty()
    termios.tcsetwinsize(its_process, (24, 80))
    with os.fdopen(terminal, "rb", buffering=0) as screen:
        process = subprocess.Popen(
            [sys.executable, "-m", "nbtrail", "run", notebook],
            stdout=subprocess.DEVNULL,
            stderr=its_process,
        )
        assert process.wait(timeout=60) == 0
        shown = screen.read(100_000).decode()
    os.close(its_process)
    assert "train.ipynb:   0%" in shown
    assert "3/3" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("train.ipynb", "-P", "lrr=1"), "Did you mean 'lr'?"),
        (("train.ipynb", "-P", "lr=fast"), "must be float (its default is 0.1), got 'fast'"),
        (("train.ipynb", "-P", "lr"), "'lr' is not of the form NAME=VALUE"),
        (("train.ipynb", "-P", "lr=1", "-P", "lr=2"), "'lr' is given more than once"),
        (("trian.ipynb",), "Did you mean 'train.ipynb'?"),
        (("trian.ipynb", "--help"), "Did you mean 'train.ipynb'?"),
        ((), "Missing argument 'TARGET'"),
        (("x" * 5000,), "There is no directory, notebook or run 'xxx"),
        (("train.ipynb", "-f", "date.yaml"), "date.yaml cannot be read: month must be"),
        (("nowhere",), "There is no directory, notebook or run 'nowhere'"),
        (("train.ipynb", "--version", "v1"), "Only a project has a version"),
    ],
)
def test_a_mistake_is_told_before_anything_is_made(invoke, notebook, workdir, arguments, message):
    (workdir / "date.yaml").write_text("lr: 2024-13-41")
    result = invoke("run", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (workdir / ".nbtrail").exists()


@pytest.mark.parametrize(
    "options",
    [
        ("-P", f"data={'x' * 10_000}"),
        ("-P", "data=\udcff"),
        ("--name", "two\nlines"),
        ("--name", "x" * 501),
        ("--name", "\udcff"),
        ("--experiment", "\udcff"),
    ],
    ids=lambda options: repr(options)[:30],
)
def test_what_cannot_be_stored_is_refused_before_there_is_a_run(invoke, store, workdir, options):
    written = new_notebook(metadata={"kernelspec": PYTHON})
    written.cells = [new_code_cell("data = 'a.csv'")]
    nbformat.write(written, workdir / "read.ipynb")

    result = invoke("run", "read.ipynb", *options)

    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert store.runs.search()[0] == []


def test_help_lists_the_parameters_of_the_notebook(invoke, notebook):
    result = invoke("run", notebook, "--help")
    shown = [line.split() for line in result.stdout.splitlines()]
    assert ["lr:", "float", "learning", "rate", "[default:", "0.1]"] in shown
    assert ["seconds:", "int", "[default:", "0]"] in shown
