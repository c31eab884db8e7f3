"""What a run executed, as a notebook that can be executed again."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import CellExecution, Run
from nbtrail.errors import InvalidValue
from nbtrail.projects.notebooks.execution import Plan
from nbtrail.projects.notebooks.notebook import Notebook, kernel, read
from nbtrail.store import Store
from nbtrail.trail import notebook as notebooks
from nbtrail.trail import recorded, slicing

_NAME = "notebook.ipynb"  # of what ran in no file


def plan_of(store: Store, run: Run) -> Plan:
    """Return how a run's cells are executed once more, with its params, in its folder.

    They are the ones of its trail. Without a trail, it is the notebook that was executed for it,
    or the file at the recorded commit.

    Raises:
        InvalidValue: nothing tells what it executed, or its kernel is not installed here.
    """
    path = _path(store, run)
    executions = store.trails.executions(run.info.run_id)
    notebook = _from_trail(store, run, executions) if executions else _from_file(store, run, path)
    name, language = kernel(notebook, path)
    injected = [
        msgspec.structs.replace(param, execution=None)
        for param in run.data.param_records
        if param.origin == "injected"
    ]
    opens = _opens_runs(store, run, executions)
    return Plan(path, notebook, name, language, {}, injected, opens_runs=opens)


def restored_file(store: Store, run: Run) -> bytes:
    """Return the notebook that a run's trail gives, with its outputs, as the content of a file.

    Raises:
        InvalidValue: it has no trail, since no recorder was on.
    """
    executions = recorded.executions_of(store, run.info.run_id)
    made = notebooks.restored(executions, store.trails.document(run.info.run_id))
    made = notebooks.of_run(made, run.data.tags)
    content = json.dumps(made, indent=1, ensure_ascii=False) + "\n"
    return content.encode(errors="backslashreplace")


def _opens_runs(store: Store, run: Run, executions: Sequence[CellExecution]) -> bool:
    """Whether its own cells opened the run: papermill's kernels go on in the one they are given."""
    document = store.trails.document(run.info.run_id)
    by_papermill = document is not None and document.origin == "papermill"
    own = [one for one in executions if one.role == "own"]
    return not by_papermill and any("start_run" in one.source for one in own)


def _path(store: Store, run: Run) -> Path:
    """Return where the notebook was; its folder is the first of those known that is there."""
    path = Path(run.info.notebook or _NAME)
    recorded = store.contexts.get(run.info.run_id).get("program", {}).get("directory")
    folders = [path.parent] if run.info.notebook else []
    folders += [Path(recorded)] if recorded else []
    folder = next((one for one in folders if one.is_dir()), Path.cwd())
    return folder.absolute() / path.name


def _from_trail(store: Store, run: Run, executions: Sequence[CellExecution]) -> Notebook:
    """Return the last execution of each cell that the run needs, in the document's order.

    Beside its trail, which is what it has read, that is what may have mattered unseen: seeds,
    settings.
    """
    import nbformat

    known = {one.id: one for one in [*executions, *_needed(store, executions)]}
    ordered = [known[identity] for identity in sorted(known)]
    made = notebooks.repeatable(ordered, store.trails.document(run.info.run_id))
    return nbformat.from_dict(notebooks.of_run(made, run.data.tags))  # type: ignore[no-untyped-call]


def _needed(store: Store, executions: Sequence[CellExecution]) -> list[CellExecution]:
    found: list[CellExecution] = []
    for session in dict.fromkeys(one.session_id for one in executions):
        goals = [one.id for one in executions if one.session_id == session and one.role == "own"]
        if goals:
            cut = slicing.needed(store.trails.session_executions(session), *goals)
            found += cut.executions
    return found


def _from_file(store: Store, run: Run, path: Path) -> Notebook:
    """Return the notebook that was executed for a run, else the file at the recorded commit."""
    artifacts = ArtifactRepository(run.info.artifact_uri)
    if artifacts.exists(path.name) and path.suffix == ".ipynb":
        return read(artifacts.download(path.name))
    repository = store.contexts.get(run.info.run_id).get("git", {})
    content = _committed(path, repository) if run.info.notebook else None
    if content is None:
        raise InvalidValue(
            f"The run {run.info.run_id[:8]} cannot be executed again: it has no trail, and no "
            "notebook of it is among its artifacts or in the commit that it recorded."
        )
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, path.name)
        copy.write_bytes(content)
        return read(copy)


def _committed(path: Path, repository: dict[str, Any]) -> bytes | None:
    """Return a notebook as it was committed; None where it had been changed since, or is not."""
    root, commit, git = repository.get("root"), repository.get("commit"), shutil.which("git")
    if not (root and commit and git and path.is_relative_to(root) and Path(root).is_dir()):
        return None
    name = path.relative_to(root).as_posix()
    if name in repository["changed"]:
        return None
    command = [git, "-C", root, "--no-pager", "show", f"{commit}:{name}"]
    found = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
    return found.stdout if found.returncode == 0 else None
