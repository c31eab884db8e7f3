from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from recorder.kernel import Notebook


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    """A kernel with the recorder on."""
    book = Notebook(tmp_path)
    book.run("load", "%load_ext nbtrail")
    yield book
    book.close()
