"""The same notebook with and without nbtrail: equal outputs, byte by byte, and equal errors."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

CELLS = [
    "import sys, warnings\nimport numpy as np, pandas as pd\nimport matplotlib.pyplot as plt",
    "print('out'); print('err', file=sys.stderr); print('again')",
    "df = pd.DataFrame({'x': [1.5, 2.5]}); df",
    "%matplotlib inline\nplt.plot(df.x); plt.show(); print('after')",
    "h = display('shown', display_id='one'); h.update('changed')",
    "from sklearn.linear_model import LinearRegression\nLinearRegression().fit([[1]], [[1], [2]])",
    "m = LinearRegression().fit(df, [1.0, 2.0])\nscore = m.score(df, [1.0, 2.0])\nscore",
    "class Mine(LinearRegression):\n"
    "    def fit(self, X, y):\n"
    "        warnings.warn('careful')\n"
    "        return super().fit(X, y)\n"
    "Mine().fit([[1], [2]], [1, 2])",
    "def f(x):\n    return 1 / x\nf(0)",
    "x = (",
    "import asyncio\nawait asyncio.sleep(0)\nprint('awaited')",
    "%%capture caught\nprint('not shown')",
    "caught.stdout",
    "%%writefile note.txt\nhello",
    "!cat note.txt",
    "np.random.default_rng(1).random(2), np.random.seed(3), np.random.rand()",
    "%nosuchmagic",
    "class Odd:\n    def __eq__(self, other):\n        raise RuntimeError\n"
    "    def __len__(self):\n        raise RuntimeError\n"
    "    def __repr__(self):\n        raise RuntimeError('odd')\n"
    "    __hash__ = None\nodd = Odd()\nodd_loss = [odd]\nodd",
    "gen_loss = (i * 1.0 for i in range(3))\nsum(gen_loss)",
    "cyclic_score = []\ncyclic_score.append(cyclic_score)\ncyclic_score",
    "raise KeyboardInterrupt",
    "exec('hidden = 1')\nfrom math import *\nhidden + pi",
    "for i in range(3):\n    try:\n        1 / 0\n    except ZeroDivisionError as e:\n"
    "        last = e\nprint(last)",
    "_, __, ___, In[-1], len(Out) > 3",
]


def executed(first_cell: str, folder: Path) -> list[list[dict[str, Any]]]:
    folder.mkdir()
    cells = [nbformat.v4.new_code_cell(source) for source in [first_cell, *CELLS]]
    book = nbformat.v4.new_notebook(cells=cells)
    client = NotebookClient(
        book, allow_errors=True, kernel_name="python3", resources={"metadata": {"path": folder}}
    )
    client.execute()
    return [cell.outputs for cell in book.cells[1:]]


def test_outputs_and_errors_are_what_they_are_without_nbtrail(tmp_path: Path) -> None:
    plain = executed("pass", tmp_path / "plain")
    recorded = executed("%load_ext nbtrail", tmp_path / "recorded")
    assert (tmp_path / "recorded/.nbtrail/nbtrail.db").exists()
    for source, without, with_it in zip(CELLS, plain, recorded, strict=True):
        shown = [output for output in with_it if "nbtrail" not in output.get("metadata", {})]
        assert as_bytes(shown) == as_bytes(without), source


def as_bytes(outputs: list[dict[str, Any]]) -> bytes:
    """Without what differs between any two kernels: the process id, addresses in memory."""
    text = json.dumps(outputs, sort_keys=True)
    return re.sub(r"ipykernel_\d+|0x[0-9a-f]+", "…", text).encode()
