"""Verdicts beside what restart-and-run-all really gives: a small part of docs/verdicts.md."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_no_session_is_called_linear_that_is_not(tmp_path: Path) -> None:
    options = ["--sessions", "15", "--faults", "16", "--seed", "1000"]
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.verdicts", *options, "--output", tmp_path / "page.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    rows = (tmp_path / "page.md").read_text().splitlines()
    (total,) = [row.split(" | ") for row in rows if row.startswith("| all |")]
    assert total[1] == "15"
    assert total[3] == "0"
