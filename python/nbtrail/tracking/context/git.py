"""The git repository that the user's code is in: commit, branch, remote, and what is uncommitted.

Asking changes nothing in the repository, and runs none of its hooks, diff programs and monitors
(filters, such as that of LFS, are part of how git reads files).
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nbtrail.config import STORE_NAME
from nbtrail.tracking.context.program import folder

PATIENCE_S = 3.0  # with all that is asked of git at one time
DIFF_LIMIT = 1 << 20  # bytes
_STATUS_LIMIT = 4 << 20  # bytes
_MOST_PATHS = 1000
_OPTIONS = ["--no-pager", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false"]
_STATUS = ["status", "--porcelain=v2", "--branch", "-z", "--ignore-submodules=dirty"]
_STATUS += ["--untracked-files=normal"]
_DIFF = ["diff", "HEAD", "--no-ext-diff", "--no-textconv", "--no-color", "--no-relative"]
_DIFF += ["--src-prefix=a/", "--dst-prefix=b/", "--ignore-submodules=dirty"]
_WHOLE_DIFF = [*_DIFF, "--binary"]
# Notebooks are mostly outputs, and a run's trail has the cells.
_DIFF += ["--", ":/", ":(top,exclude)*.ipynb"]
_NOTE = "The diff is without notebooks."
_CUT = f"{_NOTE} It was cut off after {DIFF_LIMIT} bytes."
_ENVIRONMENT = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


class _TooSlow(Exception):
    """Git has not answered in time."""


class Git:
    """What git knows. Where it is too slow once, it is not asked again in this process."""

    name = "git"

    def __init__(self) -> None:
        self.lifetime = 5.0
        self._tags: dict[str, str] = {}

    def tags(self) -> Mapping[str, str]:
        """Return MLflow's tags of what `document` has found."""
        return self._tags

    def document(self) -> Mapping[str, Any] | None:
        """Return the state of the repository; None if the code is in none, or git is missing.

        ``commit`` is None before the first one, ``branch`` where none is checked out. It is
        ``dirty`` if tracked files are ``changed``; ``diff`` is against the commit, up to
        `DIFF_LIMIT`. Untracked files are only named.
        """
        self._tags = {}
        try:
            found = _repository(folder())
        except _TooSlow:
            self.lifetime = math.inf
            return {"note": f"git has not answered within {PATIENCE_S:g} s."}
        if found is not None:
            names = {"commit": "commit", "branch": "branch", "remote": "repoURL"}
            tags = {f"mlflow.source.git.{tag}": found[key] for key, tag in names.items()}
            self._tags = {tag: value[:8000] for tag, value in tags.items() if value}
        return found


def state_of(place: Path) -> dict[str, Any] | None:
    """Return the state of the repository that a folder is in, so that it can be made again.

    It is as `Git.document` has it, but the ``diff`` has notebooks and binary files, too; None if
    that is longer than `DIFF_LIMIT`, or not UTF-8. ``digest`` is of the diff, or how it begins.

    Returns:
        None if the folder is in no repository, or git is missing or too slow.
    """
    try:
        found = _asked(place)
        if found is None:
            return None
        questions, state = found
        diff = b""
        if state["dirty"] and state["commit"]:
            diff = questions.ask(_WHOLE_DIFF, DIFF_LIMIT) or b""
    except _TooSlow:
        return None
    state["digest"], state["diff"] = hashlib.sha256(diff).hexdigest(), None
    if len(diff) < DIFF_LIMIT:
        with contextlib.suppress(UnicodeDecodeError):
            state["diff"] = diff.decode()
    return state


