"""Executes a command in a kernel of a Jupyter server, as ssh would on a machine.

``python -m nbtrail.projects.backends.relay URL SESSION KERNEL DIRECTORY COMMAND…``: what is read
here is written there, what is printed there is printed here. The kernel is gone afterwards.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import websocket

from nbtrail.errors import InvalidState
from nbtrail.projects.backends.jupyter import PATIENCE, Server, path_of

_PIECE = 65536
_GRACE = 5  # seconds: so long Jupyter's kernel manager waits before it kills
_EXIT = "exit "  # what the last line begins with; others are JSON
_START = """
import atexit, contextlib, subprocess, sys, threading
_command = {command!r}
_process = subprocess.Popen(
    [_command[0] or sys.executable, *_command[1:]], cwd={directory!r},
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
)
def _pass_on(source, target):
    for line in source:
        print(line.decode("utf-8", "replace"), end="", file=target, flush=True)
def _attend():
    errors = threading.Thread(target=_pass_on, args=(_process.stderr, sys.stderr))
    errors.start()
    _pass_on(_process.stdout, sys.stdout)
    errors.join()
    print("{exit}", _process.wait(), sep="", flush=True)
def _end():
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        _process.stdin.close()
        _process.wait({grace})
atexit.register(_end)
threading.Thread(target=_attend, daemon=True).start()
"""
"""What the kernel executes. It ends after its process has, or after as long as a server waits for
a kernel that it shuts down: so whoever had it shut down knows that nothing goes on.
"""
_WRITE = "_process.stdin.write({data!r}); _process.stdin.flush()"
_HANG_UP = "_process.stdin.close()"


class Kernel:
    """A kernel of a server, by the websocket of its channels."""

    def __init__(self, server: Server, kernel_id: str) -> None:
        url = f"ws{server.url.removeprefix('http')}/api/kernels/{kernel_id}/channels"
        self._socket = websocket.create_connection(url, header=server.headers, timeout=PATIENCE)
        self._socket.settimeout(None)  # a trial may print nothing for long

    def execute(self, code: str) -> None:
        """Have it execute something."""
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "version": "5.3"}
        content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
        message = {"channel": "shell", "header": {**header, "username": "", "session": ""}}
        rest: dict[str, Any] = {"parent_header": {}, "metadata": {}, "content": content}
        self._socket.send(json.dumps(message | rest))

    def printed(self) -> Iterator[tuple[str, str]]:
        """Yield what it prints, after the name of the stream."""
        while text := self._socket.recv():
            message = json.loads(text)
            content = message["content"]
            if content.get("execution_state") in {"restarting", "dead"}:
                return  # with what it had started
            if message["msg_type"] == "stream":
                yield content["name"], content["text"]
            elif message["msg_type"] == "error":
                yield "stderr", f"{content['ename']}: {content['evalue']}\n"
                if content["ename"] != "BrokenPipeError":  # its process ends just now
                    return

    def close(self) -> None:
        """Leave it."""
        self._socket.close()


def _feed(kernel: Kernel) -> None:
    """Write to the process there what is read here."""
    with suppress(OSError, websocket.WebSocketException):  # the main thread hears of it
        while data := os.read(0, _PIECE):
            kernel.execute(_WRITE.format(data=data))
        kernel.execute(_HANG_UP)


def _relayed(kernel: Kernel) -> int:
    """Print here what is printed there; return the status of the process."""
    rest = ""
    for name, text in kernel.printed():
        if name == "stderr":
            print(text, end="", file=sys.stderr, flush=True)
            continue
        *lines, rest = (rest + text).split("\n")
        for line in lines:
            if line.startswith(_EXIT):
                return int(line.removeprefix(_EXIT))
            print(line, flush=True)
    return 1


def main() -> None:
    """Execute a command in a kernel of its own."""
    url, session, name, directory, *command = sys.argv[1:]
    server = Server(url)
    path = path_of(session, os.getpid())
    asked = {"path": path, "name": path, "type": "console", "kernel": {"name": name}}
    try:
        made = server.ask("POST", "sessions", asked)
        try:
            with closing(Kernel(server, made["kernel"]["id"])) as kernel:
                code = _START.format(command=command, directory=directory, exit=_EXIT, grace=_GRACE)
                kernel.execute(code)
                threading.Thread(target=_feed, args=(kernel,), daemon=True).start()
                status = _relayed(kernel)
        finally:
            server.ask("DELETE", f"sessions/{made['id']}")
    except (InvalidState, OSError, websocket.WebSocketException) as error:
        sys.exit(str(error))
    sys.exit(status)


if __name__ == "__main__":
    main()
