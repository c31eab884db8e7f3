"""The hierarchy: every error has a code of MLflow's and an HTTP status."""

from __future__ import annotations

import inspect

import pytest

from nbtrail import errors
from nbtrail.errors import NbtrailError, did_you_mean

ALL = [
    found
    for _, found in inspect.getmembers(errors, inspect.isclass)
    if found.__module__ == errors.__name__
]


@pytest.mark.parametrize("error", ALL, ids=lambda error: error.__name__)
def test_each_error_is_one_of_ours(error: type[NbtrailError]) -> None:
    assert issubclass(error, NbtrailError)
    assert error.error_code.isupper()
    assert 400 <= error.http_status < 600
    assert error.__doc__


def test_pythons_own_handlers_catch_ours() -> None:
    assert issubclass(errors.InvalidValue, ValueError)
    assert issubclass(errors.NotFound, LookupError)


def test_a_failed_execution_names_its_run() -> None:
    error = errors.ExecutionFailed("Cell 3 raised ValueError.", "abc")
    assert (str(error), error.run_id) == ("Cell 3 raised ValueError.", "abc")


def test_the_closest_name_is_suggested() -> None:
    assert did_you_mean("acuracy", ["loss", "accuracy"]) == " Did you mean 'accuracy'?"
    assert did_you_mean("zzz", ["loss", "accuracy"]) == ""
    assert did_you_mean("loss", iter(())) == ""
