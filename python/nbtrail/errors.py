"""One hierarchy of errors.

Each error carries an MLflow ``error_code`` and an HTTP status, so that the same exception
becomes one sentence in a terminal, in a cell, and in a response.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from typing import Any

# The codes that MLflow's own code passes on, by their numbers there, with what a response has.
_CODES = {
    1: ("INTERNAL_ERROR", 500),
    2: ("TEMPORARILY_UNAVAILABLE", 503),
    4: ("BAD_REQUEST", 400),
    1000: ("INVALID_PARAMETER_VALUE", 400),
    1003: ("INVALID_STATE", 409),
    3001: ("RESOURCE_ALREADY_EXISTS", 400),
    3002: ("RESOURCE_DOES_NOT_EXIST", 404),
}


class NbtrailError(Exception):
    """Base of every error that nbtrail raises on purpose; its text is meant for the user.

    Args:
        message: what is wrong, where, and what to do about it.
        error_code: another of MLflow's codes than the class's own, by its name or number.
        details: what else MLflow's form as JSON is to have.
    """

    error_code = "INTERNAL_ERROR"
    http_status = 500

    def __init__(
        self, message: object = "", error_code: str | int | None = None, **details: Any
    ) -> None:
        super().__init__(str(message))
        self._details = details
        if isinstance(error_code, int):
            self.error_code, self.http_status = _CODES.get(error_code, _CODES[1])
        elif error_code is not None:
            self.error_code = error_code
            self.http_status = dict(_CODES.values()).get(error_code, 500)

    @property
    def message(self) -> str:
        """The text."""
        return str(self)

    def get_http_status_code(self) -> int:
        """Return the status of a response that tells this error."""
        return self.http_status

    def serialize_as_json(self) -> str:
        """Return what such a response has as its body."""
        return json.dumps({"error_code": self.error_code, "message": self.message} | self._details)

    @classmethod
    def invalid_parameter_value(cls, message: object, **details: Any) -> InvalidValue:
        """Return the error that a value is not acceptable."""
        return InvalidValue(message, **details)


MlflowException = RestException = NbtrailError
"""MLflow's names of it, for code that says ``import nbtrail as mlflow``."""


class InvalidValue(NbtrailError, ValueError):
    """A key, a value, a parameter or a body that is not acceptable."""

    error_code = "INVALID_PARAMETER_VALUE"
    http_status = 400


class RunDeleted(InvalidValue):
    """A run that is deleted was to be changed."""


class BadRequest(InvalidValue):
    """A request whose body cannot be understood at all."""

    error_code = "BAD_REQUEST"


class UnsupportedMediaType(InvalidValue):
    """A request body of a content type that nobody reads."""

    error_code = "BAD_REQUEST"
    http_status = 415


class NotFound(NbtrailError, LookupError):
    """A run, experiment, model, endpoint or file that does not exist."""

    error_code = "RESOURCE_DOES_NOT_EXIST"
    http_status = 404


class FileMissing(NotFound, FileNotFoundError):
    """A file of this machine that was named and is not there."""


class AlreadyExists(NbtrailError):
    """A name that is taken."""

    error_code = "RESOURCE_ALREADY_EXISTS"
    http_status = 400


class InvalidState(NbtrailError):
    """An action that the present state does not allow (a run is already active, a port in use)."""

    error_code = "INVALID_STATE"
    http_status = 409


class StoreError(NbtrailError):
    """The store cannot be opened, read or written."""

    error_code = "TEMPORARILY_UNAVAILABLE"
    http_status = 503


class EndpointError(NbtrailError):
    """A served model that does not start, or does not answer."""

    error_code = "TEMPORARILY_UNAVAILABLE"
    http_status = 502


class ExecutionFailed(NbtrailError):
    """A notebook that was run and did not get to its end; names the run that recorded it."""

    error_code = "INVALID_STATE"
    http_status = 409

    def __init__(self, message: str, run_id: str = "") -> None:
        super().__init__(message)
        self.run_id = run_id


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` for the closest of `known`, or an empty string."""
    names = list(known)
    close = [one for one in names if one.lower() == name.lower()]
    close += difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f" Did you mean '{close[0]}'?" if close else ""
