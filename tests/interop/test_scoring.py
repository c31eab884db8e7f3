"""Endpoints asked by what others wrote: MLflow's scoring client, Triton's, and schemathesis.

They live in an environment of their own, which uv makes.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from nbtrail import serving
from nbtrail.entities import Endpoint
from nbtrail.environments.uv import Packages, made
from nbtrail.models import save_model
from nbtrail.store import Store

pytestmark = pytest.mark.full  # they are installed for that

OTHERS = (
    "mlflow-skinny>=3.1",
    "pandas>=2.2",
    "schemathesis>=4",
    "scipy>=1.11",
    "tritonclient[http]>=2.50",
)
CLIENT = """
import json, sys
import pandas as pd
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

rows = pd.DataFrame(json.loads(sys.argv[2]))
client = ScoringServerClient("127.0.0.1", sys.argv[1])
client.wait_server_ready()
found = client.invoke(rows).get_predictions()
print(json.dumps([client.get_version(), found[0].tolist()]))
"""
TRITON = """
import json, sys
import numpy as np
import tritonclient.http as triton

client = triton.InferenceServerClient(f"127.0.0.1:{sys.argv[1]}")
headers = {"Authorization": f"Bearer {sys.argv[2]}"}
assert client.is_server_ready(headers=headers)
assert client.is_model_ready("model", headers=headers)
about = client.get_model_metadata("model", headers=headers)
columns = json.loads(sys.argv[3])
found = []
for binary in (True, False):
    inputs = []
    for one in about["inputs"]:
        values = np.array(columns[one["name"]], triton.triton_to_np_dtype(one["datatype"]))
        tensor = triton.InferInput(one["name"], values.shape, one["datatype"])
        tensor.set_data_from_numpy(values, binary_data=binary)
        inputs.append(tensor)
    answer = client.infer("model", inputs, headers=headers)
    output = answer.get_response()["outputs"][0]["name"]
    found.append(answer.as_numpy(output).tolist())
print(json.dumps(found))
"""
# What a table by columns may hold beside the model's own cannot be said in a schema; of a
# function's arguments, all can.
LIBERAL = "--exclude-checks=negative_data_rejection"


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the programs of an environment in which the others are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("kept")))
        return made(Packages(OTHERS)) / "bin"


@pytest.fixture
def endpoints(store: Store) -> Iterator[Store]:
    yield store
    for one in serving.list_endpoints(store):
        serving.stop(one.name, store)


def area(
    width: float,
    count: int = 1,
    unit: Literal["m", "cm"] = "m",
    names: list[str] | None = None,
    sizes: dict[str, float] | None = None,
) -> float:
    return width * count


def classifier(directory: Path) -> tuple[Path, pd.DataFrame, LogisticRegression]:
    rows = pd.DataFrame({"a": [1.0, 2.0, 3.0], "n": [1, 5, 9], "b": [True, False, True]})
    model = LogisticRegression().fit(rows, [0, 1, 1])
    save_model(model, directory, input_example=rows)
    return directory, rows, model


def test_mlflows_client(endpoints: Store, tmp_path: Path, others: Path) -> None:
    directory, rows, model = classifier(tmp_path / "model")
    one = serving.deploy(directory, "model", store=endpoints, auth="none")  # it knows no tokens
    command = [others / "python", "-c", CLIENT, str(one.port), rows.to_json(orient="records")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[1] == model.predict(rows).tolist()


def test_tritons_client(endpoints: Store, tmp_path: Path, others: Path) -> None:
    directory, rows, model = classifier(tmp_path / "model")
    one = serving.deploy(directory, "model", store=endpoints)
    table = rows.to_json(orient="columns")
    columns = json.dumps({name: list(by.values()) for name, by in json.loads(table).items()})
    command = [others / "python", "-c", TRITON, str(one.port), one.token, columns]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [model.predict(rows).tolist()] * 2


@pytest.mark.parametrize("auth", ["token", "none"])
def test_the_document_of_a_function(endpoints: Store, others: Path, auth: str) -> None:
    area.__module__ = "__main__"
    hold(serving.deploy(area, "area", store=endpoints, auth=auth), others)


def test_the_document_of_a_model(endpoints: Store, tmp_path: Path, others: Path) -> None:
    directory, _, _ = classifier(tmp_path / "model")
    hold(serving.deploy(directory, "model", store=endpoints), others, LIBERAL)


def hold(endpoint: Endpoint, others: Path, *options: str) -> None:
    """Hold an endpoint against its own document."""
    command = [
        *(others / "st", "run", f"http://127.0.0.1:{endpoint.port}/openapi.json", *options),
        *("--max-examples=100", "--phases=examples,coverage,fuzzing", "--no-color", "--seed=7"),
        *("--header", f"Authorization: Bearer {endpoint.token}"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-1000:]
