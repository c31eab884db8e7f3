"""What people log as files, turned into bytes: dicts, figures, images, histograms.

Nothing here knows a run: a mistake is told before a run is opened for it. What is logged by key
and step has both in its name, as MLflow's charts of images read it.
"""

from __future__ import annotations

import io
import json
import os
import sys
import uuid
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from nbtrail.errors import FileMissing, InvalidValue
from nbtrail.store.keys import check_key, check_text
from nbtrail.tracking import checks

if TYPE_CHECKING:
    import numpy as np
    import PIL.Image

THUMBNAIL = 256
"""Longest side, in pixels, of the copy that listings of images show."""
_FIGURE_DPI = 150


class Image:
    """An image to be logged, alone or in a table.

    Args:
        image: what `images` takes, or the path of a file.

    Raises:
        InvalidValue: it is no image.
        FileMissing: there is no such file.
    """

    def __init__(self, image: Any) -> None:
        self.image = _read(image) if isinstance(image, str | os.PathLike) else _picture(image)
        self.size = self.image.size

    def to_list(self) -> list[Any]:
        """Return the pixels, row by row: numbers, or tuples of them."""
        pixels = getattr(self.image, "get_flattened_data", self.image.getdata)
        return list(pixels())


def text(value: Any) -> bytes:
    """Return a text.

    Raises:
        InvalidValue: it is none, or has what is no character.
    """
    if not isinstance(value, str):
        raise InvalidValue(f"log_text takes a text, not a {type(value).__name__}.")
    return check_text(value, sys.maxsize, "text").encode()


def content(stream: IO[Any]) -> bytes:
    """Return what a stream has still to give."""
    found = stream.read()
    return found.encode() if isinstance(found, str) else bytes(found)


def dictionary(value: Any, artifact_file: str) -> bytes:
    """Return a dict or list as YAML if the file's name says so, else as JSON."""
    try:
        plain = _plain(value)
    except RecursionError:
        raise InvalidValue(f"What is to be '{artifact_file}' contains itself.") from None
    if artifact_file.endswith((".yaml", ".yml")):
        import yaml

        return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True).encode()
    return json.dumps(plain, indent=2).encode()


