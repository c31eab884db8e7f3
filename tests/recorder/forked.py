"""Kernels forked from a process that has imported what they need: most of a start is imports.

Run as a script, this is that process; its arguments are the modules that it imports. It reads a
line of JSON for each kernel and answers with the kernel's process id. No kernel or recorder runs in
itself, so each that it forks is a new one.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import signal
import sys
import threading

import ipykernel.debugger  # noqa: F401 - what a kernel imports when it starts
import ipykernel_launcher
from ipykernel.kernelapp import IPKernelApp


def main() -> None:
    """Fork a kernel for every line, until there are no more."""
    del sys.path[0]  # this folder, which is on no user's path
    for module in sys.argv[1:]:
        importlib.import_module(module)
    gc.freeze()  # a kernel that collects garbage leaves alone, and so shares, what is here
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody here waits for the kernels
    for line in sys.stdin:
        kernel = os.fork()
        if kernel == 0:
            _be_kernel(**json.loads(line))
            _end()
        print(kernel, flush=True)


def _be_kernel(connection_file: str, cwd: str, env: dict[str, str]) -> None:
    """Be what `python -m ipykernel_launcher` is in that folder and environment."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)  # the pipe is for the answers
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # what a new process does; Python's does it by itself
    sys.argv = [ipykernel_launcher.__file__, "-f", connection_file]
    IPKernelApp.launch_instance(parent_handle=os.getppid())  # it ends with this process


def _end() -> None:
    """Do what Python does at its end, but for taking all modules apart: that takes a second.

    And but for ipykernel's own end: it sometimes waits for ever for its control thread, which may
    still be sending to another one that has ended before.
    """
    atexit.unregister(IPKernelApp.instance().close)
    threading._shutdown()
    atexit._run_exitfuncs()
    os._exit(0)


if __name__ == "__main__":
    main()
