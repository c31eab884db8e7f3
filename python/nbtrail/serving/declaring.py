"""Endpoints as a file declares them: ``endpoints.yaml``.

::

    endpoints:
      wine:
        model_uri: models:/wine@champion
        workers: 2
        batch_size: 32
      beer:
        targets:
          - {model_uri: models:/beer/1, weight: 0.9}
          - {model_uri: models:/beer/2, weight: 0.1}
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.entities import Endpoint, EndpointConfig
from nbtrail.errors import FileMissing, InvalidValue
from nbtrail.serving import configuration, endpoints
from nbtrail.serving.addresses import check_name
from nbtrail.serving.revisions import config_of
from nbtrail.store import Store
from nbtrail.tracking import current_store

MOST_BYTES = 1024 * 1024


class _Declared(msgspec.Struct, forbid_unknown_fields=True):
    """The file."""

    endpoints: dict[str, dict[str, Any]]


def apply(file: Path, store: Store | None = None) -> Iterator[tuple[Endpoint, bool]]:
    """Make endpoints what a file says; yield each, and whether it was changed for that.

    All of the file is checked before any endpoint is changed. Endpoints that it does not name
    are left alone.

    Raises:
        FileMissing: there is no such file.
        InvalidValue: it is not such a file, or an endpoint cannot be so.
        NotFound: there is no such model.
        EndpointError: an endpoint does not start.
    """
    store = store or current_store()
    wanted = {name: _config(name, about, store) for name, about in _read(file).items()}
    for name, config in wanted.items():
        yield _make_so(name, config, store)


def _make_so(name: str, config: EndpointConfig, store: Store) -> tuple[Endpoint, bool]:
    row = store.endpoints.get(name)
    if row is not None and config_of(name, store) == config:
        now = endpoints.get_endpoint(name, store)
        if now.state == "ready":
            return now, False
    fields = {field: getattr(config, field) for field in config.__struct_fields__}
    return endpoints.deploy(None, name, store=store, **fields), True


def _read(file: Path) -> dict[str, dict[str, Any]]:
    import yaml

    if not file.is_file():
        raise FileMissing(f"There is no file {file}.")
    if file.stat().st_size > MOST_BYTES:
        raise InvalidValue(f"{file} is too large to declare endpoints.")
    try:
        return msgspec.convert(yaml.safe_load(file.read_bytes()), _Declared).endpoints
    except (yaml.YAMLError, msgspec.ValidationError, RecursionError) as error:
        raise InvalidValue(
            f"{file} does not declare endpoints: it has 'endpoints:', and below it names with "
            f"fields such as 'model_uri' ({type(error).__name__})."
        ) from error


def _config(name: str, about: dict[str, Any], store: Store) -> EndpointConfig:
    check_name(name)
    fields = dict(about)
    uri = fields.pop("model_uri", None)
    if (uri is None) == ("targets" not in fields):
        raise InvalidValue(f"Endpoint '{name}' has a 'model_uri' or 'targets', one of both.")
    return configuration.of(uri, name, store, fields)
