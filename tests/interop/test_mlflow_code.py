"""Ordinary tracking code, written for MLflow, with one line changed: the import.

The answers beside the scripts are those that MLflow 3.17.2 gave to the same code.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from store import scripts

CODE = Path(__file__).parent / "code"


@pytest.mark.parametrize("name", sorted(path.stem for path in CODE.glob("*.py")))
def test_the_answers_are_mlflows(name: str) -> None:
    done = scripts.run((CODE / f"{name}.py").read_text())
    assert json.loads(done.stdout.splitlines()[-1]) == json.loads(
        (CODE / f"{name}.json").read_text()
    )
