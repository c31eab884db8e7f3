"""What goes wrong on the way to a file, as one sentence: which place, what, and what to do."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from nbtrail.errors import InvalidValue, NbtrailError, NotFound, StoreError

# By the name of the exception's class: their libraries may not be installed.
CREDENTIALS = {
    "NoCredentialsError": "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or make a profile",
    "PartialCredentialsError": "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "ProfileNotFound": "see AWS_PROFILE",
    "TokenRetrievalError": "log in again",
    "PasswordRequiredException": "put the key into ssh-agent",
    "AuthenticationException": "give a user in the URI, and a key that the server knows",
    "BadAuthenticationType": "give a user in the URI, and a key that the server knows",
    "DefaultCredentialsError": "log in with gcloud",
}
UNREACHABLE = (ConnectionError, TimeoutError, socket.gaierror, EOFError)
UNREACHABLE_NAMES = {
    *("EndpointConnectionError", "ConnectTimeoutError", "ConnectionClosedError"),
    *("NoValidConnectionsError", "FSTimeoutError", "ClientConnectorError", "ReadTimeoutError"),
}


def shown(uri: str) -> str:
    """Return a URI as it may be shown: without a password, and in one line."""
    hidden = re.sub(r"(?<=://)([^/@:]*):[^/]*@", r"\1@", uri)
    return hidden.split("?")[0][:200].encode("unicode_escape", "replace").decode()


@contextmanager
def reaching(place: str, path: str = "") -> Iterator[None]:
    """Turn what a file system's library raises into an error for the user of `path` at `place`."""
    try:
        yield
    except (NbtrailError, TypeError):
        raise
    except Exception as error:
        raise _explanation(place, path, error) from error


def _explanation(place: str, path: str, error: Exception) -> NbtrailError:
    name, said = type(error).__name__, _said(error)
    if hint := CREDENTIALS.get(name):
        return StoreError(f"There are no credentials for {place} ({said}): {hint}.")
    if isinstance(error, UNREACHABLE) or name in UNREACHABLE_NAMES:
        return StoreError(f"{place} cannot be reached: {said}.")
    match error:
        case FileNotFoundError():
            return NotFound(f"There is no artifact '{path}' at {place} ({said}).")
        case FileExistsError() | NotADirectoryError():
            return InvalidValue(f"A part of '{path}' at {place} is a file, not a folder.")
    return StoreError(f"'{path}' cannot be had or kept at {place}: {said}.")


def _said(error: Exception) -> str:
    text = " ".join((str(error) or type(error).__name__).split())
    return shown(text).rstrip(".")
