"""Where a project's files come from: a directory, or a git repository at some commit."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nbtrail.artifacts.paths import is_clean
from nbtrail.errors import InvalidValue, NotFound

_GIT_URI = re.compile(r"(?:git@[\w.\-]+:|(?:https?|ssh|git|file)://|git\+\w+://)")
_PROTOCOLS = "file:git:http:https:ssh"  # not `ext`, which runs whatever the address says


@dataclass(frozen=True)
class Source:
    """The files of a project, and what tells where they are from.

    `commit`: of a git repository, that was checked out; None for a directory that is used as it is.
    """

    directory: Path
    uri: str
    commit: str | None = None
    repository: str | None = None


def is_git(target: str) -> bool:
    """Say whether a target is the address of a git repository."""
    return bool(_GIT_URI.match(target))


@contextmanager
def opened(target: str, version: str | None = None) -> Iterator[Source]:
    """Give the files of a project: a clone is gone afterwards.

    Args:
        target: a directory, or the address of a git repository; ``#sub/directory`` behind it is
            where in it the project is.
        version: a commit, tag or branch (default: as it is; of a repository, its main branch).

    Raises:
        NotFound: there is no such directory, repository, version or subdirectory.
        InvalidValue: the address or the version is none.
    """
    place, _, inside = target.partition("#")
    if inside and not is_clean(inside):
        raise InvalidValue(f"'{inside:.100}' is not a directory inside the project.")
    if not is_git(place) and version is None:
        directory = Path(place, inside).absolute()
        if not directory.is_dir():
            raise NotFound(f"There is no directory, notebook or run '{target:.200}'.")
        yield Source(directory, str(directory))
        return
    with tempfile.TemporaryDirectory(prefix="nbtrail-project-") as folder:
        clone = Path(folder).resolve() / "project"
        repository = place.removeprefix("git+")
        commit = _check_out(repository, version, clone)
        directory = (clone / inside).resolve()
        if not directory.is_relative_to(clone) or not directory.is_dir():
            raise NotFound(f"There is no directory '{inside:.100}' in {repository}.")
        yield Source(directory, target, commit, repository)


def _check_out(repository: str, version: str | None, clone: Path) -> str:
    """Clone a repository, and return the commit that is there then."""
    if not is_git(repository):
        if not Path(repository).is_dir():
            raise NotFound(f"There is no directory '{repository:.200}'.")
        repository = str(Path(repository).absolute())
    if version is not None and version.startswith("-"):
        raise InvalidValue(f"'{version:.100}' is no commit, tag or branch.")
    _git("clone", "--quiet", "--", repository, str(clone), failing=f"clone {repository}")
    if version is not None:
        _git("checkout", "--quiet", "--detach", _commit(clone, version), cwd=clone)
    return _git("rev-parse", "HEAD", cwd=clone)


def _commit(clone: Path, version: str) -> str:
    for name in (f"refs/remotes/origin/{version}", version):
        try:
            return _git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", cwd=clone)
        except NotFound:
            continue
    known = _git("for-each-ref", "--format=%(refname:lstrip=-1)", "--count=20", cwd=clone).split()
    raise NotFound(
        f"The repository has no commit, tag or branch '{version:.100}'. It has, among others: "
        f"{', '.join(sorted({*known} - {'HEAD'}))}."
    )


def _git(*arguments: str, cwd: Path | None = None, failing: str = "use the repository") -> str:
    git = shutil.which("git")
    if git is None:
        raise InvalidValue("git is not installed: a repository cannot be fetched without it.")
    ran = subprocess.run(  # noqa: S603 - its own arguments, and no option comes from outside
        [git, *arguments],
        cwd=cwd,
        env=os.environ | {"GIT_ALLOW_PROTOCOL": _PROTOCOLS, "GIT_TERMINAL_PROMPT": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode != 0:
        said = " ".join(ran.stderr.split())[-500:]
        raise NotFound(f"git cannot {failing}: {said or 'it says nothing'}")
    return ran.stdout.strip()
