"""Becomes a command whose input and output are a connection to whoever waits for it.

``python -m nbtrail.projects.backends.dial HOST PORT KEY NAME COMMAND…``: both sides prove that they
have read the file KEY, before one says another word; then this one tells its name.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from multiprocessing.connection import Connection, answer_challenge, deliver_challenge
from pathlib import Path

_PATIENCE = 30  # seconds that the other side has to answer


def command(python: str) -> list[str]:
    """Return the first words of the command; what the module's own text lists follows."""
    return [python, "-P", "-m", "nbtrail.projects.backends.dial"]


def dialled(host: str, port: int, key: bytes, name: str) -> socket.socket:
    """Return a connection to whoever has the same key, who has been told the name.

    Raises:
        OSError, AuthenticationError: nobody is there, or it is another one.
    """
    made = socket.create_connection((host, port), timeout=_PATIENCE)
    try:
        with _talking(made) as other:
            answer_challenge(other, key)
            deliver_challenge(other, key)
            other.send_bytes(name.encode())
    except BaseException:
        made.close()
        raise
    return _patient(made)


def answered(made: socket.socket, key: bytes) -> str:
    """Return the name of who has the same key at the other end of a connection.

    Raises:
        OSError, EOFError, AuthenticationError: it does not answer, or has another key.
    """
    with _talking(made) as other:
        deliver_challenge(other, key)
        answer_challenge(other, key)
        name = other.recv_bytes(1000).decode()
    _patient(made)
    return name


def _talking(made: socket.socket) -> Connection:
    """Return the messages of a connection; it waits for each of them only so long."""
    made.settimeout(None)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", _PATIENCE, 0))
    return Connection(os.dup(made.fileno()))


def _patient(made: socket.socket) -> socket.socket:
    """Have a connection wait for ever: a trial may take long."""
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 0, 0))
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return made


def main() -> None:
    """Connect, and become the command."""
    host, port, key, name, *command = sys.argv[1:]
    made = dialled(host, int(port), Path(key).read_bytes(), name)
    for descriptor in (0, 1):
        os.dup2(made.fileno(), descriptor)
    os.execvp(command[0], command)  # noqa: S606 - what the other side has asked Slurm for


if __name__ == "__main__":
    main()
