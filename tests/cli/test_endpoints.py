"""`nbtrail models`, `serve` and `endpoints`, with real models in real processes."""

import json
import signal
import subprocess
import sys
import urllib.request

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

import nbtrail
from nbtrail.models import MLmodel

DOUBLE = """
class Double:
    def predict(self, data):
        return 2 * data[:, 0]

def _load_pyfunc(path):
    return Double()
"""


@pytest.fixture
def model(store):
    """Log a model that doubles, under a run."""
    with nbtrail.start_run() as run:
        fitted = LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0])
        nbtrail.log_model(fitted, name="double", input_example=np.array([[0.0]]))
    return f"runs:/{run.info.run_id}/double"


@pytest.fixture
def model_of_code(store, tmp_path):
    """Log one that doubles without scikit-learn, which takes seconds to load."""
    directory = tmp_path / "model"
    (directory / "code").mkdir(parents=True)
    (directory / "code" / "doubling.py").write_text(DOUBLE)
    loaded_by = {"loader_module": "doubling", "code": "code"}
    MLmodel(flavors={"python_function": loaded_by}).write(directory)
    with nbtrail.start_run() as run:
        nbtrail.log_artifacts(directory, "double")
    return f"runs:/{run.info.run_id}/double"


def predict(url, token, rows):
    request = urllib.request.Request(
        url,
        json.dumps({"inputs": rows}).encode(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
    )
    with urllib.request.urlopen(request, timeout=90) as response:
        return json.load(response)["predictions"]


def test_a_model_is_registered_deployed_asked_and_stopped(invoke, model):
    assert invoke("models", "register", model, "twice").stdout == "models:/twice/1\n"
    assert invoke("models", "list").stdout.splitlines()[1].split()[0:2] == ["twice", "1"]

    deployed = invoke("endpoints", "create", "models:/twice/1")
    try:
        again = invoke("endpoints", "create", "models:/twice/1")
        assert (again.exit_code, "update it, or delete it" in again.stderr) == (2, True)
        url = deployed.stdout.split()[-1]
        assert deployed.stdout.startswith("Endpoint twice serves models:/twice/1 at http://127.")
        assert url in invoke("endpoints", "list").stdout
        token = invoke("endpoints", "token", "twice").stdout.strip()
        assert predict(url, token, [[21.0]]) == pytest.approx([42.0])
    finally:
        stopped = invoke("endpoints", "stop", "twice")

    assert stopped.stdout == "Stopped twice.\n"
    assert invoke("endpoints", "list").stdout.splitlines()[1].split()[:2] == ["twice", "stopped"]


def test_no_token_is_for_this_machine_only(invoke, model_of_code):
    result = invoke("serve", model_of_code, "--no-auth", "--host", "0.0.0.0")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "this machine's own addresses only" in result.stderr


def test_serve_stays_until_ctrl_c(invoke, model_of_code, tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "nbtrail", "serve", model_of_code, tmp_path / "model"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    url = process.stdout.readline().split()[-1]
    token = invoke("endpoints", "token", "double").stdout.strip()
    assert predict(url, token, [[3.0]]) == pytest.approx([6.0])
    assert process.stdout.readline().startswith("Endpoint model serves ")

    process.send_signal(signal.SIGINT)

    assert process.communicate(timeout=90) == ("", "")
    rows = invoke("endpoints", "list").stdout.splitlines()[1:]
    assert [row.split()[:2] for row in rows] == [["double", "stopped"], ["model", "stopped"]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("models", "list"), "There is no nbtrail store"),
        (("models", "register", "models:/wine/1", "wine"), "There is no nbtrail store"),
        (("serve", "models:/wine/1"), "There is no nbtrail store"),
        (("endpoints", "deploy", "runs:/1/model"), "There is no nbtrail store"),
        (("endpoints", "stop", "wine"), "There is no nbtrail store"),
        (("endpoints", "deploy", "model://wine/1"), "does not name a model"),
        (("serve", ""), "is not a model directory"),
        (("serve", "a", "b", "--name", "c"), "--name is for one model"),
        (("serve", "x/a", "y/a"), "the same name"),
        (("serve", "a", "b", "--port", "5001"), "A port is for one model"),
    ],
)
def test_a_mistake_leaves_nothing(invoke, workdir, arguments, message):
    result = invoke(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("endpoints", "stop", "wine"), "no endpoint 'wine'"),
        (("endpoints", "token", "wine"), "no endpoint 'wine'"),
        (("serve", "models:/wine/1"), "no registered model 'wine'"),
        (("endpoints", "create", "models:/wine/1", "--env", "conda"), "'conda' is not one of"),
        (("endpoints", "deploy", "models:/wine/1", "--port", "x"), "Invalid value for '--port'"),
    ],
)
def test_a_mistake_with_a_store(invoke, store, arguments, message):
    result = invoke(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_nothing_yet_says_how_to_begin(invoke, store):
    assert "nbtrail models register" in invoke("models", "list").stdout
    assert "nbtrail endpoints create" in invoke("endpoints", "list").stdout
