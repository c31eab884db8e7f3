"""From a URI to what keeps the bytes there."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from nbtrail.artifacts.files import Files
from nbtrail.artifacts.local import LocalFiles
from nbtrail.artifacts.messages import shown
from nbtrail.errors import InvalidValue, did_you_mean

PLUGINS = "nbtrail.artifact_repository"
EXTRAS = {"s3": "s3", "s3a": "s3", "sftp": "sftp", "ssh": "sftp"}  # scheme: nbtrail's extra
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(//?)")


def files_at(uri: str) -> Files:
    """Return the files below a directory or a URI.

    Raises:
        InvalidValue: the URI is of no kind that is known here; says what would make it so.
        StoreError: the place cannot be reached.
    """
    path = local_path(uri)
    return LocalFiles(path) if path is not None else _remote(uri)


def local_path(uri: str) -> Path | None:
    """Return the directory that a URI means on this machine, None if it means another place.

    Raises:
        InvalidValue: it has no meaning.
    """
    if not uri or any(ord(character) < 32 for character in uri) or "::" in uri:
        raise InvalidValue(f"'{shown(uri)}' is not a place for artifacts: give a directory or URI.")
    found = SCHEME.match(uri)
    if found is None:
        return Path(os.path.abspath(Path(uri).expanduser()))  # noqa: PTH100 - links stay
    scheme, slashes = found.groups()
    if scheme.lower() in {"file", "local"}:
        return _file(uri)
    if slashes != "//":
        raise InvalidValue(f"'{shown(uri)}' is neither a directory nor a URI: {scheme}://…, maybe?")
    return None


def _file(uri: str) -> Path:
    parts = urlsplit(uri)
    if parts.netloc not in {"", "localhost"} or parts.query or parts.fragment:
        raise InvalidValue(
            f"'{shown(uri)}' is no file on this machine: write file:///path, with %23 for # "
            "and %3F for ?."
        )
    return Path(os.path.abspath(unquote(parts.path)))  # noqa: PTH100 - links stay


def _remote(uri: str) -> Files:
    import importlib.metadata

    scheme = uri.partition("://")[0].lower()
    for plugin in importlib.metadata.entry_points(group=PLUGINS, name=scheme):
        made: Files = plugin.load()(uri)
        return made
    from nbtrail.artifacts.remote import RemoteFiles

    try:
        _require(scheme)
        if scheme in {"sftp", "ssh"}:
            from nbtrail.artifacts.sftp import SftpFiles

            return SftpFiles(uri)
    except ImportError as error:
        raise InvalidValue(
            f"Artifacts at {shown(uri)} need another package: {_install(scheme, error)}."
        ) from error
    return RemoteFiles(uri)


def _require(scheme: str) -> None:
    """See that fsspec knows the scheme, and that its library is here."""
    import fsspec

    try:
        fsspec.get_filesystem_class(scheme)
    except ValueError as error:
        known = fsspec.available_protocols()
        raise InvalidValue(
            f"'{scheme}://' is not a kind of place that is known here.{did_you_mean(scheme, known)}"
        ) from error


def _install(scheme: str, error: ImportError) -> str:
    if extra := EXTRAS.get(scheme):
        return f"pip install 'nbtrail[{extra}]'"
    return str(error)
