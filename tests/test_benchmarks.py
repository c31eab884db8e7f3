"""The benchmarks run, and refuse a figure whose work was not done."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_a_measure_gives_a_table(workdir: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks", "runs.batch", "--output", workdir / "speed"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.strip() == (workdir / "speed.md").read_text().strip()
    rows = json.loads((workdir / "speed.json").read_text())["rows"]
    assert [check["unit"] for row in rows for check in row["checks"]] == ["ms"]
    assert rows[0]["checks"][0]["value"] > 0


def test_work_that_was_not_done_has_no_figure(workdir: Path) -> None:
    code = "from benchmarks.harness import must_be; must_be('points of it', 3, 4)"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert ran.stderr.splitlines()[-1].endswith("points of it: 3 where 4 were expected")
