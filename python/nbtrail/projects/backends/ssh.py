"""Trials on another machine, by the ssh program of this one.

Each process there is the child of an ssh here that passes on what is written and read. Where the
notebook, the store and nbtrail are is the same on both machines, by a file system that they share.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from nbtrail.entities import Record
from nbtrail.errors import InvalidState, InvalidValue
from nbtrail.projects.backends.processes import Processes
from nbtrail.projects.backends.protocol import Assignment

_CONNECTING = 10  # seconds that a machine has to answer
_STARTING = 60  # seconds that it has to start Python
_HOST, _USER = re.compile(r"[\w\[][\w.:%\-\]]*"), re.compile(r"\w[\w.\-]*")
_LOOK = "import os, nbtrail.version; print('nbtrail', os.cpu_count())"
_SEEN = re.compile(r"nbtrail (\d+)\n")


class Ssh(Record, frozen=True):
    """A machine that ssh reaches without asking for a password.

    What is not given is as ssh's configuration says.
    """

    host: Annotated[str, Meta(description="Its name, or one of ~/.ssh/config, or user@host")] = ""
    user: Annotated[str, Meta(description="Who works there")] = ""
    port: Annotated[int | None, Meta(description="Of its sshd")] = None
    key: Annotated[str, Meta(description="The file of a private key")] = ""
    python: Annotated[str, Meta(description="The Python there that has nbtrail")] = sys.executable

    def __post_init__(self) -> None:
        if not self.host:
            raise InvalidValue("it needs a host, as in --host ada@gpu1")
        # What begins with a dash would be an option of ssh's, and could name a program.
        if not _HOST.fullmatch(self._machine):
            raise InvalidValue(f"'{self.host:.80}' is no host, such as gpu1 or ada@10.0.0.5")
        if self._login and not _USER.fullmatch(self._login):
            raise InvalidValue(f"'{self._login:.80}' is no user")
        if self.key and not Path(self.key).expanduser().is_file():
            raise InvalidValue(f"there is no key {self.key:.200}")

    def reach(self) -> int:
        """See that the machine can execute trials; return how many cores it has.

        Raises:
            InvalidState: it does not answer, or has no nbtrail, or does not share this directory.
        """
        try:
            done = subprocess.run(  # noqa: S603 - all that is given was checked
                self._command([self.python, "-P", "-c", _LOOK]),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_STARTING,
                check=False,
            )
        except FileNotFoundError:
            raise InvalidState("The backend ssh needs OpenSSH's client: there is no ssh.") from None
        except subprocess.TimeoutExpired:
            raise InvalidState(f"{self.host} did not answer within {_STARTING} s.") from None
        if seen := _SEEN.fullmatch(done.stdout):
            return int(seen[1])
        what = "cannot be reached by ssh" if done.returncode == 255 else "cannot execute trials"
        *_, said = ["it says nothing", *filter(str.strip, done.stderr.splitlines())]
        if done.returncode == 0:
            said = f"its shell prints something when it starts: {done.stdout.strip()}"
        raise InvalidState(f"{self.host} {what}: {said.strip().rstrip('.')[:300]}.")

    def pool(self, assignment: Assignment) -> Processes:
        """Return the processes there; none has started yet."""
        return Processes(assignment, self._command(assignment.command(self.python)))

    @property
    def _machine(self) -> str:
        return self.host.rpartition("@")[2]

    @property
    def _login(self) -> str:
        return self.host.rpartition("@")[0] or self.user

    def _command(self, executed: Sequence[str]) -> list[str]:
        """Return the command that executes another one there, in this directory."""
        options = ["BatchMode=yes", f"ConnectTimeout={_CONNECTING}", "ServerAliveInterval=15"]
        given = [*(("-o", one) for one in options)]
        given += [("-l", self._login)] if self._login else []
        given += [("-p", str(self.port))] if self.port else []
        given += [("-i", str(Path(self.key).expanduser().absolute()))] if self.key else []
        here = shlex.quote(os.getcwd())  # noqa: PTH109 - what relative paths are relative to
        there = f"cd {here} && exec {shlex.join(executed)}"
        return ["ssh", "-T", *(one for pair in given for one in pair), "--", self._machine, there]
