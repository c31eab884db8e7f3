"""Workers that are processes started here; by themselves, those of this machine."""

from __future__ import annotations

import os
import selectors
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from nbtrail.entities import Record
from nbtrail.projects.backends.members import Member, Members
from nbtrail.projects.backends.protocol import Assignment
from nbtrail.projects.background import jobs
from nbtrail.projects.processes import GRACE, kill_tree, said, slots


class Local(Record, frozen=True):
    """Processes of this machine. It has no options."""

    def reach(self) -> int:
        """Return how many processes there may be."""
        return slots()

    def pool(self, assignment: Assignment) -> Processes:
        """Return the processes; none has started yet."""
        return Processes(assignment, assignment.command())


@dataclass
class Process(Member):
    """A process of this machine, which may pass on what it reads and prints."""

    process: subprocess.Popen[bytes]

    def write(self, data: bytes) -> None:
        """Let it read some bytes."""
        assert self.process.stdin
        os.write(self.process.stdin.fileno(), data)

    def kill(self) -> None:
        """Kill it with all that it has started."""
        kill_tree(self.process.pid)

    def hang_up(self) -> None:
        """Let it know that no trial will come any more."""
        if self.process.stdin:
            self.process.stdin.close()

    def end(self, at_once: bool) -> None:
        """Wait until it has ended, for a while, then kill it."""
        if at_once:
            self.kill()
        self.hang_up()
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def ended(self) -> str:
        """Return how it has ended."""
        return said(self.process.returncode)


class Processes(Members[Process]):
    """As many processes as trials may go on at once.

    Args:
        assignment: what they execute.
        command: of each; another one may be in front of the assignment's, and pass on what is
            written and read.
        directory: where they work (default: here).
    """

    def __init__(
        self, assignment: Assignment, command: Sequence[str], directory: str | None = None
    ) -> None:
        super().__init__(assignment)
        self._command, self._directory = command, directory

    def _start(self) -> Process:
        with open(self._assignment.log, "ab", opener=jobs.private) as output:
            process = subprocess.Popen(  # noqa: S603 - our own module
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                cwd=self._directory,
                start_new_session=True,  # a terminal's ctrl-C is for us; we tell them
            )
        made = Process(process)
        assert process.stdout
        self._selector.register(process.stdout, selectors.EVENT_READ, made)
        return made