def _plain(value: Any) -> Any:
    """Return what JSON and YAML know: arrays as lists, keys as texts, the unknown as its text."""
    if hasattr(value, "tolist"):  # numpy's
        value = value.tolist()
    if isinstance(value, Mapping):
        return {_plain_key(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    # Exactly these: what else a subclass has, such as an Enum, neither of the two can write.
    return value if value is None or type(value) in {str, bool, int, float} else str(value)


def _plain_key(key: Any) -> Any:
    plain = _plain(key)
    return str(plain) if isinstance(plain, list | dict) else plain


def figure(value: Any, artifact_file: str, save_kwargs: dict[str, Any] | None = None) -> bytes:
    """Return a matplotlib or plotly figure in the format that the file's name says.

    Raises:
        InvalidValue: it is no figure of either library, or they do not write that format.
    """
    options = save_kwargs or {}
    if hasattr(value, "savefig"):
        return _matplotlib(value, PurePosixPath(artifact_file).suffix.lstrip("."), options)
    if not hasattr(value, "to_html"):
        raise InvalidValue(
            f"log_figure takes a matplotlib or plotly figure, not a {type(value).__name__}."
        )
    if artifact_file.endswith(".html"):
        return str(value.to_html(**{"include_plotlyjs": "cdn", **options})).encode()
    if artifact_file.endswith(".json"):
        return str(value.to_json(**options)).encode()
    raise InvalidValue(f"A plotly figure is kept as .html or .json, not '{artifact_file}'.")


def _matplotlib(value: Any, suffix: str, options: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    try:
        value.savefig(buffer, **{"format": suffix or "png", **options})
    except ValueError as error:
        raise InvalidValue(f"The figure cannot be saved: {error}") from error
    return buffer.getvalue()


def images(
    value: Any,
    artifact_file: str | None = None,
    key: str | None = None,
    step: int | None = None,
    timestamp: int | None = None,
) -> dict[str, bytes]:
    """Return an image by its path; one of a series, by key and step, has a small copy beside it.

    Raises:
        InvalidValue: it is no image, the format is not known, or it is not clear which of the two
            is meant.
    """
    if (artifact_file is None) == (key is None):
        raise InvalidValue("log_image needs either artifact_file (one image) or key (a series).")
    if key is not None:
        return _image_of_step(_picture(value), _stem("images", key, step, timestamp))
    if step is not None or timestamp is not None:
        raise InvalidValue("An image has a step or a timestamp only in a series: give a key.")
    suffix = PurePosixPath(str(artifact_file)).suffix
    return {str(artifact_file): _encode(_picture(value), suffix or ".png")}


def _image_of_step(full: PIL.Image.Image, stem: str) -> dict[str, bytes]:
    return _in_two_sizes(full, f"{stem}.png", f"{stem}%compressed.webp")


def image_of_table(image: Image, table: str) -> dict[str, bytes]:
    """Return an image in a cell of a table, by its path, and a small copy of it."""
    stem = f"table_images/{PurePosixPath(table).with_suffix('')}/{uuid.uuid4()}"
    return _in_two_sizes(image.image, f"{stem}.png", f"{stem}.webp")


def _in_two_sizes(full: PIL.Image.Image, path: str, small_path: str) -> dict[str, bytes]:
    small = full.copy()
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    return {path: _encode(full, ".png"), small_path: _encode(small, ".webp")}


def _stem(folder: str, key: str, step: int | None, timestamp: int | None) -> str:
    name = check_key(key, folder.rstrip("s")).replace("/", "#")
    at, moment = checks.step(step), checks.timestamp(timestamp)
    return f"{folder}/{name}%step%{at}%timestamp%{moment}%{uuid.uuid4()}"


def _picture(value: Any) -> PIL.Image.Image:
    """Return a PIL image of one, of a matplotlib figure, or of an array."""
    try:
        import PIL.Image
    except ImportError as error:
        raise InvalidValue("Images need Pillow: pip install pillow") from error
    if isinstance(value, Image):
        return value.image
    if isinstance(value, PIL.Image.Image):
        return value
    if hasattr(value, "savefig"):
        return PIL.Image.open(io.BytesIO(_matplotlib(value, "png", {"dpi": _FIGURE_DPI})))
    import numpy as np

    pixels = np.asarray(value)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if pixels.ndim not in {2, 3} or (pixels.ndim == 3 and pixels.shape[2] not in {3, 4}):
        raise InvalidValue(
            "An image is a PIL image, a matplotlib figure, or an array of the shape (height, "
            f"width), or (height, width, 1, 3 or 4); not {type(value).__name__} {pixels.shape}."
        )
    return PIL.Image.fromarray(_bytes_of(pixels))


def _read(path: str | os.PathLike[str]) -> PIL.Image.Image:
    import PIL.Image

    try:
        return PIL.Image.open(path)
    except FileNotFoundError:
        raise FileMissing(f"There is no image '{os.fspath(path)}'.") from None
    except OSError as error:
        raise InvalidValue(f"'{os.fspath(path)}' is no image: {error}.") from error


def _bytes_of(pixels: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return pixels from 0 to 255; floats and booleans go from 0 to 1."""
    import numpy as np

    if not pixels.size or pixels.dtype.kind not in "buif":
        raise InvalidValue(f"An image has pixels that are numbers, not {pixels.dtype}.")
    if pixels.dtype.kind in "bf":
        pixels = (np.nan_to_num(pixels.astype(float)).clip(0, 1) * 255).round()
    low, high = int(pixels.min()), int(pixels.max())
    if low < 0 or high > 255:
        raise InvalidValue(f"Pixels that are integers go from 0 to 255, not {low} to {high}.")
    return pixels.astype(np.uint8, copy=False)


def _encode(picture: PIL.Image.Image, suffix: str) -> bytes:
    import PIL.Image

    known = PIL.Image.registered_extensions()
    if known.get(suffix.lower()) not in PIL.Image.SAVE:
        raise InvalidValue(f"'{suffix}' is no format of images: take .png, .jpg or .webp.")
    buffer = io.BytesIO()
    if known[suffix.lower()] == "JPEG" and picture.mode not in {"L", "RGB", "CMYK"}:
        picture = picture.convert("RGB")
    picture.save(buffer, format=known[suffix.lower()])
    return buffer.getvalue()


def histogram(
    values: Any,
    key: str,
    step: int | None = None,
    timestamp: int | None = None,
    bins: int = 64,
    edges: Any = None,
) -> dict[str, bytes]:
    """Return a histogram as JSON, by its path, for a series of histograms.

    Raises:
        InvalidValue: the values are no numbers, or do not fit the edges.
    """
    import numpy as np

    if isinstance(values, str) and not isinstance(key, str):
        values, key = key, values  # most functions have the name first
    stem = _stem("histograms", key, step, timestamp)
    try:
        numbers = np.asarray(values, dtype=float).ravel()
        borders = None if edges is None else np.asarray(edges, dtype=float).ravel()
        counts, borders = _counted(numbers, bins) if borders is None else _given(numbers, borders)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidValue(f"The histogram '{key}' cannot be made: {error}.") from error
    document = {
        "key": key,
        "step": checks.step(step),
        "edges": borders.tolist(),
        "counts": counts.tolist(),
        "not_finite": 0 if edges is not None else int((~np.isfinite(numbers)).sum()),
    }
    return {f"{stem}.json": json.dumps(document, allow_nan=False).encode()}


def _counted(
    numbers: np.ndarray[Any, Any], bins: int
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    import numpy as np

    return np.histogram(numbers[np.isfinite(numbers)], bins=bins)


def _given(
    counts: np.ndarray[Any, Any], edges: np.ndarray[Any, Any]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    import numpy as np

    if len(edges) != len(counts) + 1:
        raise ValueError(f"{len(counts)} counts need {len(counts) + 1} edges, not {len(edges)}")
    if not (np.isfinite(edges).all() and (np.diff(edges) > 0).all()):
        raise ValueError("edges are numbers that grow")
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise ValueError("counts are numbers from 0")
    return counts, edges
