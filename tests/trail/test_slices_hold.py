"""Slices beside what a fresh kernel makes of them: a small part of docs/slices.md."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_every_slice_gives_its_metric_again(tmp_path: Path) -> None:
    options = ["15", "--seed", "1000", "--output", tmp_path / "page.md"]
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.slices", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    rows = (tmp_path / "page.md").read_text().splitlines()
    (total,) = [row.split(" | ") for row in rows if row.startswith("| all |")]
    assert total[1:3] == ["15", "100 % (15 of 15)"]
