"""Models as their frameworks would write them, without loading any: that takes seconds."""

from __future__ import annotations

import json
import uuid
import zipfile
from pathlib import Path
from typing import Any

from nbtrail.entities import LoggedModel
from nbtrail.models import MLmodel
from nbtrail.tracking import require_run

SCHEMA = json.dumps([{"type": "double", "name": "alcohol", "required": True}])
LINEAR = {"__class__": "LinearRegression", "__module__": "sklearn.linear_model._base"}


def pipeline(*steps: dict[str, Any]) -> dict[str, Any]:
    """Return how skops describes a pipeline."""
    pairs = [{"content": [{"__module__": "builtins"}, step]} for step in steps]
    content = {"content": {"steps": {"content": pairs}}}
    return {"__class__": "Pipeline", "__module__": "sklearn.pipeline", "content": content}


PIPELINE = pipeline({"__class__": "StandardScaler", "__module__": "sklearn.preprocessing"}, LINEAR)


def write(directory: Path, estimator: dict[str, Any], **identity: str) -> None:
    """Write the directory of an estimator that takes one column."""
    directory.mkdir(parents=True)
    with zipfile.ZipFile(directory / "model.skops", "w") as archive:
        archive.writestr("schema.json", json.dumps(estimator))
    (directory / "requirements.txt").write_text("scikit-learn==1.7.0\n")
    MLmodel(
        flavors={
            "python_function": {"loader_module": "mlflow.sklearn"},
            "sklearn": {"pickled_model": "model.skops", "serialization_format": "skops"},
        },
        model_size_bytes=len(json.dumps(estimator)),
        signature_dict={"inputs": SCHEMA, "outputs": SCHEMA},
        **identity,
    ).write(directory)


def log(estimator: dict[str, Any], name: str = "line") -> str:
    """Log an estimator under the active run; return its URI."""
    run = require_run()
    model_id = f"m-{uuid.uuid4().hex}"
    uri = run.store.model_artifact_uri(run.experiment_id, model_id)
    write(Path(uri), estimator, model_id=model_id, run_id=run.run_id)
    run.store.registry.log_model(
        LoggedModel(model_id, run.experiment_id, name, uri, 1, run.run_id, flavor="sklearn")
    )
    return f"models:/{model_id}"
