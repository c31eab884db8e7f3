"""What is accepted for a parameter, and how it is read from a command line."""

import math

import numpy as np
import pytest

from nbtrail.errors import InvalidValue
from nbtrail.projects import Parameter
from nbtrail.projects.notebooks.validation import guessed, validated


def read(kind, text):
    return validated({"p": text}, [Parameter("p", kind, None)], "nb.ipynb")["p"]


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("int", "200", 200),
        ("int", "1_000", 1000),
        ("float", "0.1", 0.1),
        ("float", "1e-3", 0.001),
        ("float", "3", 3.0),
        ("float", ".5", 0.5),
        ("float", "-inf", -math.inf),
        ("float", 3, 3.0),
        ("float", np.float64(0.25), 0.25),
        ("bool", "true", True),
        ("bool", "False", False),
        ("str", "200", "200"),
        ("str", "a=b c'd", "a=b c'd"),
        ("str | None", "none at all", "none at all"),
        ("str | None", "None", None),
        ("Optional[int]", "null", None),
        ("typing.Optional[int]", "3", 3),
        ("'int | None'", "3", 3),
        ("int | str", "3", 3),
        ("Literal['rbf', 'poly']", "poly", "poly"),
        ("list", "[1, 'a']", [1, "a"]),
        ("list[int]", "[1, 2]", [1, 2]),
        ("list", "1, 2", [1, 2]),
        ("list", np.arange(3), [0, 1, 2]),
        ("tuple", "(64, 32)", (64, 32)),
        ("tuple[int, ...]", "[64, 32]", (64, 32)),
        ("dict", '{"a": true}', {"a": True}),
        ("dict[str, int]", "{'a': 1}", {"a": 1}),
        (None, "0.5", 0.5),
        (None, "plain text", "plain text"),
        ("Path", "data/x.csv", "data/x.csv"),
    ],
)
def test_a_value_is_read_by_its_type(kind, given, value):
    result = read(kind, given)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("int", "0.5"),
        ("int", "many"),
        ("int", True),
        ("int", 2.0),
        ("float", "fast"),
        ("float", "true"),
        ("bool", "1"),
        ("bool", "yes"),
        ("str", 5),
        ("list[int]", "[1, 'a']"),
        ("dict", "[1]"),
        ("Literal['rbf', 'poly']", "linear"),
        ("int | None", "x"),
    ],
)
def test_another_type_is_refused(kind, given):
    with pytest.raises(InvalidValue) as caught:
        read(kind, given)
    assert f"Parameter 'p' of nb.ipynb must be {kind}, got {given!r}." in str(caught.value)


def test_the_error_names_the_default_and_the_way_out():
    parameter = Parameter("C", "int", "1")
    with pytest.raises(
        InvalidValue, match=r"must be int \(its default is 1\), got '0.1'.*annotate"
    ):
        validated({"C": "0.1"}, [parameter], "nb.ipynb")


def test_an_unknown_name_gets_the_closest_one():
    known = [Parameter("max_iter", "int", "100"), Parameter("C", "float", "1.0")]
    with pytest.raises(InvalidValue) as caught:
        validated({"maxiter": "2"}, known, "nb.ipynb")
    assert str(caught.value) == (
        "nb.ipynb has no parameter 'maxiter'. Did you mean 'max_iter'? It has: max_iter, C."
    )
    with pytest.raises(InvalidValue, match="It has none: tag the cell"):
        validated({"lr": "2"}, [], "nb.ipynb")


def test_another_language_gets_the_likeliest_value():
    given = {"n": "3", "name": "iris", "flag": "true", "lr": 0.5}
    assert guessed(given, "nb.ipynb") == {"n": 3, "name": "iris", "flag": True, "lr": 0.5}
    with pytest.raises(InvalidValue, match="'a;b' is not a name"):
        guessed({"a;b": "1"}, "nb.ipynb")
