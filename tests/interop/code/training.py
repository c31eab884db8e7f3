"""A training script as tutorials write it: params, metrics per epoch, tags, files, a failure."""

import json
import math
import tempfile
from pathlib import Path

import nbtrail as mlflow

mlflow.set_experiment("training")
with mlflow.start_run(run_name="first", tags={"team": "a"}, description="a note") as run:
    mlflow.log_param("lr", 0.1)
    mlflow.log_params({"epochs": 3, "optimizer": "adam", "nothing": None})
    for epoch in range(3):
        mlflow.log_metric("loss", 1 / (epoch + 1), step=epoch)
        mlflow.log_metrics({"acc": epoch / 2, "auc": "0.5"}, step=epoch)
    mlflow.log_metric("diverged", math.nan)
    mlflow.set_tag("done", True)
    mlflow.set_tags({"a": 1, "b": None})
    mlflow.delete_tag("a")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "model.txt").write_text("weights")
        mlflow.log_artifact(f"{folder}/model.txt")
        mlflow.log_artifacts(folder, artifact_path="all")
    mlflow.log_text("text", "notes/a.txt")
    mlflow.log_dict({"x": [1, 2]}, "d.json")
    mlflow.log_dict({"x": [1, 2]}, "d.yaml")

try:
    with mlflow.start_run(run_name="second"):
        int("diverged")
except ValueError:
    pass

run = mlflow.get_run(run.info.run_id)
tags = {key: tag for key, tag in run.data.tags.items() if not key.startswith("mlflow.")}
runs = mlflow.search_runs(order_by=["attributes.start_time ASC"])
last = mlflow.last_active_run()
client = mlflow.tracking.MlflowClient()
history = client.get_metric_history(run.info.run_id, "loss")
files = client.list_artifacts(run.info.run_id)
print(
    json.dumps(
        {
            "status": run.info.status,
            "name": run.info.run_name,
            "stage": run.info.lifecycle_stage,
            "params": dict(sorted(run.data.params.items())),
            "metrics": {key: str(value) for key, value in sorted(run.data.metrics.items())},
            "tags": tags,
            "note": run.data.tags["mlflow.note.content"],
            "history": [(m.key, m.value, m.step) for m in history],
            "files": [(f.path, f.is_dir, f.file_size) for f in files],
            "columns": sorted(c for c in runs.columns if not c.startswith("tags.mlflow")),
            "statuses": list(runs["status"]),
            "last": (last.info.run_name, last.info.status),
            "active": mlflow.active_run(),
            "text": mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/notes/a.txt"),
            "dict": mlflow.artifacts.load_dict(f"runs:/{run.info.run_id}/d.json"),
        }
    )
)
