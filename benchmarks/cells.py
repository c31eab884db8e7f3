"""What the recorder adds to a cell: bare IPython and IPython with nbtrail, in one run.

Usage: python benchmarks/cells.py [CELLS]
Prints a Markdown table of medians per cell, in milliseconds, and what nbtrail adds.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time

from IPython.core.interactiveshell import InteractiveShell

KINDS = {
    "no output, no run yet": ("", "x = {i}"),
    "no output, in a run": ("acc = 1.0 / 2", "x = {i}"),
    "a new metric value": ("acc = 1.0 / 2", "loss = 1.0 / ({i} + 1)"),
    "one line printed, in a run": ("acc = 1.0 / 2", "print({i})"),
}


def median_ms(first: str, source: str, count: int, recorded: bool) -> float:
    """Return the median time of a cell in a fresh shell and a fresh store."""
    InteractiveShell.clear_instance()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        shell = InteractiveShell.instance()
        if recorded:
            shell.run_cell("%load_ext nbtrail", store_history=True)
        shell.run_cell(first, store_history=True, cell_id="first")
        times = []
        for i in range(count):
            start = time.perf_counter()
            shell.run_cell(source.format(i=i), store_history=True, cell_id=f"cell-{i}")
            times.append(time.perf_counter() - start)
        if recorded:
            shell.run_cell("%unload_ext nbtrail", store_history=True)
        os.chdir("/")
    return statistics.median(times) * 1000


def main() -> None:
    """Measure every kind of cell, bare and recorded by turns."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    rows = ["| cell | bare | recorded | added |", "| --- | --- | --- | --- |"]
    for name, (first, source) in KINDS.items():
        bare = median_ms(first, source, count, recorded=False)
        recorded = median_ms(first, source, count, recorded=True)
        rows.append(f"| {name} | {bare:.2f} | {recorded:.2f} | {recorded - bare:.2f} |")
    sys.__stderr__.write("\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
