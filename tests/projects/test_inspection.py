"""What is taken for a parameter, and where its cell ends."""

import pytest

from nbtrail.errors import InvalidValue, NotFound
from nbtrail.projects import Parameter, parameters
from nbtrail.projects.notebooks.inspection import declaration
from nbtrail.projects.notebooks.notebook import read

TAGGED = ["parameters"]


def test_tagged_cell_tells_types_defaults_and_help(write):
    source = """\
%matplotlib inline
alpha: float = 1  # strength of the penalty
kernel: "str | None" = None
layers = (64, 32)
names = dict(a=1)
x, y = 1, "it # is"   # a point
url = "http://x/#top"
grid = {
    "C": [1, 10],
}  # what to search
if alpha > 2:
    hidden = 1
required: int
"""
    path = write("import os", (source, TAGGED), "later = 3")

    assert parameters(path) == [
        Parameter("alpha", "float", "1", "strength of the penalty"),
        Parameter("kernel", "str | None", "None"),
        Parameter("layers", "tuple", "(64, 32)"),
        Parameter("names", None, "dict(a=1)"),
        Parameter("x", "int", "1", "a point"),
        Parameter("y", "str", '"it # is"', "a point"),
        Parameter("url", "str", '"http://x/#top"'),
        Parameter("grid", "dict", '{\n    "C": [1, 10],\n}', "what to search"),
        Parameter("required", "int", None),
    ]


def test_without_a_tag_the_leading_literals_are_parameters(write):
    path = write(
        "%load_ext nbtrail",
        '"""Doc."""\nimport numpy as np\nnp.random.seed(0)',
        "lr = 0.1\nepochs = 5",
        "depth = 2  # levels\nmodel = train(lr)\nlater = 1",
        "never = 1",
    )

    found = declaration(read(path))

    assert [p.name for p in found.parameters] == ["lr", "epochs", "depth"]
    assert (found.index, found.line) == (4, 1)


@pytest.mark.parametrize(
    "source",
    ["lr = 0.1; train(lr)", "print(1)\nx = f()", "%%time\nlr = 0.1", "not python (", "", "x: int"],
)
def test_what_leads_to_no_parameter(write, source):
    assert parameters(write(source, "x += 1", "lr = 0.1")) == []


def test_a_name_that_is_used_before_ends_the_leading_literals(write):
    assert [p.name for p in parameters(write("a = 1\nprint(a)\nb = 2"))] == ["a"]


def test_the_last_assignment_of_a_name_counts(write):
    assert parameters(write("a = 1\na = 2.5")) == [Parameter("a", "float", "2.5")]


def test_missing_notebook_names_the_closest(write, tmp_path):
    path = write("a = 1")
    with pytest.raises(NotFound, match=r"no notebook .*trian\.ipynb'. Did you mean 'train\.ipynb'"):
        parameters(path.with_name("trian.ipynb"))
    with pytest.raises(NotFound, match=r"folder .* does not exist"):
        parameters(tmp_path / "nowhere" / "train.ipynb")


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff\xfe", b'{"cells": 3, "nbformat": 4}', b""])
def test_what_is_not_a_notebook(tmp_path, content):
    path = tmp_path / "bad.ipynb"
    path.write_bytes(content)
    with pytest.raises(InvalidValue, match=r"bad\.ipynb' is not a valid notebook: ."):
        parameters(path)


def test_another_kind_of_file(tmp_path):
    path = tmp_path / "train.py"
    path.write_text("a = 1")
    with pytest.raises(InvalidValue, match=r"does not end in \.ipynb"):
        parameters(path)