class _Questions:
    """Asks git in one folder, until the time is up."""

    def __init__(self, git: str, place: Path) -> None:
        self._command = [git, *_OPTIONS]
        self._place = place
        self._deadline = time.monotonic() + PATIENCE_S

    def ask(self, arguments: list[str], limit: int = 1 << 16) -> bytes | None:
        """Return the first `limit` bytes of the answer; None if there is none.

        Raises:
            _TooSlow: the time is up.
        """
        with subprocess.Popen(  # noqa: S603
            [*self._command, *arguments],
            cwd=self._place,
            env={**os.environ, **_ENVIRONMENT},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # the user's ctrl-C is not for git
        ) as process:
            assert process.stdout is not None
            patience = max(0.0, self._deadline - time.monotonic())
            watchdog = threading.Timer(patience, _kill, [process])
            watchdog.daemon = True
            watchdog.start()
            data = process.stdout.read(limit)
            watchdog.cancel()
            if len(data) == limit:
                _kill(process)
        if time.monotonic() > self._deadline:
            raise _TooSlow
        return data if len(data) == limit or process.returncode == 0 else None


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End git and what it has started, which would keep its output open."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _repository(place: Path) -> dict[str, Any] | None:
    asked = _asked(place)
    if asked is None:
        return None
    questions, found = asked
    remotes = questions.ask(["config", "--get-regexp", r"^remote\..*\.url$"]) or b""
    found["remote"] = _remote(_text(remotes))
    if found["dirty"] and found["commit"]:
        diff = questions.ask(_DIFF, DIFF_LIMIT) or b""
        found["diff"] = diff.decode(errors="replace")
        found["note"] = _CUT if len(diff) == DIFF_LIMIT else _NOTE
    return found


def _asked(place: Path) -> tuple[_Questions, dict[str, Any]] | None:
    """Return the state of a folder's repository without its diff, and who can be asked for more."""
    git = shutil.which("git")
    inside = "GIT_DIR" in os.environ or any((p / ".git").exists() for p in (place, *place.parents))
    if git is None or not inside:
        return None
    questions = _Questions(git, place)
    root = questions.ask(["rev-parse", "--show-toplevel"])
    status = questions.ask(_STATUS, _STATUS_LIMIT)
    if root is None or status is None:
        return None
    return questions, {**_status(_text(status)), "root": _text(root).rstrip("\n")}


def _text(data: bytes) -> str:
    return data.decode(errors="backslashreplace")


def _status(text: str) -> dict[str, Any]:
    """Read what ``git status --porcelain=v2 --branch -z`` says."""
    head: dict[str, str] = {}
    changed: list[str] = []
    untracked: list[str] = []
    entries: Iterator[str] = iter(text.split("\0"))
    for entry in entries:
        kind, _, rest = entry.partition(" ")
        if kind == "#":
            key, _, value = rest.partition(" ")
            head[key] = value
        elif kind == "?" and Path(rest).name != STORE_NAME:
            untracked.append(rest)
        elif kind in _FIELDS_BEFORE_PATH:
            changed.append(rest.split(" ", _FIELDS_BEFORE_PATH[kind])[-1])
            if kind == "2":
                next(entries, None)  # the path that it had
    return {
        "commit": _unless("(initial)", head.get("branch.oid")),
        "branch": _unless("(detached)", head.get("branch.head")),
        "dirty": bool(changed),
        "changed": changed[:_MOST_PATHS],
        "untracked": untracked[:_MOST_PATHS],
        "not_named": max(0, len(changed) - _MOST_PATHS) + max(0, len(untracked) - _MOST_PATHS),
    }


# By kind of entry: changed, renamed, unmerged.
_FIELDS_BEFORE_PATH = {"1": 7, "2": 8, "u": 9}


def _unless(nothing: str, value: str | None) -> str | None:
    return None if value == nothing else value


def _remote(listed: str) -> str | None:
    """Return the URL of the remote ``origin``, else of the first, without credentials."""
    from nbtrail.data.source import without_credentials  # a room that few runs need

    urls = dict(line.split(" ", 1) for line in listed.splitlines() if " " in line)
    first = next(iter(urls.values()), None)
    url = urls.get("remote.origin.url", first)
    return None if url is None else without_credentials(url)
