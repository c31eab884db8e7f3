"""Trials as jobs of Slurm: each process is the child of an srun here, and waits in Slurm's queue.

Where the notebook, the store and nbtrail are is the same on all machines, by a file system that
they share.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import uuid

from nbtrail.entities import Record
from nbtrail.errors import InvalidState, InvalidValue
from nbtrail.projects.backends.processes import Processes
from nbtrail.projects.backends.protocol import Assignment

MOST_AT_ONCE = 16
"""So many jobs are submitted at once, unless it is said: a sampler learns from what has ended."""
_PATIENCE = 60  # seconds that Slurm has to answer; its own programs try for 20

_log = logging.getLogger("nbtrail")


class Slurm(Record, frozen=True):
    """What each job asks Slurm for, in srun's words, and the Python there that has nbtrail."""

    partition: str = ""
    account: str = ""
    qos: str = ""
    time: str = ""
    cpus: int = 1
    memory: str = ""
    gres: str = ""
    constraint: str = ""
    python: str = sys.executable

    def __post_init__(self) -> None:
        if self.cpus < 1:
            raise InvalidValue(f"a job has at least one CPU, not {self.cpus}")

    def reach(self) -> int:
        """See that Slurm would execute such a job; return how many at once.

        Raises:
            InvalidState: it does not answer, would never execute it, or is not installed.
        """
        _asked(["srun", "--test-only", *self._options(), "true"])
        of = [f"--partition={self.partition}"] if self.partition else []
        states = _asked(["sinfo", "--noheader", "--format=%C", *of]).split("/")  # CPUs by state
        usable = sum(int(one) for one in states[:2])
        return max(1, min(usable // self.cpus, MOST_AT_ONCE))

    def pool(self, assignment: Assignment) -> Jobs:
        """Return the jobs; none is submitted yet."""
        name = f"nbtrail-{uuid.uuid4().hex[:12]}"
        front = ["srun", "--quiet", "--unbuffered", f"--job-name={name}", *self._options()]
        return Jobs(assignment, [*front, *assignment.command(self.python)], name)

    def _options(self) -> list[str]:
        given = {
            "partition": self.partition,
            "account": self.account,
            "qos": self.qos,
            "time": self.time,
            "mem": self.memory,
            "gres": self.gres,
            "constraint": self.constraint,
        }
        # --exact: within an allocation, trials share it.
        one = ["--nodes=1", "--ntasks=1", f"--cpus-per-task={self.cpus}", "--exact"]
        return [*one, *(f"--{name}={value}" for name, value in given.items() if value)]


class Jobs(Processes):
    """Processes that are jobs of one name."""

    def __init__(self, assignment: Assignment, command: list[str], name: str) -> None:
        super().__init__(assignment, command)
        self._name = name

    def close(self) -> None:
        """End all of them, also those that wait: they would outlive their srun."""
        try:
            super().close()
        finally:
            try:
                _asked(["scancel", "--quiet", f"--name={self._name}"])
            except InvalidState as error:  # what the sweep has come to stands all the same
                _log.warning("nbtrail: jobs named %s may be left: %s", self._name, error)


def _asked(command: list[str]) -> str:
    """Return what a program of Slurm's says.

    Raises:
        InvalidState: it is not there, or fails.
    """
    try:
        done = subprocess.run(  # noqa: S603 - what is given is no option, see `_options`
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
            check=False,
        )
    except FileNotFoundError:
        raise InvalidState(f"The backend slurm needs Slurm: there is no {command[0]}.") from None
    except subprocess.TimeoutExpired:
        raise InvalidState(f"Slurm did not answer within {_PATIENCE} s.") from None
    if done.returncode:
        *_, said = ["it says nothing", *filter(str.strip, done.stderr.splitlines())]
        raise InvalidState(f"Slurm cannot execute trials: {said.strip().rstrip('.')[:300]}.")
    return done.stdout
