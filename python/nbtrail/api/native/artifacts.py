"""The files of a run: which there are, what can be shown of one, and its bytes."""

from __future__ import annotations

import os
from typing import Annotated, BinaryIO

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.download import download
from nbtrail.api.http import Request, Response
from nbtrail.artifacts import ArtifactRepository, kinds
from nbtrail.artifacts.previews import MOST, Preview, preview
from nbtrail.entities import FileInfo, RunFile
from nbtrail.errors import NotFound

MOST_FILES = 5000
OPAQUE = "application/octet-stream"


class FolderQuery(msgspec.Struct):
    """Which folder."""

    path: str = ""


class FileQuery(msgspec.Struct):
    """Which file."""

    path: str


class PreviewQuery(msgspec.Struct):
    """Which file, and how much of it."""

    path: str
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST)] | None = None


class FileJson(msgspec.Struct):
    """A file or a folder; `kept` is False for a file that is only listed."""

    path: str
    name: str
    is_dir: bool
    size: int | None
    kind: kinds.Kind
    kept: bool
    execution: int | None


class FileList(msgspec.Struct):
    """What is in a folder."""

    path: str
    files: list[FileJson]
    truncated: bool


def artifacts(context: Context, request: Request) -> FileList:
    """``GET runs/{run_id}/artifacts``."""
    query = request.query_as(FolderQuery)
    store, run_id = context.existing_store(), request.arguments["run_id"]
    repository = ArtifactRepository(store.runs.get(run_id).info.artifact_uri)
    noted = {file.path: file for file in store.files.of(run_id)}
    folder = query.path.strip("/")
    found = [_json(info, noted.get(info.path)) for info in repository.list(folder)]
    have = {file.path for file in found}
    found += [_listed(file) for file in noted.values() if _is_missing(file, folder, have)]
    found.sort(key=lambda file: (not file.is_dir, file.path))
    return FileList(folder, found[:MOST_FILES], len(found) > MOST_FILES)


def content(context: Context, request: Request) -> Response:
    """``GET runs/{run_id}/artifacts/content``."""
    path = request.query_as(FileQuery).path
    opened, size = _opened(context, request, path)
    head = opened.read(kinds.HEAD)
    name = path.rpartition("/")[2]
    return download(request, opened, name, size, _etag(opened), kinds.image_type(head) or OPAQUE)


def shown(context: Context, request: Request) -> Preview:
    """``GET runs/{run_id}/artifacts/preview``."""
    query = request.query_as(PreviewQuery)
    opened, size = _opened(context, request, query.path)
    with opened:
        return preview(query.path, opened, size, query.limit)


def _opened(context: Context, request: Request, path: str) -> tuple[BinaryIO, int]:
    """Return an open file of a run and its size.

    Raises:
        NotFound: there is none; a file that was too large to be kept is told as such.
    """
    store, run_id = context.existing_store(), request.arguments["run_id"]
    repository = ArtifactRepository(store.runs.get(run_id).info.artifact_uri)
    try:
        opened = repository.open(path)
    except NotFound:
        if any(file.path == path and not file.kept for file in store.files.of(run_id)):
            raise NotFound(
                f"'{path:.80}' was not kept: it was larger than what a run keeps."
            ) from None
        raise
    return opened, _size(opened)


def _size(opened: BinaryIO) -> int:
    size = opened.seek(0, os.SEEK_END)
    opened.seek(0)
    return size


def _etag(opened: BinaryIO) -> str | None:
    """Return what changes when a file of this machine is replaced; None for one elsewhere."""
    try:
        found = os.fstat(opened.fileno())
    except OSError:
        return None
    return f'"{found.st_ino:x}-{found.st_size:x}-{found.st_mtime_ns:x}"'


def _json(info: FileInfo, noted: RunFile | None) -> FileJson:
    return FileJson(
        path=info.path,
        name=info.path.rpartition("/")[2],
        is_dir=info.is_dir,
        size=info.file_size,
        kind="folder" if info.is_dir else kinds.guess(info.path),
        kept=True,
        execution=noted.execution if noted else None,
    )


def _listed(file: RunFile) -> FileJson:
    name = file.path.rpartition("/")[2]
    return FileJson(file.path, name, False, file.size, "none", False, file.execution)


def _is_missing(file: RunFile, folder: str, have: set[str]) -> bool:
    return not file.kept and file.path.rpartition("/")[0] == folder and file.path not in have
