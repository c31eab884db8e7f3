"""Names and addresses of endpoints: checked before anything is started."""

from __future__ import annotations

import errno
import re
import socket

from nbtrail.entities import EndpointConfig
from nbtrail.errors import InvalidState, InvalidValue
from nbtrail.serving.scoring.access import is_loopback

LOCAL = "127.0.0.1"
_NAME = re.compile(r"[A-Za-z0-9][\w-]{0,99}", re.ASCII)


def check_name(name: str) -> None:
    """Raise InvalidValue unless that can name an endpoint."""
    if not _NAME.fullmatch(name):
        raise InvalidValue(
            f"'{name[:100]}' cannot name an endpoint: use letters, digits, '_' and '-'."
        )


def check_open(config: EndpointConfig, host: str) -> None:
    """Raise InvalidValue if anybody on the network could ask without a token."""
    if config.auth == "none" and not is_loopback(host):
        raise InvalidValue(
            f"An endpoint without authentication (auth: none) listens on this machine's own "
            f"addresses only, such as {LOCAL}, and not on {host}: ask for a token there."
        )


def check_number(port: int) -> None:
    """Raise InvalidValue unless that is a port, or 0."""
    if not 0 <= port <= 65535:
        raise InvalidValue(f"{port} is not a port: give one up to 65535, or 0 for a free one.")


def check_port(host: str, port: int) -> None:
    """Find out now: a supervisor that cannot have its port would only say so in its log."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise InvalidState(
                f"Port {port} of {host} is in use: choose another, or 0 for a free one."
            ) from error
        raise InvalidValue(
            f"Nothing can listen on port {port} of {host}: {error.strerror}."
        ) from error
