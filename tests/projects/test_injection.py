"""Where the given parameters go, and how they are written."""

import math

import pytest

from nbtrail.errors import InvalidValue
from nbtrail.projects.notebooks.injection import INJECTED_ID, inject
from nbtrail.projects.notebooks.inspection import declaration
from nbtrail.projects.notebooks.notebook import read


def injected(path, values, language="python"):
    notebook = read(path)
    inject(notebook, values, language, declaration(notebook) if language == "python" else None)
    return [(cell.id, cell.source) for cell in notebook.cells[1:]]


def test_below_the_tagged_cell(write):
    path = write("import os", ("lr = 0.1\nn = len('abc')", ["parameters"]), "x = lr")
    assert injected(path, {"lr": 0.5, "n": 2}) == [
        ("cell-1", "import os"),
        ("cell-2", "lr = 0.1\nn = len('abc')"),
        (INJECTED_ID, "# Parameters\nlr = 0.5\nn = 2"),
        ("cell-3", "x = lr"),
    ]


def test_below_the_last_cell_of_leading_literals(write):
    path = write("lr = 0.1\nimport os", "n = 2", "x = lr")
    assert [name for name, _ in injected(path, {"lr": 0.5})] == [
        "cell-1",
        "cell-2",
        INJECTED_ID,
        "cell-3",
    ]


def test_in_the_middle_of_a_cell_that_goes_on(write):
    path = write("lr = 0.1\nx = f(lr)\ny = x")
    assert injected(path, {"lr": 0.5}) == [
        ("cell-1-parameters", "lr = 0.1"),
        (INJECTED_ID, "# Parameters\nlr = 0.5"),
        ("cell-1", "x = f(lr)\ny = x"),
    ]


def test_in_place_of_an_earlier_injection(write):
    path = write(("lr = 0.1", ["parameters"]), ("lr = 7", ["injected-parameters"]), "lr")
    assert [source for _, source in injected(path, {"lr": 0.5})] == [
        "lr = 0.1",
        "# Parameters\nlr = 0.5",
        "lr",
    ]


def test_every_python_value_comes_back(write):
    values = {
        "text": 'it\'s "quoted"\n\\ and {é} 😀',
        "nested": {"a": [1, (2,), None, True], 3: ()},
        "low": -math.inf,
        "small": [1e-300, -0.0],
    }
    (_, source), *_ = injected(write(("", ["injected-parameters"])), values)
    namespace = {}
    exec(source, namespace)
    assert {name: namespace[name] for name in values} == values


def test_nan_comes_back(write):
    (_, source), *_ = injected(write(("", ["injected-parameters"])), {"x": math.nan})
    assert source == '# Parameters\nx = float("nan")'


def test_a_value_that_cannot_be_written(write):
    with pytest.raises(InvalidValue, match="'model' cannot be written into a cell: object is not"):
        injected(write(""), {"model": object()})


def test_other_languages_get_their_own_syntax(write):
    path = write(("flag <- FALSE", ["parameters"]), "flag", name="r.ipynb")
    assert injected(path, {"flag": True, "n": None}, "R")[1][1].splitlines()[1:] == [
        "flag = TRUE",
        "n = NULL",
    ]
    with pytest.raises(InvalidValue, match="n cannot be set in cobol"):
        injected(path, {"n": 1}, "cobol")
