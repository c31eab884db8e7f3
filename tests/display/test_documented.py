"""What docs/inline.md says: its code runs, its names exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbtrail

PAGE = (Path(__file__).parents[2] / "docs" / "inline.md").read_text()


def test_the_code_of_the_page_runs(store: Any) -> None:
    names: dict[str, Any] = {}
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert len(blocks) == 5
    for block in blocks:
        exec(block, names)
    assert len(nbtrail.runs().table.rows) == 3


def test_every_name_of_the_page_exists() -> None:
    named = set(re.findall(r"\bnbtrail\.([a-z_]+)\(", PAGE))
    assert {"runs", "compare", "plot", "parallel", "show_trail"} <= named <= set(nbtrail.__all__)
