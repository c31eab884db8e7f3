"""One notebook, executed by papermill as a run of its own."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from nbtrail import config
from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import Param, Run, RunInfo, Status
from nbtrail.errors import ExecutionFailed
from nbtrail.projects import environments
from nbtrail.projects.growing import growing
from nbtrail.projects.lifetime import alive, created, one_line
from nbtrail.projects.notebooks.injection import inject
from nbtrail.projects.notebooks.inspection import Declaration, declaration
from nbtrail.projects.notebooks.notebook import Cell, Notebook, executable, kernel, read
from nbtrail.projects.notebooks.validation import guessed, validated
from nbtrail.projects.notebooks.witness import Witness
from nbtrail.projects.output import AS_USUAL, Delivery, hide_code, write_notebook
from nbtrail.projects.watch import Watch
from nbtrail.store import Store
from nbtrail.store.keys import PARAM_LIMIT, check_key, check_text
from nbtrail.tracking import current_store
from nbtrail.trail.inference import params_from


def run_notebook(
    path: str | os.PathLike[str],
    parameters: Mapping[str, object] | None = None,
    *,
    experiment: str | None = None,
    run_name: str | None = None,
    store: Store | None = None,
    progress: bool = True,
    files: bool = True,
    environment: Path | None = None,
    tags: Mapping[str, str] | None = None,
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
        files: whether the run has the files that its cells read and write.
        environment: directory of the environment that the kernel starts in (default: that of
            its kernel specification).
        tags: what the run is given beside those that every run has.

    Raises:
        NotFound, InvalidValue: the notebook, its kernel or a parameter is not as it must be;
            nothing was recorded.
        ExecutionFailed: a cell raised, or the kernel died; the run says so, too.
    """
    plan = replace(planned(Path(path).absolute(), parameters or {}), files=files)
    if environment is not None:
        kernels = environments.kernels_of(environment, plan.kernel_name)
        plan = replace(plan, kernels=kernels)
    store = store or current_store()
    group = experiment or config.experiment_name() or plan.path.stem
    experiment_id = store.experiments.ensure(group).experiment_id
    run = create_run(store, plan, experiment_id, run_name, tags)
    return execute(plan, store, run.info, progress)


@dataclass(frozen=True)
class Plan:
    """A notebook that is ready to be executed: checked, and with its parameters injected.

    The kernel starts in the folder of `path`, where that file need not be. `kernels` is a folder
    with the specification of its kernel, if that is not among the installed ones. `opens_runs`:
    the cells record in runs that they open, and not in the one that they are executed as. `files`:
    what they read and write is recorded, if nobody has said otherwise.
    """

    path: Path
    notebook: Notebook
    kernel_name: str
    language: str
    values: dict[str, Any]
    params: list[Param]
    kernels: Path | None = None
    opens_runs: bool = False
    files: bool = True
    delivery: Delivery = AS_USUAL


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
    one = _Opened.at(path)
    values = one.values(given)
    if values:
        inject(one.notebook, values, one.language, one.declared)
    return Plan(path, one.notebook, one.kernel_name, one.language, values, params_of(values))


def check(path: Path, sets: Iterable[Mapping[str, object]]) -> None:
    """Check that a notebook file can be executed with each of these sets of parameters.

    Raises:
        NotFound, InvalidValue: the notebook, its kernel or a parameter is not as it must be.
    """
    one = _Opened.at(path)
    for given in sets:
        params_of(one.values(given))


@dataclass(frozen=True)
class _Opened:
    """A notebook file whose kernel is there."""

    path: Path
    notebook: Notebook
    kernel_name: str
    language: str
    declared: Declaration | None

    @classmethod
    def at(cls, path: Path) -> _Opened:
        notebook = read(path)
        ArtifactRepository(path.parent).local_path(path.name)  # it must do for an artifact, too
        name, language = kernel(notebook, path)
        declared = declaration(notebook) if language.lower() == "python" else None
        return cls(path, notebook, name, language, declared)

    def values(self, given: Mapping[str, object]) -> dict[str, Any]:
        if self.language.lower() != "python":
            return guessed(given, self.path.name)
        return validated(given, self.declared.parameters if self.declared else [], self.path.name)


def params_of(values: dict[str, Any]) -> list[Param]:
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
    given = {"mlflow.source.name": plan.path.name, "mlflow.source.type": "NOTEBOOK"}
    return created(store, experiment_id, name, {**given, **(tags or {})}, str(plan.path))


