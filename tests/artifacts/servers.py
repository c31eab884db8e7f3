"""Real servers of files for the tests: moto's S3, and an sshd of this user's own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LOCALHOST = "127.0.0.1"
PRIVILEGE_SEPARATION = Path("/run/sshd")  # where a service's start script would have made it

CONFIGURATION = """
Port {port}
ListenAddress 127.0.0.1
HostKey {home}/host_key
AuthorizedKeysFile {home}/.ssh/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
"""


@dataclass(frozen=True)
class Sshd:
    """A running server: how to reach it, and the home directory that knows and may use it."""

    port: int
    home: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOCALHOST, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(command: list[str], port: int, log: Path) -> Iterator[None]:
    """Run a server for as long as the context lasts; yield once it takes connections."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 60
        while not _listens(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOCALHOST, port)) == 0


@contextmanager
def s3_server(folder: Path) -> Iterator[str]:
    """Run moto's server and yield its URL."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", LOCALHOST, "-p", str(port)]
    with running(command, port, folder / "moto.log"):
        yield f"http://{LOCALHOST}:{port}"


@contextmanager
def ssh_server(home: Path) -> Iterator[Sshd]:
    """Run an sshd whose keys, and the client's, are in `home`."""
    port = free_port()
    (home / ".ssh").mkdir()
    _key(home / "host_key")
    _key(home / ".ssh" / "id_ed25519")
    public = (home / ".ssh" / "id_ed25519.pub").read_text()
    (home / ".ssh" / "authorized_keys").write_text(public)
    kind, key, *_ = (home / "host_key.pub").read_text().split()
    (home / ".ssh" / "known_hosts").write_text(f"[{LOCALHOST}]:{port} {kind} {key}\n")
    (home / "sshd_config").write_text(CONFIGURATION.format(port=port, home=home))
    if os.geteuid() == 0:
        PRIVILEGE_SEPARATION.mkdir(mode=0o755, exist_ok=True)
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    assert program, "There is no sshd: sh scripts/install-sshd"
    command = [program, "-D", "-e", "-f", str(home / "sshd_config")]
    with running(command, port, home / "sshd.log"):
        yield Sshd(port, home)


def _key(file: Path) -> None:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(file)]
    subprocess.run(command, check=True)
