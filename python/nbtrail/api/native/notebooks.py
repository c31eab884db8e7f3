"""The notebooks below the server's root: which there are, and what they can be run with."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request, Response
from nbtrail.api.native.launches import folder_of
from nbtrail.entities import Run
from nbtrail.projects.notebooks import forms
from nbtrail.projects.notebooks.folder import SUFFIX, Folder, NotebookFile
from nbtrail.projects.notebooks.forms import Form
from nbtrail.projects.reproduction import originals


class NotebooksQuery(msgspec.Struct):
    """Where to look, and how many to return."""

    path: str = ""
    max_results: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1000


class NotebookList(msgspec.Struct):
    """The notebooks in a folder and those below it; whether some were left out."""

    path: str
    notebooks: list[NotebookFile]
    truncated: bool


class NotebookQuery(msgspec.Struct):
    """Which notebook."""

    path: str


class Restore(msgspec.Struct, forbid_unknown_fields=True):
    """Where the restored notebook is to be; null chooses a name that is free."""

    path: str | None = None


class Restored(msgspec.Struct):
    """Where it is."""

    path: str


def notebooks(context: Context, request: Request) -> NotebookList:
    """``GET notebooks``."""
    query = request.query_as(NotebooksQuery)
    found, truncated = folder_of(context).notebooks(query.path, query.max_results)
    return NotebookList(query.path, found, truncated)


def parameters(context: Context, request: Request) -> Form:
    """``GET notebooks/parameters``."""
    query = request.query_as(NotebookQuery)
    return forms.of_file(folder_of(context).notebook(query.path), query.path)


def parameters_of_run(context: Context, request: Request) -> Form:
    """``GET runs/{run_id}/parameters``."""
    store = context.existing_store()
    return forms.of_run(store, store.runs.get(request.arguments["run_id"]))


def restore(context: Context, request: Request) -> Response:
    """``POST runs/{run_id}/notebook``."""
    asked = request.body_as(Restore)
    folder, store = folder_of(context), context.existing_store()
    run = store.runs.get(request.arguments["run_id"])
    content = originals.restored_file(store, run)
    path = folder.write_new(asked.path or _free_path(folder, run), content)
    return Response(201, msgspec.json.encode(Restored(path)))


def _free_path(folder: Folder, run: Run) -> str:
    beside = PurePosixPath(folder.relative(run.info.notebook) or f"run{SUFFIX}")
    return folder.free_name(str(beside.with_name(f"{beside.stem} {run.info.run_id[:8]}{SUFFIX}")))
