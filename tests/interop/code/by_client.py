"""All by a client: a run that is current nowhere, batches, pages, experiments renamed."""

import json
import time

import nbtrail as mlflow
from nbtrail.entities import Metric, Param, RunStatus, RunTag

client = mlflow.tracking.MlflowClient()
experiment_id = client.create_experiment("by client", tags={"a": "1"})
run = client.create_run(experiment_id, tags={"mlflow.runName": "named"})
run_id = run.info.run_id
now = int(time.time() * 1000)
client.log_batch(
    run_id,
    metrics=[Metric("loss", 1.0 / (step + 1), now + step, step) for step in range(100)],
    params=[Param("p", "1"), Param("q", "2")],
    tags=[RunTag("t", "3")],
)
client.log_metric(run_id, "acc", 0.5, step=7)
returned = client.log_param(run_id, "r", 4)
client.set_tag(run_id, "u", 5)
client.delete_tag(run_id, "t")
client.log_param(run_id, "r", 4)
try:
    client.log_param(run_id, "r", 5)
    changed = True
except Exception:
    changed = False
client.set_terminated(run_id, RunStatus.to_string(RunStatus.FAILED))
client.update_run(run_id, name="renamed")
others = [client.create_run(experiment_id, start_time=n + 1).info.run_id for n in range(4)]
sizes, token = [], None
while True:
    page = client.search_runs([experiment_id], max_results=2, page_token=token)
    sizes.append(len(page))
    token = page.token
    if not token:
        break
client.rename_experiment(experiment_id, "renamed")
client.set_experiment_tag(experiment_id, "b", 2)
found = client.get_run(run_id)
history = client.get_metric_history(run_id, "loss")
print(
    json.dumps(
        {
            "name": found.info.run_name,
            "status": found.info.status,
            "ended": found.info.end_time >= found.info.start_time,
            "params": dict(sorted(found.data.params.items())),
            "metrics": {key: round(v, 3) for key, v in sorted(found.data.metrics.items())},
            "tags": {k: v for k, v in sorted(found.data.tags.items()) if "user" not in k},
            "history": [len(history), history[5].step, history[5].timestamp - now],
            "returned": returned,
            "changed": changed,
            "sizes": sizes,
            "experiment": client.get_experiment(experiment_id).name,
            "tagged": dict(sorted(client.get_experiment(experiment_id).tags.items())),
            "gone": client.get_experiment_by_name("by client"),
            "as dict": found.to_dictionary()["data"]["params"] == found.data.params,
            "info": dict(found.info)["run_id"] == run_id,
        }
    )
)
