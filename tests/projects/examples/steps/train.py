"""Reads that folder."""

import sys
from pathlib import Path

import nbtrail

folder, rows, seed = sys.argv[1:]
factor = float((Path(folder) / "rows.txt").read_text())
with nbtrail.start_run():
    nbtrail.log_metric("score", factor * float(rows) + int(seed))
