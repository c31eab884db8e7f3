"""What a supervisor and its workers say to each other: lines of JSON over a pair of sockets."""

from __future__ import annotations

import contextlib
import socket
from typing import Any

import msgspec


class Channel:
    """One end. `closed` is true once the other end is gone, with its process."""

    def __init__(self, end: socket.socket) -> None:
        self.socket = end
        self.closed = False
        self._read = b""

    def send(self, message: dict[str, Any]) -> None:
        """Send a message; one that nobody takes any more is lost."""
        with contextlib.suppress(OSError):
            self.socket.sendall(msgspec.json.encode(message) + b"\n")

    def receive(self) -> list[dict[str, Any]]:
        """Return the messages that one read brings; waits if the socket does."""
        try:
            piece = self.socket.recv(1 << 16)
        except BlockingIOError:
            return []
        except OSError:
            piece = b""
        self.closed = self.closed or not piece
        *lines, self._read = (self._read + piece).split(b"\n")
        return [msgspec.json.decode(line) for line in lines]
