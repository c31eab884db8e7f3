"""One hierarchy of errors.

Each error carries an MLflow ``error_code`` and an HTTP status, so that the same exception
becomes one sentence in a terminal, in a cell, and in a response.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class NbtrailError(Exception):
    """Base of every error that nbtrail raises on purpose; its text is meant for the user."""

    error_code = "INTERNAL_ERROR"
    http_status = 500


MlflowException = NbtrailError
"""MLflow's name of it, for code that says ``import nbtrail as mlflow``."""


class InvalidValue(NbtrailError, ValueError):
    """A key, a value, a parameter or a body that is not acceptable."""

    error_code = "INVALID_PARAMETER_VALUE"
    http_status = 400


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

    def __init__(self, message: str, run_id: str) -> None:
        super().__init__(message)
        self.run_id = run_id


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` for the closest of `known`, or an empty string."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" Did you mean '{close[0]}'?" if close else ""
