"""MLflow, in its SQLite store."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable

import mlflow
from mlflow.entities import Metric, Param

PARAMS_AT_ONCE = 100  # what its store takes in one batch

mlflow.set_tracking_uri("sqlite:///mlflow.db")

log = mlflow.log_metric
param = mlflow.log_param
finish = mlflow.end_run


def start() -> None:
    mlflow.start_run()


def points() -> int:
    with sqlite3.connect("mlflow.db") as connection:
        return int(connection.execute("select count(*) from metrics").fetchone()[0])


def prepare_batch(metrics: dict[str, float], params: dict[str, str]) -> Callable[[], None]:
    client, run_id = mlflow.MlflowClient(), mlflow.active_run().info.run_id
    now = int(time.time() * 1000)
    points = [Metric(key, value, now, 0) for key, value in metrics.items()]
    records = [Param(key, value) for key, value in params.items()]

    def work() -> None:
        client.log_batch(run_id, metrics=points)
        for first in range(0, len(records), PARAMS_AT_ONCE):
            client.log_batch(run_id, params=records[first : first + PARAMS_AT_ONCE])

    return work
