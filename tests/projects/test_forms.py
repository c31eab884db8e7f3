"""What a launch form is told of a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from nbtrail.errors import NotFound
from nbtrail.projects.notebooks import forms

TAGGED = ["parameters"]


def test_fields_have_types_values_help_and_choices(write: Any) -> None:
    source = (
        "lr = 0.1  # learning rate\n"
        "opt: Literal['adam', 'sgd'] = 'adam'\n"
        "layers = (64, 32)\n"
        "limit = float('inf')\n"
        "big = 1e999\n"
        "name: str"
    )
    form = forms.of_file(write(("import os", []), (source, TAGGED)), "work/train.ipynb")
    fields = {one.name: (one.type, one.value, one.help, one.choices) for one in form.parameters}
    assert fields == {
        "lr": ("float", 0.1, "learning rate", None),
        "opt": ("Literal['adam', 'sgd']", "adam", "", ["adam", "sgd"]),
        "layers": ("tuple", [64, 32], "", None),
        "limit": (None, None, "", None),
        "big": ("float", None, "", None),
        "name": ("str", None, "", None),
    }
    assert (form.path, form.kernel, form.language, form.problem) == (
        "work/train.ipynb", "python3", "python", None
    )  # fmt: skip
    assert form.cell is not None
    assert (form.cell.index, form.cell.id, form.cell.tagged) == (2, "cell-2", True)
    assert msgspec.json.decode(msgspec.json.encode(form))["parameters"][0]["default"] == "0.1"


def test_leading_assignments_are_told_as_such(write: Any) -> None:
    form = forms.of_file(write("import os\nepochs = 3\nprint(epochs)"), "a.ipynb")
    assert ([one.name for one in form.parameters], form.cell and form.cell.tagged) == (
        ["epochs"], False
    )  # fmt: skip


def test_a_notebook_without_parameters_has_no_cell(write: Any) -> None:
    form = forms.of_file(write("print(1)"), "a.ipynb")
    assert (form.parameters, form.cell, form.problem) == ([], None, None)


def test_a_missing_kernel_is_told_beside_the_parameters(write: Any) -> None:
    form = forms.of_file(write(("lr = 0.1", TAGGED), kernel="pyhton3"), "a.ipynb")
    assert "Did you mean 'python3'" in (form.problem or "")
    assert [one.name for one in form.parameters] == ["lr"]


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"cells": 3}'])
def test_what_is_no_notebook_is_one_sentence_without_the_servers_paths(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "bad.ipynb"
    path.write_bytes(content)
    form = forms.of_file(path, "work/bad.ipynb")
    assert (form.problem or "").startswith("'work/bad.ipynb' is not a valid notebook")
    assert str(tmp_path) not in (form.problem or "")


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        forms.of_file(tmp_path / "none.ipynb", "none.ipynb")
