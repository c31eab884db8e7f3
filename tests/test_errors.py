"""The hierarchy: every error has a code of MLflow's and an HTTP status."""

from __future__ import annotations

import inspect
import json
import pickle

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


def test_code_written_for_mlflows_exceptions_runs() -> None:
    error = errors.NotFound("There is no run 'x'.")
    assert isinstance(error, errors.RestException)
    assert (error.message, error.get_http_status_code()) == ("There is no run 'x'.", 404)
    assert json.loads(error.serialize_as_json()) == {
        "error_code": "RESOURCE_DOES_NOT_EXIST",
        "message": "There is no run 'x'.",
    }
    assert isinstance(errors.MlflowException.invalid_parameter_value("no"), errors.InvalidValue)


@pytest.mark.parametrize(
    ("given", "code", "status"),
    [
        (None, "INTERNAL_ERROR", 500),
        (1000, "INVALID_PARAMETER_VALUE", 400),
        (3002, "RESOURCE_DOES_NOT_EXIST", 404),
        (77, "INTERNAL_ERROR", 500),
        ("BAD_REQUEST", "BAD_REQUEST", 400),
        ("ENTIRELY_ELSE", "ENTIRELY_ELSE", 500),
    ],
)
def test_one_of_mlflows_can_be_raised_with_its_code(
    given: str | int | None, code: str, status: int
) -> None:
    error = errors.MlflowException(ValueError("no"), error_code=given, at=3)
    error = pickle.loads(pickle.dumps(error))
    assert (error.error_code, error.get_http_status_code(), error.message) == (code, status, "no")
    assert json.loads(error.serialize_as_json())["at"] == 3


def test_a_file_that_is_missing_is_pythons_error_too() -> None:
    assert isinstance(errors.FileMissing("There is no file 'x'."), FileNotFoundError)
    assert str(errors.FileMissing("There is no file 'x'.")) == "There is no file 'x'."
