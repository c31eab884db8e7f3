"""Fails if it is told to, by a file that lies in the project."""

import json
import sys
from pathlib import Path

import nbtrail

assert not Path("broken").exists(), "as you asked"
scores = json.loads(sys.argv[sys.argv.index("--scores") + 1])
with nbtrail.start_run():
    nbtrail.log_metric("best", max(scores))
