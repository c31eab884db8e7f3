"""Which files a cell touches, as Python's audit events tell it.

One hook serves the process and stays (it cannot be taken out): it looks away while no cell runs.
It sees whatever opens a file through Python, in any thread. What opens one in C, C++ or Rust is
told by `bypassing`, or found by a look at the directory (see files.py).
"""

from __future__ import annotations

import os
import site
import sys
import sysconfig
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

READ, WRITTEN = 1, 2
MOST = 20_000  # different files of one cell
CALLS = 5  # that are between nbtrail and what opens a file for it, at most
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
THREAD = "nbtrail-files"
"""The thread in which files are read that nbtrail has found: by nobody's order."""

_CODE = (".py", ".pyc", ".pyi", ".pth", ".so", ".pyd", ".dll", ".dylib")
_CHILDREN = frozenset(
    {"subprocess.Popen", "os.system", "os.posix_spawn", "os.fork", "os.forkpty", "os.spawn"}
)
_OTHERS = _CHILDREN | {"os.chdir", "os.rename", "sqlite3.connect"}
_SYSTEM = (
    "/proc", "/sys", "/dev", "/etc", "/usr", "/lib", "/lib64", "/bin", "/sbin", "/run", "/boot",
    "/snap", "/var/run", "/var/lib", "/var/cache", "/System", "/Library", "/private/etc",
    "/opt/homebrew",
)  # fmt: skip
# Parts of nbtrail that the user's own calls go through.
_PASSED = frozenset(
    {
        *("nbtrail.autolog.patching", "nbtrail.autolog.imports"),
        *("nbtrail.recorder.watching", "nbtrail.recorder.bypassing"),
    }
)
_IMPORTING = frozenset({"importlib._bootstrap", "_frozen_importlib"})


@dataclass
class Touched:
    """What one cell has touched.

    `files`: READ, WRITTEN or both, by path. `own`: what nbtrail itself opened for the user.
    `children`: whether other programs were started, whose files nobody sees.
    """

    files: dict[str, int] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    children: bool = False
    started: int = field(default_factory=time.time_ns)


class FileWatch:
    """Notes the files that are opened between `begin` and `end`.

    Args:
        roots: the folders whose files count wherever they lie, each with a slash at its end.
        user: the user's names: what is called from there is the user's doing.
    """

    def __init__(self, roots: tuple[str, ...], user: Mapping[str, Any]) -> None:
        self._roots = roots
        self._user = user
        # Where the user's folder is itself below such a place, that says nothing.
        self._libraries = tuple(
            place for place in _libraries() if not any(root.startswith(place) for root in roots)
        )
        self._touched: Touched | None = None

    def begin(self) -> None:
        """Take notice from now on."""
        global _current  # noqa: PLW0603
        _install()
        self._touched = Touched()
        _current = self

    def stop(self) -> None:
        """Look away."""
        global _current  # noqa: PLW0603
        _current = None

    def take(self) -> Touched | None:
        """Return what was touched since `begin`, by absolute paths; None if nobody looked."""
        touched, self._touched = self._touched, None
        if touched is not None:
            _make_absolute(touched.files)
        return touched

    def saw(self, path: object, how: int, frame: FrameType | None) -> None:
        """Note that a file was opened.

        Args:
            path: whatever the caller has for a path.
            how: READ, WRITTEN or both.
            frame: where it was opened.
        """
        if isinstance(path, bytes | os.PathLike):
            path = os.fsdecode(path)
        touched = self._touched
        if touched is None or type(path) is not str:
            return
        files = touched.files
        known = files.get(path, 0)
        if known | how == known or len(files) >= MOST or not self._counts(path, how, frame):
            return
        if not self._is_ours(frame):
            files[path] = known | how
        elif threading.current_thread().name != THREAD:
            touched.own.add(path.rpartition("/")[2])

    def _counts(self, path: str, how: int, frame: FrameType | None) -> bool:
        """Say whether a file may be data, by its name and by what opens it."""
        if how == READ and path.endswith(_CODE):
            return False
        if path[:1] != "/":
            return True
        if path.startswith(self._libraries):
            return False
        return path.startswith(self._roots) or not _is_importing(frame)

    def event(self, event: str, args: tuple[Any, ...], frame: FrameType) -> None:
        """Take in an audit event that is rarer than "open"."""
        touched = self._touched
        if touched is None:
            return
        if event == "sqlite3.connect":
            self.saw(args[0], READ | WRITTEN, frame)
        elif event == "os.rename":
            self.saw(args[1], WRITTEN, frame)
        elif event == "os.chdir":
            _make_absolute(touched.files)
        elif not touched.children:
            touched.children = not self._is_ours(frame)

    def _is_ours(self, frame: FrameType | None) -> bool:
        """Say whether nbtrail has opened a file: the last calls tell."""
        for _ in range(CALLS):
            if frame is None or frame.f_globals is self._user:
                return False
            name = frame.f_globals.get("__name__")
            if type(name) is str and name.startswith("nbtrail.") and name not in _PASSED:
                return True
            frame = frame.f_back
        return False


_current: FileWatch | None = None
_installed = False


def saw(path: object, how: int) -> None:
    """Note a file that no audit event tells of, if a cell runs."""
    if _current is not None:
        _current.saw(path, how, sys._getframe(1))


def _hook(event: str, args: tuple[Any, ...]) -> None:
    """Be told of everything: quick, and never in the way of what is about to happen."""
    watch = _current
    if watch is None:
        return
    try:
        if event == "open":
            flags = args[2]
            writes = WRITTEN if flags & _WRITES else 0
            how = writes if flags & os.O_WRONLY else READ | writes
            watch.saw(args[0], how, sys._getframe(1))
        elif event in _OTHERS:
            watch.event(event, args, sys._getframe(1))
    except Exception:  # noqa: S110 - quicker than `suppress`; the user's call goes on
        pass


def _is_importing(frame: FrameType | None) -> bool:
    """Say whether a module is being imported: what it reads is none of the user's data."""
    while frame is not None:
        if frame.f_globals.get("__name__") in _IMPORTING:
            return True
        frame = frame.f_back
    return False


def _install() -> None:
    global _installed  # noqa: PLW0603
    if not _installed:
        _installed = True
        sys.addaudithook(_hook)
        os.register_at_fork(after_in_child=_look_away)


def _look_away() -> None:
    global _current  # noqa: PLW0603
    _current = None


def _libraries() -> tuple[str, ...]:
    """Return where what is installed lies: no data of the user's."""
    paths = {
        *_SYSTEM, sys.prefix, sys.base_prefix, sys.exec_prefix, *sysconfig.get_paths().values(),
        *site.getsitepackages(), site.getusersitepackages(),
    }  # fmt: skip
    return tuple({f"{path.rstrip('/')}/" for path in paths if path.rstrip("/")})


def _make_absolute(files: dict[str, int]) -> None:
    """Put paths that are relative together with the directory that they are relative to."""
    for path in [path for path in files if not path.startswith("/")]:
        how = files.pop(path)
        with suppress(OSError):  # the directory was deleted
            whole = os.path.abspath(path)  # noqa: PTH100 - a text
            files[whole] = files.get(whole, 0) | how
