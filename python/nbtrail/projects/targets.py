"""What a person asks to run: a notebook, a project, a run once more, what made a model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nbtrail.entities import Run
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.models import uris
from nbtrail.projects import commands, mlproject, reruns, sources
from nbtrail.projects.execution import execute, run_notebook
from nbtrail.store import Store, open_store
from nbtrail.tracking import current_store


def run(
    target: str,
    parameters: Mapping[str, object] | None = None,
    *,
    entry_point: str | None = None,
    version: str | None = None,
    experiment: str | None = None,
    run_name: str | None = None,
    store: Store | None = None,
    progress: bool = True,
    files: bool = True,
) -> Run:
    """Execute something as a run of its own, and return the run when it has ended.

    Args:
        target: a notebook; the directory of a project, or the address of a git repository with
            one (``#sub/directory`` behind it); the id of a run, or the first
            characters of one, which is executed once more; or
            ``models:/…``, to execute once more what made a model.
        parameters: values by name; strings are read by the parameter's type.
        entry_point: what of a project is run (default: ``main``).
        version: a commit, tag or branch of the project's repository.
        experiment: name of the experiment (default: the environment's, else the project's).
        run_name: name of the run.
        store: where to record (default: the store of the current directory).
        progress: whether to show a progress bar, if standard error is a terminal.
        files: whether the run has the files that its cells read and write.

    Raises:
        NotFound, InvalidValue: the target or a parameter is not as it must be; nothing was
            recorded.
        ExecutionFailed: it did not get to its end; the run says so, too.
    """
    given = parameters or {}
    if not sources.is_git(target) and target.endswith(".ipynb"):
        _refuse_of_projects(target, entry_point, version)
        return run_notebook(
            target, given, experiment=experiment, run_name=run_name, store=store,
            progress=progress, files=files,
        )  # fmt: skip
    if original := _original(store, target):
        _refuse_of_projects(target, entry_point, version)
        store = store or current_store()
        if mlproject.ENTRY_POINT not in original.data.tags:
            plan, info = reruns.created(store, original, given, run_name, experiment)
            return execute(plan, store, info, progress)
        target, entry_point, version = _project_of(original)
        had = original.data.param_records
        given = {**{one.key: one.value for one in had if one.origin == "injected"}, **given}
    with sources.opened(target, version) as source:
        project = mlproject.load(source.directory)
        point = project.entry_point(entry_point or mlproject.MAIN)
        if point.notebook is None:
            command = commands.planned(source, project, point, given)
            return commands.execute(command, store or current_store(), experiment, run_name)
        return run_notebook(
            source.directory / point.notebook,
            mlproject.values(point, given, source.directory),
            experiment=experiment or project.name,
            run_name=run_name, store=store, progress=progress, files=files,
        )  # fmt: skip


def _refuse_of_projects(target: str, entry_point: str | None, version: str | None) -> None:
    for option, value in (("entry point", entry_point), ("version", version)):
        if value is not None:
            raise InvalidValue(f"Only a project has a {option}; '{target:.200}' is none.")


def _original(store: Store | None, target: str) -> Run | None:
    """Return the run that a target names, if it names one; no store is made for that."""
    if target.startswith("models:/"):
        store = store or open_store(create=False)
        logged = uris.locate(target, store).logged
        if logged is None or logged.source_run_id is None:
            raise InvalidValue(f"No run has logged the model {target:.200}.")
        return store.runs.get(logged.source_run_id)
    if Path(target).exists() or sources.is_git(target):
        return None
    try:
        return (store or open_store(create=False)).runs.find(target)
    except NotFound:
        return None


def _project_of(run: Run) -> tuple[str, str, str | None]:
    """Return the target, the entry point and the commit that a project's run had."""
    tags = run.data.tags
    return (
        tags["mlflow.source.name"],
        tags[mlproject.ENTRY_POINT],
        tags.get("mlflow.source.git.commit"),
    )
