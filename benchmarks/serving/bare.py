"""The app that somebody writes by hand: one process, a DataFrame for each request."""

from __future__ import annotations

import json
import sys
from typing import Any

import pandas as pd
import uvicorn

from benchmarks.serving.pipeline import fitted

model = fitted()


async def app(_scope: Any, receive: Any, send: Any) -> None:
    """Answer an invocation, whatever the path."""
    body = b""
    while (message := await receive()).get("more_body"):
        body += message["body"]
    split = json.loads(body + message["body"])["dataframe_split"]
    frame = pd.DataFrame(split["data"], columns=split["columns"])
    answer = json.dumps({"predictions": model.predict(frame).tolist()}).encode()
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="error", lifespan="off")
