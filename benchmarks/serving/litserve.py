"""LitServe, in an environment of its own: one worker; batches if asked for."""

import sys
from typing import Any

import litserve
import pandas as pd

from benchmarks.serving.pipeline import fitted

BATCH = int(sys.argv[2])


class Wine(litserve.LitAPI):
    """Answers as the others do."""

    def setup(self, _device: Any) -> None:
        self.model = fitted()

    def decode_request(self, request):  # type: ignore[no-untyped-def]  # it reads the hints
        split = request["dataframe_split"]
        return pd.DataFrame(split["data"], columns=split["columns"])

    def batch(self, inputs: list[Any]) -> Any:
        return pd.concat(inputs)

    def predict(self, x: Any) -> Any:
        return self.model.predict(x)

    def unbatch(self, output: Any) -> Any:
        return [[one] for one in output]

    def encode_response(self, output: Any) -> Any:
        return {"predictions": [int(one) for one in output]}


if __name__ == "__main__":
    batching = {"max_batch_size": BATCH, "batch_timeout": 0.005} if BATCH > 1 else {}
    litserve.LitServer(Wine(**batching), accelerator="cpu").run(
        host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False, log_level="error"
    )
