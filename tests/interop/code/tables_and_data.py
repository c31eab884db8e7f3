"""Tables and datasets."""

import json

import numpy as np
import pandas as pd

import nbtrail as mlflow

frame = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [0, 1, 0]})
ids = []
for number in range(2):
    with mlflow.start_run() as run:
        data = mlflow.data.from_pandas(frame, source="data.csv", targets="y", name="rows")
        mlflow.log_input(data, context="training", tags={"split": str(number)})
        mlflow.log_input(mlflow.data.from_numpy(np.zeros((2, 2)), name="zeros"))
        mlflow.log_table({"question": ["a", "b"], "score": [1, 2]}, "eval.json")
        mlflow.log_table(pd.DataFrame({"question": ["c"], "score": [number]}), "eval.json")
        mlflow.log_metric("score", number, dataset=data)
        ids.append(run.info.run_id)
inputs = mlflow.get_run(ids[0]).inputs.dataset_inputs
by_name = {one.dataset.name: one.dataset for one in inputs}
table = mlflow.load_table("eval.json", run_ids=ids, extra_columns=["run_id"])
print(
    json.dumps(
        {
            "inputs": sorted(
                (one.dataset.name, sorted((t.key, t.value) for t in one.tags)) for one in inputs
            ),
            "digests": len({one.dataset.digest for one in inputs}),
            "rows": json.loads(by_name["rows"].profile)["num_rows"],
            "source type": by_name["rows"].source_type,
            "table": sorted(zip(table["question"], table["score"].tolist(), strict=True)),
            "runs": table["run_id"].nunique(),
        }
    )
)
