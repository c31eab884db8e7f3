"""From where data came from, back to the data."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from nbtrail.errors import FileMissing, InvalidValue, StoreError


def load(kind: str, fields: Mapping[str, Any], folder: str | os.PathLike[str] | None) -> Any:
    """Return the data of a source, or where on this machine it is; see `DatasetSource.load`."""
    if kind == "hugging_face":
        return _of_hugging_face(fields)
    uri = fields.get("uri") or fields.get("url")
    if not isinstance(uri, str):
        raise InvalidValue(
            f"The source of this dataset ('{kind:.40}') names no file that could be loaded: the "
            "data came out of the run's own code, or the source was not given."
        )
    return _of_this_machine(uri, folder) if kind == "local" else _fetched(uri, folder)


def _of_hugging_face(fields: Mapping[str, Any]) -> Any:
    import datasets

    names = ("path", "data_dir", "data_files", "split", "revision")
    return datasets.load_dataset(
        name=fields.get("config_name"), **{name: fields.get(name) for name in names}
    )


def _of_this_machine(uri: str, folder: str | os.PathLike[str] | None) -> str:
    path = Path(unquote(urlsplit(uri).path)) if uri.startswith("file:") else Path(uri).expanduser()
    if not path.exists():
        raise FileMissing(f"The dataset's source '{path}' is not there any more.")
    if folder is None:
        return str(path.absolute())
    return _fetched(path.absolute().as_uri(), folder)


def _fetched(uri: str, folder: str | os.PathLike[str] | None) -> str:
    """Copy what is at a URI into a folder, a new one if none is given; return where it is."""
    import fsspec

    target = Path(folder or tempfile.mkdtemp(prefix="nbtrail-")).absolute()
    target.mkdir(parents=True, exist_ok=True)
    place = target / (Path(urlsplit(uri).path).name or "dataset")
    try:
        files, path = fsspec.core.url_to_fs(uri)
        fetch: Callable[..., Any] = files.get
        fetch(path, str(place), recursive=files.isdir(path))
    except FileNotFoundError:
        raise FileMissing(f"The dataset's source {uri} is not there any more.") from None
    except ValueError as error:
        raise InvalidValue(f"The dataset's source {uri} cannot be loaded: {error}.") from error
    except (OSError, ImportError) as error:
        raise StoreError(f"The dataset's source {uri} cannot be loaded: {error}.") from error
    return str(place)
