"""The same notebook with and without nbtrail: equal outputs, byte by byte, and equal errors."""

from __future__ import annotations

import json
import re
from itertools import groupby
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

SPIES = """
from types import SimpleNamespace
calls, device = [], SimpleNamespace(type='cuda')
def spying(name):
    def method(self, *args, **kwargs):
        calls.append((type(self).__name__, name))
        raise RuntimeError(name)
    return method
METHODS = (
    "repr str len bool eq hash iter next getitem getattr float int index array contains call "
    "reduce_ex sizeof dir format enter copy deepcopy array_interface fspath"
)
MORE = "item cpu numpy tolist compute persist collect to_pandas head sum mean get_params"
def spy(name, module):
    methods = [f"__{one}__" for one in METHODS.split()] + MORE.split()
    there = {"shape": (9, 9), "dtype": "float32", "ndim": 2, "device": device}
    there |= {one: spying(one) for one in methods}
    return type(name, (), {"__module__": module, **there})()
"""

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
    SPIES,
    # What is slow, lazy, on another device or on a cluster is looked at by nobody.
    "thing = spy('Thing', '__main__')\ngpu = spy('Tensor', 'torch')\n"
    "frame = spy('DataFrame', 'dask.dataframe')\nlazy_loss = spy('LazyFrame', 'polars')\n"
    "spies = [thing, {'a': gpu}, (frame,)]",
    "other = thing\nspies.append(gpu)\nsame = frame",
    "def uses(x=thing):\n    return thing, gpu\nclass Holds:\n    it = frame\nheld = Holds()",
    "calls",
    "import polars as pl\nlazy = pl.LazyFrame({'a': [1, 2]}).select(pl.col('a').mean())",
    "lazy.collect()",
    "def gen():\n    yield 1.5\n    raise RuntimeError('consumed')\nacc = gen()\nnext(acc)",
    "loop = {}\nloop['loop'] = [loop]\nloop",
    "print('x' * 10_000_000)",
    "%%bash\nprintf '\\377\\376ab\\n'; echo 'to stderr' >&2",
    "!printf 'a\\377b\\n'",
    "%%sh\nexit 3",
    "with open('script.py', 'w') as f:\n    f.write('from_script = 1\\nprint(__name__)')",
    "%run script.py",
    "from_script",
    "%%time\ntimed = 3",
    "%time timed",
    "def f(:\n    pass",
    "  indented = 1\n wrong",
    "return 5",
    "print('a'); raise SystemExit(3)",
    "from IPython.utils.capture import capture_output\n"
    "with capture_output() as c:\n    print('in'); display('rich')\nc.show()",
    "from IPython.display import clear_output\nprint('gone'); clear_output(); print('there')",
    "h = display('d', display_id='two'); display('e')",
    "h.update('f')",
    "import threading\nt = threading.Thread(target=lambda: display('in a thread'))\n"
    "t.start(); t.join()",
    "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()) as text:\n"
    "    print('elsewhere')\ntext.getvalue()",
    "import builtins\nopen is builtins.open, print is builtins.print",
    "df.to_csv('x.csv'); pd.read_csv('x.csv')",
    "sys.stdout.write('no newline'), sys.stderr.write('nor here')",
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
        found, wanted = streams_joined(shown), streams_joined(without)
        assert found == wanted or as_bytes(found) == as_bytes(wanted), source


def streams_joined(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a cell printed between two displays, as one text for each stream.

    A kernel sends what was printed when a timer of its own says so: where one text is cut into
    two messages differs from one execution to the next.
    """
    joined: list[dict[str, Any]] = []
    for printed, group in groupby(outputs, lambda output: output["output_type"] == "stream"):
        if not printed:
            joined += group
            continue
        texts: dict[str, str] = {}
        for output in group:
            texts[output["name"]] = texts.get(output["name"], "") + output["text"]
        joined += [{"stream": name, "text": texts[name]} for name in sorted(texts)]
    return joined


def as_bytes(outputs: list[dict[str, Any]]) -> bytes:
    """Without what differs between any two kernels: the process id, addresses, durations."""
    text = json.dumps(outputs, sort_keys=True, ensure_ascii=False)
    return re.sub(_DIFFERS, "…", text).encode(errors="surrogatepass")


_DIFFERS = r"ipykernel_\d+|0x[0-9a-f]+|(CPU times|Wall time): [^\\]*"
