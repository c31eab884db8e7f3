"""Saves the pipeline in MLflow's format, by MLflow, with its signature."""

from __future__ import annotations

import sys

import mlflow
from mlflow.models import infer_signature

from benchmarks.serving.pipeline import fitted, rows

if __name__ == "__main__":
    model, table = fitted(), rows()
    signature = infer_signature(table, model.predict(table))
    mlflow.sklearn.save_model(
        model, sys.argv[1], signature=signature, serialization_format="cloudpickle"
    )
