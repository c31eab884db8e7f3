"""Trials as the tasks of array jobs of Slurm, which connect to the process that asks for them.

Where the notebook, the store and nbtrail are is the same on all machines, by a file system that
they share.
"""

from __future__ import annotations

import sys
from typing import Annotated

from msgspec import Meta

from nbtrail.entities import Record
from nbtrail.errors import InvalidValue
from nbtrail.projects.backends.arrays import Tasks, asked
from nbtrail.projects.backends.protocol import Assignment

MOST_AT_ONCE = 16
"""So many tasks are submitted at once, unless it is said: a sampler learns from what has ended."""


class Slurm(Record, frozen=True):
    """What each task asks Slurm for, in sbatch's words, and the Python there that has nbtrail."""

    partition: Annotated[str, Meta(description="Where it is queued: gpu")] = ""
    account: Annotated[str, Meta(description="Who is charged")] = ""
    qos: Annotated[str, Meta(description="Quality of service")] = ""
    time: Annotated[str, Meta(description="At most: 1:00:00")] = ""
    cpus: Annotated[int, Meta(description="For each trial")] = 1
    memory: Annotated[str, Meta(description="For each trial: 8G")] = ""
    gres: Annotated[str, Meta(description="What else it takes: gpu:1")] = ""
    constraint: Annotated[str, Meta(description="What the nodes must have")] = ""
    python: Annotated[str, Meta(description="The Python there that has nbtrail")] = sys.executable

    def __post_init__(self) -> None:
        if self.cpus < 1:
            raise InvalidValue(f"a job has at least one CPU, not {self.cpus}")

    def reach(self) -> int:
        """See that Slurm would execute such a job; return how many at once.

        Raises:
            InvalidState: it does not answer, would never execute it, or is not installed.
        """
        asked(["srun", "--test-only", *self._options(), "true"])
        of = [f"--partition={self.partition}"] if self.partition else []
        states = asked(["sinfo", "--noheader", "--format=%C", *of]).split("/")  # CPUs by state
        usable = sum(int(one) for one in states[:2])
        return max(1, min(usable // self.cpus, MOST_AT_ONCE))

    def pool(self, assignment: Assignment) -> Tasks:
        """Return the tasks; none is submitted yet."""
        return Tasks(assignment, self._options(), self.python)

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
        one = ["--nodes=1", "--ntasks=1", f"--cpus-per-task={self.cpus}"]
        return [*one, *(f"--{name}={value}" for name, value in given.items() if value)]
