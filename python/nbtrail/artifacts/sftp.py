"""Artifacts on a server that one has SSH access to, by the conventions of ssh.

A server must be in ``~/.ssh/known_hosts``: fsspec would believe any that answers. Keys come
from ``~/.ssh`` or the agent.
"""

from __future__ import annotations

import copy
import stat
import tempfile
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from fsspec.callbacks import Callback
from fsspec.implementations.sftp import SFTPFileSystem
from paramiko import (  # type: ignore[import-untyped]
    RejectPolicy,
    SSHClient,
    SSHException,
)

from nbtrail.artifacts.folder import LINK
from nbtrail.artifacts.remote import RemoteFiles
from nbtrail.errors import InvalidValue, StoreError

if TYPE_CHECKING:
    import fsspec

PATIENCE = 15  # seconds to connect


class KnownHosts(SFTPFileSystem):  # type: ignore[misc]
    """fsspec's SFTP, to servers that are known, telling how far it is."""

    def _connect(self) -> None:
        self.client = SSHClient()
        self.client.load_system_host_keys()
        self.client.set_missing_host_key_policy(RejectPolicy())
        try:
            self.client.connect(self.host, timeout=PATIENCE, **self.ssh_kwargs)
            self.ftp = self.client.open_sftp()
        except BaseException:
            self.client.close()
            raise

    def channel(self) -> KnownHosts:
        """Return the same with another channel of the connection (fsspec would share this one)."""
        beside: KnownHosts = object.__new__(type(self))
        beside.__dict__.update(self.__dict__)
        beside.ftp = self.client.open_sftp()
        return beside

    def reconnect(self) -> None:
        """Connect again if the server hung up since."""
        transport = self.client.get_transport()
        if transport is None or not transport.is_active():
            self._connect()

    def put_file(self, lpath: str, rpath: str, callback: Any = None, **_: Any) -> None:
        """Copy a local file to the server."""
        self.ftp.put(lpath, rpath, callback=_Increments(callback))

    def get_file(self, rpath: str, lpath: str, callback: Any = None, **_: Any) -> None:
        """Copy a file of the server to a local one."""
        callback.set_size(self.ftp.stat(rpath).st_size)
        self.ftp.get(rpath, lpath, callback=_Increments(callback))

    def rm_file(self, path: str) -> None:
        """Delete a file, or a link."""
        self.ftp.remove(path)


class _Increments:
    """paramiko tells how much there is; we how much more."""

    def __init__(self, callback: Any) -> None:
        self.callback, self.before = callback, 0

    def __call__(self, moved: int, _: int) -> None:
        self.callback.relative_update(moved - self.before)
        self.before = moved


class SftpFiles(RemoteFiles):
    """The files below an ``sftp://`` URI; as on this machine, no link below it is followed."""

    lanes = 6  # of the ten sessions that sshd allows a connection

    def _connect(self) -> tuple[fsspec.AbstractFileSystem, str]:
        arguments = KnownHosts._get_kwargs_from_urls(self.uri)
        try:
            files = KnownHosts(**arguments)
            files.reconnect()
        except SSHException as error:
            if "not found in known_hosts" in str(error):
                host = arguments["host"]
                raise StoreError(
                    f"{host} is not in your ~/.ssh/known_hosts: `ssh {host}` once, to see whether "
                    "it is the server that you mean."
                ) from error
            raise
        return files, KnownHosts._strip_protocol(self.uri).rstrip("/")

    def full(self, path: str) -> str:
        """Return the name on the server.

        Raises:
            InvalidValue: it is, or is behind, a symbolic link.
        """
        name = self.root
        for part in path.split("/") if path else ():
            name = f"{name}/{part}"
            try:
                mode = self.fs.ftp.lstat(name).st_mode
            except FileNotFoundError:
                break
            if stat.S_ISLNK(mode or 0):
                raise InvalidValue(LINK.format(path))
        return super().full(path)

    def _open(self, name: str) -> BinaryIO:
        """Open a copy on this machine: read piece by piece, each 32 KiB would be a round trip."""
        opened = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
        self.fs.get_file(name, f"/dev/fd/{opened.fileno()}", callback=Callback())
        return cast("BinaryIO", opened)

    def lane(self) -> SftpFiles:
        """Return one with a channel of its own: paramiko's are for one thread each."""
        beside = copy.copy(self)
        with self._reaching():
            beside.fs = self.fs.channel()
        return beside

    def close(self) -> None:
        """Close the channel."""
        self.fs.ftp.close()
