"""Python scripts that run in processes of their own, as a user's would."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from textwrap import dedent


def command(source: str) -> list[str]:
    return [sys.executable, "-c", dedent(source)]


def run(source: str, *, code: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script in the current directory to its end, which must be with the exit code given."""
    done = subprocess.run(
        command(source),
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


def start(source: str, **environment: str) -> subprocess.Popen[str]:
    """Start a script in the current directory; what it prints can be read line by line."""
    return subprocess.Popen(
        command(source),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def start_all(source: str, count: int) -> list[subprocess.Popen[str]]:
    """Start a script several times; each is told its number as WORKER."""
    return [start(source, WORKER=str(number)) for number in range(count)]


def wait_for(process: subprocess.Popen[str], line: str) -> None:
    """Read until a script has printed `line`."""
    assert process.stdout is not None
    assert line in (printed.strip() for printed in process.stdout)


def finish(processes: list[subprocess.Popen[str]], told: str = "") -> list[str]:
    """Tell all scripts to go on, if they wait for that, and wait for good ends."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(told)
        process.stdin.flush()
    printed = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes)
    return printed


def kill(process: subprocess.Popen[str]) -> str:
    """End a process as the kernel's out-of-memory killer would; return what it had printed."""
    process.send_signal(signal.SIGKILL)
    printed, _ = process.communicate()
    time.sleep(0.05)  # a child that it was just starting (git) has its files until it execs
    assert process.returncode == -signal.SIGKILL
    return printed


def in_child(work: Callable[[], object]) -> None:
    """Do something in a fork of this process, which must succeed there."""
    child = os.fork()
    if not child:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
