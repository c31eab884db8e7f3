"""Files, packages and code that are not what they were when a run used them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nbtrail
from nbtrail.entities import Run
from nbtrail.projects.reproduction.surroundings import changed_code, changed_files, changed_packages
from nbtrail.store import Store


@pytest.fixture
def used(store: Store) -> Run:
    """A run that has used a file, and an array of the same name."""
    Path("wine.csv").write_text("a,b\n1,2\n")
    with nbtrail.start_run() as run:
        nbtrail.log_input(nbtrail.data.from_file("wine.csv"), "training")
        nbtrail.log_input(nbtrail.data.from_numpy(np.zeros(3)), "testing")
    return store.runs.get(run.run_id)


def test_a_file_that_is_what_it_was_is_not_told(used: Run) -> None:
    assert list(changed_files(used)) == []


def test_a_file_that_changed_or_is_gone_is_told(used: Run, workdir: Path) -> None:
    path = workdir / "wine.csv"
    path.write_text("a,b\n1,3\n")
    digests = {one.dataset.name: one.dataset.digest for one in used.inputs.dataset_inputs}
    assert list(changed_files(used)) == [
        f"{path} has changed since the run: its digest was {digests['wine.csv']}."
    ]
    path.unlink()
    assert list(changed_files(used)) == [f"The run has used {path}. There is no file '{path}'."]


def packages(**versions: str) -> dict[str, Any]:
    return {"packages": {"packages": versions}}


def test_packages() -> None:
    before = packages(numpy="1.26", pandas="2.2", old="1")
    assert list(changed_packages(before, before)) == []
    (told,) = changed_packages(before, packages(numpy="2.0", pandas="2.2"))
    assert told == "Packages have other versions: numpy 1.26 → 2.0, old 1 → -."
    assert list(changed_packages({}, before)) == []  # it has recorded none
    many = {f"p{number}": "2" for number in range(8)}
    (told,) = changed_packages(packages(**dict.fromkeys(many, "1")), packages(**many))
    assert told.endswith("p4 1 → 2, and 3 more.")


def test_code() -> None:
    before = {"git": {"commit": "a" * 40, "diff": "one"}}
    assert list(changed_code(before, before)) == []
    assert list(changed_code(before, {"git": {"commit": "b" * 40, "diff": "two"}})) == [
        "The repository was at commit aaaaaaaa, now it is at bbbbbbbb."
    ]
    assert list(changed_code(before, {"git": {"commit": "a" * 40, "diff": "two"}})) == [
        "What is not committed in the repository has changed."
    ]
    assert list(changed_code(before, {})) == [
        "The repository was at commit aaaaaaaa, now it is at -."
    ]
