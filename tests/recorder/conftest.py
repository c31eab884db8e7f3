from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from recorder.kernel import RECORDER, Notebook


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    """A kernel with the recorder on."""
    book = Notebook(tmp_path)
    book.run("load", "%load_ext nbtrail")
    yield book
    book.close()


STOCK = (*RECORDER, "pandas", "pyarrow.parquet", "matplotlib.pyplot", "sklearn.datasets", "joblib")


@pytest.fixture
def stocked(tmp_path: Path) -> Iterator[Notebook]:
    """A kernel with the recorder on, in whose process the usual libraries are imported."""
    book = Notebook(tmp_path, modules=STOCK)
    book.run("load", "%load_ext nbtrail")
    yield book
    book.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """Such a kernel for all tests of a file."""
    book = Notebook(tmp_path_factory.mktemp("shared"), modules=STOCK)
    book.run("load", "%load_ext nbtrail")
    book.run("imports", "import numpy as np, pandas as pd, matplotlib.pyplot as plt, nbtrail, os")
    book.run("inline", "%matplotlib inline")
    yield book
    book.close()


@pytest.fixture
def book(shared: Notebook) -> Notebook:
    """A notebook that others have used before, with a run of its own: the newest one."""
    shared.run("start", "%track start")
    return shared
