"""Files of runs: logging them, where they are, tables."""

from __future__ import annotations

import os
from typing import IO, TYPE_CHECKING, Any

from nbtrail.artifacts import clean, clean_folder
from nbtrail.tracking import media, tables
from nbtrail.tracking.active import require_run
from nbtrail.tracking.client import Client
from nbtrail.tracking.client.artifacts import upload
from nbtrail.tracking.fluent.logging import target
from nbtrail.tracking.where import place

if TYPE_CHECKING:
    import pandas as pd


def log_artifact(
    local_path: str | os.PathLike[str],
    artifact_path: str | None = None,
    run_id: str | None = None,
) -> None:
    """Keep a file (or a directory) with a run, in the folder `artifact_path`.

    Raises:
        FileMissing: there is no such file.
        InvalidValue: `artifact_path` leads out of the run's folder.
    """
    source, folder = upload(local_path, artifact_path)
    target(run_id).upload_artifact(source, folder)


def log_artifacts(
    local_dir: str | os.PathLike[str],
    artifact_path: str | None = None,
    run_id: str | None = None,
) -> None:
    """Keep the content of a directory with a run; see `log_artifact`."""
    source, folder = upload(local_dir, artifact_path, whole=False)
    target(run_id).upload_artifact(source, folder)


def log_text(text: str, artifact_file: str, run_id: str | None = None) -> None:
    """Keep a text with a run, as the file `artifact_file`."""
    _write({artifact_file: media.text(text)}, run_id)


def log_stream(stream: IO[Any], artifact_file: str, run_id: str | None = None) -> None:
    """Keep what a binary stream has still to give with a run, as the file `artifact_file`."""
    _write({artifact_file: media.content(stream)}, run_id)


def log_dict(dictionary: Any, artifact_file: str, run_id: str | None = None) -> None:
    """Keep a dict or list with a run: YAML if the file's name says so, else JSON."""
    _write({artifact_file: media.dictionary(dictionary, artifact_file)}, run_id)


def log_figure(
    figure: Any, artifact_file: str, *, save_kwargs: dict[str, Any] | None = None
) -> None:
    """Keep a matplotlib or plotly figure with the current run.

    The file's ending says the format: .png, .svg or .pdf for matplotlib; .html or .json for plotly.

    Args:
        figure: the figure.
        artifact_file: where it goes.
        save_kwargs: what else to tell the figure's own method, such as ``{"dpi": 200}``.

    Raises:
        InvalidValue: it is not a figure of either library, or the ending is not one of these.
    """
    _write({artifact_file: media.figure(figure, artifact_file, save_kwargs)})


def log_image(
    image: Any,
    artifact_file: str | None = None,
    key: str | None = None,
    step: int | None = None,
    timestamp: int | None = None,
    synchronous: bool | None = False,  # noqa: ARG001
) -> None:
    """Keep an image with the current run: as a file, or by key and step as one of a series.

    Args:
        image: a PIL image, a matplotlib figure, or an array of the shape (height, width) or
            (height, width, 1, 3 or 4): integers from 0 to 255, or floats from 0 to 1.
        artifact_file: the file, whose ending says the format; else
        key: the name of the series, and
        step: where in the series the image stands; 0 when not given.
        timestamp: ms since the epoch; now when not given.
        synchronous: the image is always kept when this returns.

    Raises:
        InvalidValue: it is no image, or neither or both of `artifact_file` and `key` are given.
    """
    _write(media.images(image, artifact_file, key, step, timestamp))


def log_histogram(
    values: Any,
    key: str,
    step: int | None = None,
    *,
    bins: int = 64,
    edges: Any = None,
    timestamp: int | None = None,
    run_id: str | None = None,
) -> None:
    """Keep a histogram with a run, as one of a series by step.

    Args:
        values: numbers to count, an array of any shape; with `edges`, the counts themselves.
        key: the name of the series; it may come first, too.
        step: where in the series the histogram stands; 0 when not given.
        bins: how many bins to count in.
        edges: the borders of the bins of counts, one more than these.
        timestamp: ms since the epoch; now when not given.
        run_id: another run than the current one.

    Raises:
        InvalidValue: the values are no numbers, or do not fit the edges.
    """
    _write(media.histogram(values, key, step, timestamp, bins, edges), run_id)


def log_table(
    data: dict[str, Any] | pd.DataFrame, artifact_file: str, run_id: str | None = None
) -> None:
    """Add rows to a table of a run, which is made when it is new.

    Args:
        data: columns by name (one value for one row, or as many as there are rows).
        artifact_file: where the table is, .json or .parquet.
        run_id: another run than the current one.

    Raises:
        InvalidValue: it is no table, or the file has another ending.
    """
    frame = tables.frame_of(data, artifact_file)
    tables.append(target(run_id), frame, artifact_file)


def load_table(
    artifact_file: str,
    run_ids: list[str] | None = None,
    extra_columns: list[str] | None = None,
) -> pd.DataFrame:
    """Return the tables of one name that runs have logged, one below the other.

    Args:
        artifact_file: the table.
        run_ids: whose; by default all runs of the experiment that was set, else of all of them.
        extra_columns: what of each run to add to its rows, such as ``run_id`` or ``params.lr``.

    Raises:
        NotFound: none of the runs has the table.
        InvalidValue: a run has no such column.
    """
    chosen = place.chosen_experiment_id()
    return Client().load_table(chosen, artifact_file, run_ids, extra_columns)


def get_artifact_uri(artifact_path: str | None = None) -> str:
    """Return where the current run's artifacts (or one of them) are."""
    root = require_run().artifact_uri
    inner = clean_folder(artifact_path or "")
    return f"{root}/{inner}" if inner else root


def _write(files: dict[str, bytes], run_id: str | None = None) -> None:
    for path in files:
        clean(path)  # a mistake opens no run
    target(run_id).write_artifacts(files)