def execute(
    plan: Plan, store: Store, info: RunInfo, progress: bool = True, watch: Watch | None = None
) -> Run:
    """Execute a notebook as the run that was created for it; return that when it has ended.

    `progress` shows a bar, if standard error is a terminal.

    Raises:
        ExecutionFailed: a cell raised, or the kernel died; the run says so, too.
    """
    run_id = info.run_id
    with alive(store, info), growing(info, plan.path.name) as executed:
        store.runs.log_params(run_id, plan.params)
        if watch is not None:
            watch.run_begun(run_id)
        variables = _kernel_environment(store, info, plan)
        witness = Witness(store, info, plan.kernel_name, plan.language)
        seen_by = witness if plan.delivery.records else None
        try:
            ending = _execute(plan, executed.path, variables, progress, watch, seen_by)
        finally:
            _deliver(plan, executed.path)
    store.runs.end(run_id, ending.status, ending.error)
    if ending.status != "FINISHED":
        raise ExecutionFailed(_sentence(plan, ending, executed.place), run_id)
    store.drain()
    return store.runs.get(run_id)


def _kernel_environment(store: Store, info: RunInfo, plan: Plan) -> dict[str, str]:
    given = {name: value for name, value in os.environ.items() if name not in config.RUN_ID}
    if plan.opens_runs:
        given[config.EXPERIMENT[0]] = store.experiments.get(info.experiment_id).name
    else:
        given[config.RUN_ID[0]] = info.run_id
    if not plan.files:
        given[config.FILES[0]] = "false"
    return {
        **given,
        config.TRACKING_URI: store.uri,
        "JPY_SESSION_NAME": str(plan.path),  # what a Jupyter server tells its kernels
    }


def _execute(
    plan: Plan,
    executed: Path,
    env: dict[str, str],
    progress: bool,
    watch: Watch | None,
    witness: Witness | None,
) -> _Ending:
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    _describe(plan, executed)
    with tempfile.TemporaryFile() as kernel_output:
        try:
            _papermill(plan, executed, env, kernel_output, progress, watch, witness)
        except DeadKernelError:
            broken = _broken_cell(plan.notebook)
            return _Ending("KILLED", "the kernel died", broken and broken[0])
        except CellTimeoutError:
            broken = _broken_cell(plan.notebook)
            reason = f"it took longer than {plan.delivery.timeout} s"
            return _Ending("FAILED", reason, broken and broken[0])
        except (RuntimeError, OSError) as error:
            reason = _last_line(kernel_output) or one_line(type(error).__name__, str(error))
            return _Ending("FAILED", f"it could not be executed: {reason}")
    return _ending(plan.notebook)


def _papermill(
    plan: Plan,
    executed: Path,
    env: dict[str, str],
    kernel_output: IO[bytes],
    progress: bool,
    watch: Watch | None,
    witness: Witness | None,
) -> None:
    from papermill.engines import papermill_engines

    from nbtrail.projects.notebooks import engine

    papermill_engines.execute_notebook_with_engine(
        engine.NAME,
        plan.notebook,
        plan.kernel_name,
        output_path=f"{engine.WHOLE}{executed}",
        progress_bar={"desc": plan.path.name} if progress and sys.stderr.isatty() else False,
        language=plan.language,
        cwd=str(plan.path.parent),
        env=env,
        output=kernel_output,
        kernels=plan.kernels,
        watch=watch,
        timeout=plan.delivery.timeout,
        witness=witness,
    )


def _describe(plan: Plan, executed: Path) -> None:
    """Leave in the executed notebook what papermill's own command leaves there."""
    plan.notebook.metadata["papermill"] = {
        "input_path": str(plan.path),
        "output_path": str(executed),
        "parameters": plan.values,
    }
    if plan.delivery.report:
        hide_code(plan.notebook)


def _deliver(plan: Plan, executed: Path) -> None:
    """Write the executed notebook where it was asked for; there is none if nothing began."""
    if plan.delivery.output is not None and executed.is_file():
        write_notebook(executed.read_text("utf-8"), plan.delivery.output)


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
    return _Ending(status, one_line(name, value), number)


def _broken_cell(notebook: Notebook) -> tuple[int, Cell] | None:
    """Return the cell that did not get to its end, and its number as JupyterLab counts."""
    for number, cell in enumerate(executable(notebook), start=1):
        if cell.metadata.papermill["exception"]:
            return number, cell
    return None


def _last_line(file: IO[bytes]) -> str:
    file.seek(0)
    lines = file.read().decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _sentence(plan: Plan, ending: _Ending, executed: str) -> str:
    where = f"in cell {ending.cell} " if ending.cell else ""
    told = f"{plan.path.name} stopped {where}({ending.error})."
    place = plan.delivery.output or (executed if plan.delivery.records else None)
    return f"{told} The executed notebook is {place}" if place else told
