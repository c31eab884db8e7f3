"""A client's files of runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from nbtrail.artifacts import ArtifactRepository, clean, clean_folder
from nbtrail.entities import FileInfo
from nbtrail.errors import FileMissing
from nbtrail.tracking import media, tables
from nbtrail.tracking.client.logging import LoggingMethods
from nbtrail.tracking.client.runs import RunMethods
from nbtrail.tracking.log import log_of

if TYPE_CHECKING:
    import pandas as pd


class ArtifactMethods(LoggingMethods, RunMethods):
    """Files of runs by their ids: the functions of the same names say more."""

    def log_artifact(
        self, run_id: str, local_path: str | os.PathLike[str], artifact_path: str | None = None
    ) -> None:
        """Keep a file (or a directory) with a run, in the folder `artifact_path`."""
        self._log(run_id).upload_artifact(*upload(local_path, artifact_path))

    def log_artifacts(
        self, run_id: str, local_dir: str | os.PathLike[str], artifact_path: str | None = None
    ) -> None:
        """Keep the content of a directory with a run."""
        self._log(run_id).upload_artifact(*upload(local_dir, artifact_path, whole=False))

    def log_text(self, run_id: str, text: str, artifact_file: str) -> None:
        """Keep a text with a run."""
        self._write(run_id, {artifact_file: media.text(text)})

    def log_stream(self, run_id: str, stream: IO[Any], artifact_file: str) -> None:
        """Keep what a binary stream has still to give with a run."""
        self._write(run_id, {artifact_file: media.content(stream)})

    def log_dict(self, run_id: str, dictionary: Any, artifact_file: str) -> None:
        """Keep a dict or list with a run, as YAML or JSON."""
        self._write(run_id, {artifact_file: media.dictionary(dictionary, artifact_file)})

    def log_figure(
        self,
        run_id: str,
        figure: Any,
        artifact_file: str,
        *,
        save_kwargs: dict[str, Any] | None = None,
    ) -> None:
        """Keep a matplotlib or plotly figure with a run."""
        self._write(run_id, {artifact_file: media.figure(figure, artifact_file, save_kwargs)})

    def log_image(
        self,
        run_id: str,
        image: Any,
        artifact_file: str | None = None,
        key: str | None = None,
        step: int | None = None,
        timestamp: int | None = None,
        synchronous: bool | None = None,  # noqa: ARG002
    ) -> None:
        """Keep an image with a run, as a file, or by key and step."""
        self._write(run_id, media.images(image, artifact_file, key, step, timestamp))

    def log_histogram(
        self,
        run_id: str,
        values: Any,
        key: str,
        step: int | None = None,
        *,
        bins: int = 64,
        edges: Any = None,
        timestamp: int | None = None,
    ) -> None:
        """Keep a histogram with a run, by key and step."""
        self._write(run_id, media.histogram(values, key, step, timestamp, bins, edges))

    def log_table(
        self, run_id: str, data: dict[str, Any] | pd.DataFrame, artifact_file: str
    ) -> None:
        """Add rows to a table of a run."""
        frame = tables.frame_of(data, artifact_file)
        tables.append(self._log(run_id), frame, artifact_file)

    def load_table(
        self,
        experiment_id: str | None,
        artifact_file: str,
        run_ids: list[str] | None = None,
        extra_columns: list[str] | None = None,
    ) -> pd.DataFrame:
        """Return the tables of one name of runs, one below the other.

        Raises:
            NotFound: none of the runs has the table.
            InvalidValue: a run has no such column.
        """
        if run_ids is not None:
            runs = [self.get_run(run_id) for run_id in run_ids]
        else:
            where = None if experiment_id is None else [experiment_id]
            listed = f"tags.`{tables.TAG}` IS NOT NULL"
            runs = self.search_runs(where, listed, max_results=50_000)
        logs = [(run, log_of(self._store, run.info.run_id)) for run in runs]
        return tables.load(logs, artifact_file, extra_columns or ())

    def list_artifacts(self, run_id: str, path: str | None = None) -> list[FileInfo]:
        """Return what is directly in a folder of a run's artifacts; nothing if it is no folder.

        Raises:
            NotFound: there is no such run.
            InvalidValue: the path leads out of the run's folder.
        """
        return self._files(run_id).list(path or "")

    def download_artifacts(
        self, run_id: str, path: str, dst_path: str | os.PathLike[str] | None = None
    ) -> str:
        """Bring a file or folder of a run's artifacts to this machine, and return where it is.

        Args:
            run_id: the run.
            path: the file or folder; all of them when empty.
            dst_path: a directory; else what is on this machine already stays where it is.

        Raises:
            NotFound: there is no such run or artifact.
            InvalidValue: the path leads out of the run's folder.
        """
        return str(self._files(run_id).download(path or "", dst_path))

    def _files(self, run_id: str) -> ArtifactRepository:
        return ArtifactRepository(self.get_run(run_id).info.artifact_uri)

    def _write(self, run_id: str, files: dict[str, bytes]) -> None:
        for path in files:
            clean(path)
        self._log(run_id).write_artifacts(files)


def upload(
    local: str | os.PathLike[str], artifact_path: str | None, whole: bool = True
) -> tuple[Path, str]:
    """Return what to upload and into which folder, checked before a run is opened for it.

    Args:
        local: a file or directory.
        artifact_path: the folder.
        whole: a directory goes into a folder of its name.

    Raises:
        FileMissing: there is no such file.
        InvalidValue: the folder is no artifact path.
    """
    source, into = Path(local), clean_folder(artifact_path or "")
    if not os.path.exists(source):  # noqa: PTH110 - a name may be one that no file can have
        raise FileMissing(f"There is no file '{source}' to log as an artifact.")
    if whole and source.is_dir() and source.name:
        into = f"{into}/{source.name}" if into else source.name
    return source, into
