"""BentoML, in an environment of its own: one worker."""

from __future__ import annotations

from typing import Any

import bentoml
import pandas as pd

from benchmarks.serving.pipeline import fitted


@bentoml.service(workers=1)
class Wine:
    """Answers as the others do."""

    def __init__(self) -> None:
        self.model = fitted()

    @bentoml.api
    def invocations(self, dataframe_split: dict[str, Any]) -> dict[str, Any]:
        frame = pd.DataFrame(dataframe_split["data"], columns=dataframe_split["columns"])
        return {"predictions": self.model.predict(frame).tolist()}
