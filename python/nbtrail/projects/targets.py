"""`run` and `prepare`: execute what a person names as a run, here or in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Literal, TypedDict, Unpack, overload

from nbtrail.entities import Run
from nbtrail.projects.asked import Asked, Environment
from nbtrail.projects.background import handle
from nbtrail.projects.background.handle import Handle
from nbtrail.projects.finding import found
from nbtrail.projects.output import Delivery
from nbtrail.store import Store

Target = str | os.PathLike[str]


class Options(TypedDict, total=False):
    """What `run` takes beside the target and its parameters."""

    entry_point: str | None
    version: str | None
    env: Environment
    experiment: str | None
    run_name: str | None
    store: Store | None
    progress: bool
    files: bool
    output: Target | None
    report: bool
    timeout: int | None
    track: bool
    cache: bool
    resume: str | None
    parallel: int | None
    backend: str | Mapping[str, Any] | None


@overload
def run(
    target: Target,
    parameters: Mapping[str, object] | None = None,
    *,
    wait: Literal[True] = True,
    **options: Unpack[Options],
) -> Run: ...


@overload
def run(
    target: Target,
    parameters: Mapping[str, object] | None = None,
    *,
    wait: Literal[False],
    **options: Unpack[Options],
) -> Handle: ...


def run(
    target: Target,
    parameters: Mapping[str, object] | None = None,
    *,
    wait: bool = True,
    **options: Unpack[Options],
) -> Run | Handle:
    """Execute something as a run of its own, and return the run when it has ended.

    Args:
        target: a notebook; the directory of a project, or the address of a git repository with
            one (``#sub/directory`` behind it); the id of a run, or the first
            characters of one, which is executed once more; or
            ``models:/…``, to execute once more what made a model.
        parameters: values by name; strings are read by the parameter's type.
        entry_point: what of a project is run (default: ``main``).
        version: a commit, tag or branch of the project's repository.
        env: ``local`` is the environment of whoever asks; ``uv`` makes one, with the packages that
            the project asks for (its python_env, else requirements.txt or pyproject.toml beside
            it), and keeps it; ``conda`` makes one of its conda.yaml; ``docker`` runs a command in
            a container of the project's docker_env.
        experiment: name of the experiment (default: the environment's, else the project's).
        run_name: name of the run.
        store: where to record (default: the store of the current directory).
        progress: whether to show a progress bar, if standard error is a terminal.
        files: whether the run has the files that its cells read and write.
        output: where the executed notebook is written, too: a path, or an address of papermill's.
        report: hide the code in the executed notebook, as papermill's report mode does.
        timeout: seconds that a cell, or a command, may take.
        track: False: nothing is recorded and no store is made. What the code logs goes to a store
            that is gone when `run` returns; only the entities of the run are left.
        cache: of a pipeline: reuse what finished steps have made with the same source, parameters,
            packages and upstream results.
        resume: the run of a pipeline that failed: it goes on, and what has finished stays.
        parallel: how many steps of a pipeline go on at once (default: as many as cores).
        backend: where it is executed, as of `sweep` (default: here), in the environment
            there.
        wait: False: return a `Handle` at once; it is executed in a process of its own, which
            outlives this one.
        options: the keywords described here, from `entry_point` on.

    Raises:
        NotFound, InvalidValue: the target or a parameter is not as it must be; nothing was
            recorded.
        InvalidState: the backend does not answer; nothing was recorded.
        ExecutionFailed: it did not get to its end; the run says so, too.
    """
    asked, *where = _asked(parameters, options)
    if not wait:
        return handle.submit(asked, os.fspath(target), *where)
    with found(asked, os.fspath(target), *where) as work:
        return work.execute()


def prepare(
    target: Target, parameters: Mapping[str, object] | None = None, **options: Unpack[Options]
) -> str:
    """Check all that `run` would, make the environment, and execute and record nothing.

    Args:
        target: as of `run`.
        parameters: values by name.
        options: as of `run`; `output` is where the notebook with its parameters is written.

    Returns:
        What would be executed, in some lines.

    Raises:
        NotFound, InvalidValue: the target or a parameter is not as it must be.
    """
    asked, *where = _asked(parameters, options)
    with found(asked, os.fspath(target), *where) as work:
        work.prepared()
        return work.described()


def _asked(
    parameters: Mapping[str, object] | None, options: Options
) -> tuple[Asked, str | None, str | None]:
    given: dict[str, Any] = {**options}
    where = given.pop("entry_point", None), given.pop("version", None)
    output = given.pop("output", None)
    delivery = Delivery(
        None if output is None else os.fspath(output),
        given.pop("report", False),
        given.pop("timeout", None),
        given.pop("track", True),
    )
    return Asked(parameters or {}, **given, delivery=delivery), *where
