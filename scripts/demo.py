"""The main job in a terminal: re-run a notebook, compare, register the best model, serve it.

Every step is a call that a user could make. Exits with 1 where the endpoint's answer differs
from the prediction of the same model loaded in a fresh process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from sklearn.datasets import load_wine

import nbtrail
from nbtrail import projects, serving
from nbtrail.entities import Endpoint

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "notebooks" / "quickstart.ipynb"
PARAMETER_SETS = (
    {"C": 0.01, "max_iter": 200},
    {"C": 0.1, "max_iter": 200},
    {"C": 1.0, "max_iter": 200},
)
EXPERIMENT = "quickstart"
COLUMNS = ["params.C", "params.max_iter", "metrics.accuracy", "metrics.f1_macro", "status"]

PREDICT = """
import json, sys, nbtrail, pandas
row = json.load(sys.stdin)["dataframe_split"]
model = nbtrail.load_model(sys.argv[1])
print(json.dumps(model.predict(pandas.DataFrame(**row)).tolist()))
"""


def main() -> int:
    """Do the main job; return the exit status."""
    os.environ.setdefault("NBTRAIL_TRACKING_URI", str(ROOT / ".nbtrail"))  # for children, too
    model_uri = register(best_of(execute()))
    wine = load_wine(as_frame=True)
    row = {"dataframe_split": wine.data.head(1).to_dict("split", index=False)}

    served, loaded = ask_endpoint(model_uri, row), ask_fresh_process(model_uri, row)
    print(f"prediction: {served} by the endpoint, {loaded} by the model in a fresh process")
    print("\nSee these runs side by side in JupyterLab: make lab")
    return 0 if served == loaded else 1


def execute() -> list[str]:
    """Execute the quickstart once for each parameter set; return the ids of the runs."""
    run_ids = []
    for parameters in PARAMETER_SETS:
        print(f"{NOTEBOOK.name} with {parameters}…", flush=True)
        run = projects.run_notebook(NOTEBOOK, parameters, experiment=EXPERIMENT)
        run_ids.append(run.info.run_id)
    return run_ids


def best_of(run_ids: list[str]) -> str:
    """Print the runs, best first, as the store orders them; return the id of the first."""
    ids = ", ".join(f"'{run_id}'" for run_id in run_ids)
    runs = nbtrail.search_runs(
        experiment_names=[EXPERIMENT],
        filter_string=f"attributes.run_id IN ({ids})",
        order_by=["metrics.accuracy DESC"],
    )
    print("\n" + runs[COLUMNS].to_string(index=False) + "\n")
    return str(runs["run_id"].iloc[0])


def register(run_id: str) -> str:
    """Register the model that the run has fitted; return the URI of the new version."""
    version = nbtrail.register_model(f"runs:/{run_id}/model", "wine")
    print(f"The best run's model is version {version.version} of '{version.name}'.")
    return f"models:/{version.name}/{version.version}"


def ask_endpoint(model_uri: str, row: dict[str, object]) -> list[object]:
    """Serve the model, send it the row, stop it; return its predictions."""
    endpoint = nbtrail.deploy(model_uri, name="demo")
    print(f"{model_uri} answers on port {endpoint.port}.")
    try:
        return score(endpoint, row)
    finally:
        serving.stop(endpoint.name)


def score(endpoint: Endpoint, row: dict[str, object]) -> list[object]:
    """Send the row as any HTTP client would."""
    request = urllib.request.Request(
        f"http://{endpoint.host}:{endpoint.port}/invocations",
        data=json.dumps(row).encode(),
        headers={
            "Authorization": f"Bearer {endpoint.token}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        return list(json.load(response)["predictions"])


def ask_fresh_process(model_uri: str, row: dict[str, object]) -> list[object]:
    """Load the model in a process that has never seen it; return its predictions."""
    command = [sys.executable, "-c", PREDICT, model_uri]
    answer = subprocess.run(
        command, input=json.dumps(row), capture_output=True, text=True, check=True
    )
    return list(json.loads(answer.stdout))


if __name__ == "__main__":
    sys.exit(main())
