"""Nested runs, found again by a filter; the best one is tagged, others are deleted."""

import json

import nbtrail as mlflow
from nbtrail.entities import ViewType

experiment_id = mlflow.create_experiment("sweep", tags={"project": "pricing"})
experiment = mlflow.set_experiment(experiment_id=experiment_id)
with mlflow.start_run(run_name="parent") as parent:
    for depth in (1, 2, 3):
        with mlflow.start_run(run_name=f"depth {depth}", nested=True) as child:
            mlflow.log_param("depth", depth)
            mlflow.log_metric("score", depth * 0.25)
            parent_id = mlflow.get_parent_run(child.info.run_id).info.run_id
            assert parent_id == parent.info.run_id

found = mlflow.search_runs(
    [experiment_id],
    filter_string=f"tags.`mlflow.parentRunId` = '{parent.info.run_id}' and metrics.score > 0.3",
    order_by=["metrics.score DESC"],
)
best = found.iloc[0]
with mlflow.start_run(run_id=best.run_id):
    mlflow.set_tag("best", "yes")
client = mlflow.tracking.MlflowClient()
worst = client.search_runs([experiment_id], "params.depth = '1'")[0]
mlflow.delete_run(worst.info.run_id)
deleted = client.search_runs([experiment_id], run_view_type=ViewType.DELETED_ONLY)
named = mlflow.search_experiments(filter_string="tags.project = 'pricing' and name LIKE 'sw%'")
try:
    mlflow.start_run()
    mlflow.start_run()
except Exception as error:
    refused = "is already active" in str(error)
mlflow.end_run("KILLED")
print(
    json.dumps(
        {
            "found": [(run["params.depth"], run["metrics.score"]) for _, run in found.iterrows()],
            "best": client.get_run(best.run_id).data.tags["best"],
            "status": client.get_run(best.run_id).info.status,
            "deleted": [run.info.run_name for run in deleted],
            "deleted stage": deleted[0].info.lifecycle_stage,
            "left": len(mlflow.search_runs([experiment_id], output_format="list")),
            "named": [one.name for one in named],
            "tags": experiment.tags,
            "refused": refused,
        }
    )
)
