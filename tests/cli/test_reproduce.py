"""`nbtrail reproduce`: what it prints and its exit status, with real kernels."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest

import nbtrail
from recorder.kernel import Notebook


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Notebook:
    """A notebook with two runs: one that comes out again, and one that does not."""
    executed = Notebook(tmp_path_factory.mktemp("book"))
    for cell_id, source in {
        "load": "%load_ext nbtrail\nimport pathlib, time",
        "steady": "%%track steady\nacc = 0.5 * 1",
        "random": "%%track random\nloss = time.time() / 1e9",
        "broken": "%%track broken\nassert not pathlib.Path('broken').exists(), 'mind the gap'\n"
        "mse = 0.1 * 1",
        "slow": "%%track slow\nif pathlib.Path('slow').exists():\n"
        "    pathlib.Path('started').touch(); time.sleep(60)\nmae = 0.1 * 1",
    }.items():
        executed.run(cell_id, source)
    executed.close()
    return executed


@pytest.fixture
def run_id(book: Notebook):
    """Return the id of a run by its name; its store is in use."""
    nbtrail.set_tracking_uri(book.store.uri)
    return {run.info.run_name: run.info.run_id for run in book.runs}.__getitem__


def test_identical_is_status_0_and_shown_with_the_run(invoke, run_id) -> None:
    result = invoke("reproduce", run_id("steady")[:8])
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("identical  (run ")
    assert "reproduced: identical" in invoke("runs", "list").stdout
    assert invoke("trail", run_id("steady")).stdout.endswith("\nReproduced: identical\n")
    assert "nbtrail.reproduction  identical" in invoke("runs", "show", run_id("steady")).stdout


def test_diverged_is_status_1_and_says_where(invoke, run_id, book: Notebook) -> None:
    result = invoke("reproduce", run_id("random"), "--tolerance", "0", "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    (attempt,) = found["attempts"]
    (difference,) = attempt["differences"]
    assert (found["outcome"], difference["key"], difference["cell_id"]) == (
        "diverged", "loss", "random",
    )  # fmt: skip
    new = book.store.runs.get(attempt["run_id"])
    assert new.data.metrics["loss"] == difference["reproduced"]


def test_a_tolerance_makes_it_status_0(invoke, run_id) -> None:
    result = invoke("reproduce", run_id("random"), "--metric", "loss:inf")
    first, head, row = result.stdout.splitlines()
    assert (result.exit_code, first[:16]) == (0, "within tolerance")
    assert head.split() == ["WHAT", "NAME", "CELL", "ORIGINAL", "REPRODUCED"]
    assert row.split()[:4] == ["metric", "loss", "2", "(random)"]
    assert row.endswith("within tolerance")


def test_what_cannot_run_is_status_2(invoke, run_id, book: Notebook) -> None:
    (book.folder / "broken").touch()
    result = invoke("reproduce", run_id("broken"))
    assert result.exit_code == 2
    outcome, reason = result.stdout.splitlines()
    assert outcome.startswith("could not run  (run ")
    assert "stopped in cell 2 (AssertionError: mind the gap)." in reason


def test_ctrl_c_leaves_a_run_that_has_ended(run_id, book: Notebook) -> None:
    (book.folder / "slow").touch()
    run = run_id("slow")
    command = [sys.executable, "-m", "nbtrail", "--store", book.store.uri, "reproduce", run]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (book.folder / "started").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout, stderr) == (130, "", "Interrupted.\n")
    reproduces = f"tags.`nbtrail.reproduces` = '{run}'"
    ((new,), _) = book.store.runs.search(filter_string=reproduces)
    assert (new.info.status, new.info.error) == ("KILLED", "Interrupted")
    assert "nbtrail.reproduction" not in book.store.runs.get(run).data.tags


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--metric", "ac:1"], "has no metric 'ac'. Did you mean 'acc'?"),
        (["--metric", "acc"], "'acc' is not of the form NAME:TOLERANCE."),
        (["--metric", "acc:much"], "'acc:much' is not of the form NAME:TOLERANCE."),
        (["--tolerance", "-1"], "Invalid value for '--tolerance'"),
        (["--repeat", "0"], "Invalid value for '--repeat'"),
        (["--env", "conda"], "'conda' is not one of 'current', 'recorded'."),
    ],
)
def test_mistakes_are_told_in_a_sentence(invoke, run_id, options, sentence) -> None:
    result = invoke("reproduce", run_id("steady"), *options)
    assert result.exit_code == 2
    assert sentence in result.stderr


def test_a_run_that_is_not_there(invoke, run_id) -> None:
    result = invoke("reproduce", "0123abcd")
    assert result.exit_code == 2
    assert "There is no run" in result.stderr
    assert "Traceback" not in result.stderr
