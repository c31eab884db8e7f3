"""The command of a project's entry point, executed by a shell as a run of its own.

What it logs with nbtrail goes to that run, which it finds by its environment variables.
"""

from __future__ import annotations

import math
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nbtrail import config
from nbtrail.entities import Param, Run, RunInfo
from nbtrail.environments import activation
from nbtrail.errors import ExecutionFailed
from nbtrail.projects import environments, snapshots
from nbtrail.projects.growing import growing
from nbtrail.projects.lifetime import alive, created
from nbtrail.projects.mlprojects import docker, mlproject
from nbtrail.projects.mlprojects.docker import Container
from nbtrail.projects.mlprojects.mlproject import EntryPoint, Project
from nbtrail.projects.mlprojects.printed import Printed
from nbtrail.projects.notebooks.execution import params_of
from nbtrail.projects.output import AS_USUAL, Delivery
from nbtrail.projects.processes import GRACE, kill_tree
from nbtrail.projects.sources import Source
from nbtrail.projects.watch import Watch
from nbtrail.store import Store

LOG = "output.log"
"""The artifact with what the command printed."""
# With a limit, Python looks again and again: in one long wait it would not hear a ctrl-C that came
# just before it.
_FOREVER = math.inf
_DRAINED = 2.0  # seconds for what was printed last, when something else still holds the pipe


@dataclass(frozen=True)
class Command:
    """An entry point that is ready to be executed: its values are checked."""

    source: Source
    project: Project
    point: EntryPoint
    params: list[Param]
    line: str
    container: Container | None = None


def planned(
    source: Source,
    project: Project,
    point: EntryPoint,
    given: Mapping[str, object],
    container: Container | None = None,
) -> Command:
    """Return how an entry point's command is executed with these parameters, where if not here.

    Raises:
        InvalidValue: a parameter is not as it must be.
    """
    found = mlproject.values(point, given, source.directory)
    values = {name: str(value) for name, value in found.items()}
    line = mlproject.command_line(point, values)
    return Command(source, project, point, params_of(dict(values)), line, container)


def execute(
    command: Command,
    store: Store,
    experiment: str | None = None,
    run_name: str | None = None,
    environment: Path | None = None,
    *,
    tags: Mapping[str, str] | None = None,
    delivery: Delivery = AS_USUAL,
    watch: Watch | None = None,
) -> Run:
    """Execute a command as a run, and return the run when it has ended.

    What it prints is shown, and an artifact of the run.

    Args:
        command: what `planned` has made.
        store: where to record.
        experiment: name of the experiment (default: the environment's, else the project's name).
        run_name: name of the run.
        environment: directory of the environment whose programs are found first (default: this
            one's).
        tags: what the run is given beside those that every run has.
        delivery: how long it may take, and whether the store will be there afterwards.
        watch: who is told that there is the run.

    Raises:
        ExecutionFailed: it ended with another status than 0, or took too long; the run says so,
            too.
    """
    kind = "docker" if command.container else "local"
    kind = environments.kind_of(environment) if environment else kind
    group = experiment or config.experiment_name() or command.project.name
    given = {**command.source.tags(command.point.name, kind), **(tags or {})}
    with store.transaction():
        experiment_id = store.experiments.ensure(group).experiment_id
        info = created(store, experiment_id, run_name, given).info
    reason = None
    with alive(store, info), growing(info, LOG) as log:
        snapshots.note(store, info.run_id, command.source)
        store.runs.log_params(info.run_id, command.params)
        if watch is not None:
            watch.run_begun(info.run_id)
        printed = Printed(log.path)
        process = _started(command, store, info, environment)
        try:
            status = _attended(process, printed, delivery.timeout or _FOREVER)
        except subprocess.TimeoutExpired:
            status, reason = 1, f"it took longer than {delivery.timeout} s"
        finally:
            if command.container is not None and process.returncode != 0:
                docker.kill(_container_name(info))
    if environment is not None:
        environments.note(store, info.run_id, environment)
    if status == 0:
        store.runs.end(info.run_id, "FINISHED")
        store.drain()
        return store.runs.get(info.run_id)
    reason = reason or _reason(status, printed)
    store.runs.end(info.run_id, "KILLED" if status < 0 else "FAILED", reason)
    told = f"{command.project.name}, entry point {command.point.name}: {reason}."
    if delivery.records:
        told = f"{told} What it printed is in {log.place}"
    raise ExecutionFailed(told, info.run_id)


def _started(
    command: Command, store: Store, info: RunInfo, environment: Path | None
) -> subprocess.Popen[bytes]:
    folder, told = command.source.directory, _told(store, info)
    words = [shutil.which("bash") or "/bin/sh", "-c", command.line]
    if command.container is not None:
        name = _container_name(info)
        words = command.container.words(command.line, folder, name, store.directory, told)
    return subprocess.Popen(  # noqa: S603 - the project's own command, all values quoted
        words,
        cwd=folder,
        env=_variables(environment) | told,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _container_name(info: RunInfo) -> str:
    return f"nbtrail-{info.run_id}"


def _told(store: Store, info: RunInfo) -> dict[str, str]:
    """Return the variables by which a command finds its run."""
    return {config.RUN_ID[0]: info.run_id, config.TRACKING_URI: store.uri}


def _variables(environment: Path | None) -> dict[str, str]:
    """Return the environment variables of a command, but for those of its run."""
    given = {name: value for name, value in os.environ.items() if name not in config.RUN_ID}
    here = f"{Path(sys.executable).parent}{os.pathsep}{given.get('PATH', os.defpath)}"
    own = activation.variables_of(environment) if environment else {"PATH": here}
    return {"PYTHONUNBUFFERED": "1", **given, **own}


def _attended(process: subprocess.Popen[bytes], printed: Printed, seconds: float) -> int:
    """Show and keep what a process prints until it ends; return its status.

    Raises:
        TimeoutExpired: it took longer, and was ended.
    """
    assert process.stdout
    printer = threading.Thread(target=printed.copy, args=(process.stdout,), daemon=True)
    try:
        printer.start()
        return process.wait(seconds)
    except BaseException:
        _interrupt(process)
        raise
    finally:
        if printer.is_alive():
            printer.join(_DRAINED)


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    """Have a process end as ctrl-C would; what is left of it and its children then is killed."""
    try:
        _signal(process, signal.SIGINT)
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        pass
    finally:  # whoever presses ctrl-C again does not want to wait
        if process.poll() is None:
            kill_tree(process.pid)
        _signal(process, signal.SIGKILL)
        process.wait()


def _signal(process: subprocess.Popen[bytes], what: signal.Signals) -> None:
    """Send a signal to a process and to its children in the background."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, what)


def _reason(status: int, printed: Printed) -> str:
    """Return how a command ended, and the last line that it printed."""
    how = f"signal {-status}" if status < 0 else f"exit status {status}"
    said = printed.last_line()
    return f"{how}: {said[:300]}" if said else how
