"""`make demo` does the main job, and leaves nothing running."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from nbtrail import serving
from nbtrail.store import Store

DEMO = Path(__file__).parent.parent / "scripts" / "demo.py"


def test_the_demo_does_the_main_job(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBTRAIL_TRACKING_URI", store.uri)
    ran = subprocess.run([sys.executable, DEMO], capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr
    assert re.search(r"^prediction: (\[0\]) by the endpoint, \1 by the model", ran.stdout, re.M)
    runs, _ = store.runs.search(order_by=["metrics.accuracy DESC"])
    assert [run.data.params["C"] for run in runs] == ["0.1", "1.0", "0.01"]
    assert store.registry.version("wine", "1").run_id == runs[0].info.run_id
    assert [endpoint.state for endpoint in serving.list_endpoints(store)] == ["stopped"]
