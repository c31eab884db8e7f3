"""Where data came from, in MLflow's form: a type, and a JSON object that says where."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from nbtrail import entities
from nbtrail.data.loading import load
from nbtrail.errors import InvalidValue

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.\-]+):")
_SECRETS = re.compile(r"(?<=.)\?[^#]*")
# Amazon's and Google's signed URLs, Azure's (of which all but `sig` is no secret), and tokens.
_SECRET = re.compile(
    r"x-(amz|goog)-|sig$|.*(signature|token|secret|passw|credential|api.?key|accesskey)", re.I
)
_USER = re.compile(r"([a-zA-Z][a-zA-Z0-9+.\-]*://)([^/?#]*)@")


@dataclass(frozen=True)
class DatasetSource:
    """Where data came from.

    Attributes:
        source_type: ``local``, ``http``, ``hugging_face``, ``code``, or a URI's scheme.
        fields: what there is to say, JSON-representable; for most types the key ``uri``.
    """

    source_type: str
    fields: Mapping[str, Any]

    @property
    def uri(self) -> str | None:
        """The path or URI, None where it is none."""
        return self.fields.get("uri") or self.fields.get("url")

    def to_dict(self) -> dict[str, Any]:
        """Return what there is to say."""
        return dict(self.fields)

    def to_json(self) -> str:
        """Return what there is to say, as on MLflow's wire."""
        return json.dumps(self.to_dict())

    def load(self, dst_path: str | os.PathLike[str] | None = None) -> Any:
        """Return the data of Hugging Face's, else where on this machine the file or folder is.

        Args:
            dst_path: a folder to copy to; else what is on this machine stays where it is, and the
                rest goes into a new temporary folder.

        Raises:
            FileMissing: it is not there any more.
            InvalidValue: the source is no file.
            StoreError: it cannot be had.
        """
        return load(self.source_type, self.fields, dst_path)


# Data that came out of the run's own code.
CODE = DatasetSource("code", {"tags": {}})


def source_of(given: object) -> DatasetSource:
    """Return a source from what people give: a path, a URI, a source, or None.

    Names and passwords in a URI are left out.

    Raises:
        InvalidValue: it is none of these.
    """
    if given is None:
        return CODE
    if isinstance(given, DatasetSource):
        return given
    if isinstance(given, PurePath):
        return DatasetSource("local", {"uri": os.fspath(given)})
    if isinstance(given, str):
        return _located(without_credentials(given))
    return _foreign(given)


def get_source(dataset: object) -> DatasetSource:
    """Return where a dataset came from: one of `nbtrail.data`, or what a run has in its inputs.

    Raises:
        InvalidValue: it is no dataset.
    """
    if isinstance(dataset, entities.DatasetInput):
        dataset = dataset.dataset
    if isinstance(dataset, entities.Dataset):
        return DatasetSource(dataset.source_type, _fields(dataset.source))
    source = getattr(dataset, "source", None)
    if isinstance(source, DatasetSource):
        return source
    raise InvalidValue(
        f"A {type(dataset).__name__} is no dataset. Give one of run.inputs.dataset_inputs, or what "
        "nbtrail.data.from_… has made."
    )


def _fields(source: str) -> dict[str, Any]:
    """Return what a stored source says; who registered a run by hand may have given a URI."""
    try:
        found = json.loads(source)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"uri": source} if source else {}


def _located(uri: str) -> DatasetSource:
    match = _SCHEME.match(uri)
    scheme = match[1].lower() if match else "file"
    if scheme in {"http", "https"}:
        return DatasetSource("http", {"url": uri})
    return DatasetSource("local" if scheme == "file" else scheme, {"uri": uri})


def _foreign(given: Any) -> DatasetSource:
    """Return the source that an object of MLflow's class stands for."""
    try:
        return DatasetSource(str(given._get_source_type()), dict(json.loads(given.to_json())))
    except (AttributeError, TypeError, ValueError):
        raise InvalidValue(
            f"A dataset's source is a path, a URI or a DatasetSource, not {given!r:.80}."
        ) from None


def without_credentials(uri: str) -> str:
    """Return a URI without the user name, the password and the signature that it may carry.

    The user name of SSH stays: it is part of the place, and nothing without a key.
    """
    return _SECRETS.sub(_asked_only, _USER.sub(_place_only, uri, count=1), count=1)


def _asked_only(match: re.Match[str]) -> str:
    """Return a query without what opens the door."""
    parts = match[0][1:].split("&")
    asked = [part for part in parts if not _SECRET.match(part.partition("=")[0])]
    return f"?{'&'.join(asked)}" if asked else ""


def _place_only(match: re.Match[str]) -> str:
    scheme, user = match[1], match[2].partition(":")[0]
    keeps_user = user and ("ssh" in scheme or "sftp" in scheme)
    return f"{scheme}{user}@" if keeps_user else scheme
