"""One notebook, executed by papermill as a run of its own."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from nbtrail import config
from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import Param, Run, RunInfo, Status
from nbtrail.errors import ExecutionFailed
from nbtrail.projects.injection import inject
from nbtrail.projects.inspection import declaration
from nbtrail.projects.notebook import Cell, Notebook, code_cells, kernel, read
from nbtrail.projects.validation import guessed, validated
from nbtrail.store import Store
from nbtrail.store.keys import PARAM_LIMIT, check_key, check_text
from nbtrail.tracking import (
    ActiveRun,
    context,
    current_store,
    names,
    sampler,
    system_metrics,
)
from nbtrail.trail.inference import params_from


def run_notebook(
    path: str | os.PathLike[str],
    parameters: Mapping[str, object] | None = None,
    *,
    experiment: str | None = None,
    run_name: str | None = None,
    store: Store | None = None,
    progress: bool = True,
) -> Run:
    """Execute a notebook with other parameters, as a run, and return the run.

    The user's file is not changed: the executed notebook is an artifact of the run, written
    while it runs. The kernel starts in the notebook's folder, as in JupyterLab.

    Args:
        path: the notebook.
        parameters: values by name; strings are read by the parameter's type.
        experiment: name of the experiment (default: the environment's, else the notebook's stem).
        run_name: name of the run.
        store: where to record (default: the store of the current directory).
        progress: whether to show a progress bar, if standard error is a terminal.

    Raises:
        NotFound, InvalidValue: the notebook, its kernel or a parameter is not as it must be;
            nothing was recorded.
        ExecutionFailed: a cell raised, or the kernel died; the run says so, too.
    """
    plan = planned(Path(path).absolute(), parameters or {})
    store = store or current_store()
    group = experiment or config.experiment_name() or plan.path.stem
    experiment_id = store.experiments.ensure(group).experiment_id
    run = create_run(store, plan, experiment_id, run_name)
    return execute(plan, store, run.info, progress)


@dataclass(frozen=True)
class Plan:
    """A notebook that is ready to be executed: checked, and with its parameters injected.

    The kernel starts in the folder of `path`, where that file need not be. `kernels` is a folder
    with the specification of its kernel, if that is not among the installed ones. `opens_runs`:
    the cells record in runs that they open, and not in the one that they are executed as.
    """

    path: Path
    notebook: Notebook
    kernel_name: str
    language: str
    values: dict[str, Any]
    params: list[Param]
    kernels: Path | None = None
    opens_runs: bool = False


@dataclass(frozen=True)
class _Ending:
    """How an execution ended, and in which cell if not at the notebook's end."""

    status: Status
    error: str | None = None
    cell: int | None = None


def planned(path: Path, given: Mapping[str, object]) -> Plan:
    """Return how a notebook file is executed with these parameters.

    Raises:
        NotFound, InvalidValue: the notebook, its kernel or a parameter is not as it must be.
    """
    notebook = read(path)
    ArtifactRepository(path.parent).local_path(path.name)  # the name must do for an artifact, too
    kernel_name, language = kernel(notebook, path)
    if language.lower() == "python":
        declared = declaration(notebook)
        known = declared.parameters if declared else []
        values = validated(given, known, path.name)
    else:
        declared, values = None, guessed(given, path.name)
    if values:
        inject(notebook, values, language, declared)
    return Plan(path, notebook, kernel_name, language, values, _params(values))


def _params(values: dict[str, Any]) -> list[Param]:
    """Return the params of the run, checked now: a run that cannot have them is not made."""
    given: dict[str, Any] = {}
    for name, value in values.items():
        given |= params_from({name: value}) or {name: value}  # what was given is never left out
    return [
        Param(
            check_key(key, "param"),
            check_text(str(value), PARAM_LIMIT, f"value of param '{key}'"),
            value,
            "injected",
        )
        for key, value in given.items()
    ]


def create_run(
    store: Store,
    plan: Plan,
    experiment_id: str,
    name: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> Run:
    """Create the run that a notebook is executed as."""
    name = name or names.run_name()
    tags = {
        **context.source_tags(name),
        "mlflow.source.name": plan.path.name,
        "mlflow.source.type": "NOTEBOOK",
        **(tags or {}),
    }
    with store.transaction():
        notebook, user = str(plan.path), context.user()
        run = store.runs.create(experiment_id, name, "explicit", notebook, tags, user)
        context.record(store, run.info.run_id)
    return run


def execute(plan: Plan, store: Store, info: RunInfo, progress: bool = True) -> Run:
    """Execute a notebook as the run that was created for it; return that when it has ended.

    Raises:
        ExecutionFailed: a cell raised, or the kernel died; the run says so, too.
    """
    run_id = info.run_id
    watched = ActiveRun(store, info)
    system_metrics.start(watched)
    try:
        executed = ArtifactRepository(info.artifact_uri).local_path(plan.path.name)
        store.runs.log_params(run_id, plan.params)
        ending = _execute(plan, executed, _kernel_environment(store, info, plan), progress)
    except BaseException as error:
        store.runs.end(run_id, *_broken_off(error))
        raise
    finally:
        sampler.leave(watched)
        context.settle()
    store.runs.end(run_id, ending.status, ending.error)
    if ending.status != "FINISHED":
        raise ExecutionFailed(_sentence(plan.path, ending, executed), run_id)
    store.drain()
    return store.runs.get(run_id)


def _kernel_environment(store: Store, info: RunInfo, plan: Plan) -> dict[str, str]:
    given = {name: value for name, value in os.environ.items() if name not in config.RUN_ID}
    if plan.opens_runs:
        given[config.EXPERIMENT[0]] = store.experiments.get(info.experiment_id).name
    else:
        given[config.RUN_ID[0]] = info.run_id
    return {
        **given,
        config.TRACKING_URI: store.uri,
        "JPY_SESSION_NAME": str(plan.path),  # what a Jupyter server tells its kernels
    }


def _execute(plan: Plan, executed: Path, env: dict[str, str], progress: bool) -> _Ending:
    from nbclient.exceptions import DeadKernelError

    executed.parent.mkdir(parents=True, exist_ok=True)
    _describe(plan, executed)
    with tempfile.TemporaryFile() as kernel_output:
        try:
            _papermill(plan, executed, env, kernel_output, progress)
        except DeadKernelError:
            broken = _broken_cell(plan.notebook)
            return _Ending("KILLED", "the kernel died", broken and broken[0])
        except (RuntimeError, OSError) as error:
            reason = _last_line(kernel_output) or _one_line(type(error).__name__, str(error))
            return _Ending("FAILED", f"it could not be executed: {reason}")
    return _ending(plan.notebook)


def _papermill(
    plan: Plan, executed: Path, env: dict[str, str], kernel_output: IO[bytes], progress: bool
) -> None:
    from papermill.engines import papermill_engines

    from nbtrail.projects import engine

    papermill_engines.execute_notebook_with_engine(
        engine.NAME,
        plan.notebook,
        plan.kernel_name,
        output_path=str(executed),
        progress_bar={"desc": plan.path.name} if progress and sys.stderr.isatty() else False,
        language=plan.language,
        cwd=str(plan.path.parent),
        env=env,
        output=kernel_output,
        kernels=plan.kernels,
    )


def _describe(plan: Plan, executed: Path) -> None:
    """Leave in the executed notebook what papermill's own command leaves there."""
    plan.notebook.metadata["papermill"] = {
        "input_path": str(plan.path),
        "output_path": str(executed),
        "parameters": plan.values,
    }


def _ending(notebook: Notebook) -> _Ending:
    broken = _broken_cell(notebook)
    if broken is None:
        return _Ending("FINISHED")
    number, cell = broken
    name, value = next(
        ((o.ename, o.evalue) for o in cell.outputs if o.output_type == "error"), ("Error", "")
    )
    if name == "SystemExit" and value in {"", "0", "None"}:
        return _Ending("FINISHED")
    status: Status = "KILLED" if name == "KeyboardInterrupt" else "FAILED"
    return _Ending(status, _one_line(name, value), number)


def _broken_cell(notebook: Notebook) -> tuple[int, Cell] | None:
    """Return the cell that did not get to its end, and its number as JupyterLab counts."""
    executable = (cell for _, cell in code_cells(notebook) if cell.source.strip())
    for number, cell in enumerate(executable, start=1):
        if cell.metadata.papermill["exception"]:
            return number, cell
    return None


def _broken_off(error: BaseException) -> tuple[Status, str]:
    if isinstance(error, KeyboardInterrupt):
        return "KILLED", "Interrupted"
    return "FAILED", _one_line(type(error).__name__, str(error))


def _one_line(name: str, value: str) -> str:
    first = value.strip().partition("\n")[0]
    return f"{name}: {first}" if first else name


def _last_line(file: IO[bytes]) -> str:
    file.seek(0)
    lines = file.read().decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _sentence(path: Path, ending: _Ending, executed: Path) -> str:
    where = f"in cell {ending.cell} " if ending.cell else ""
    return f"{path.name} stopped {where}({ending.error}). The executed notebook is {executed}"
