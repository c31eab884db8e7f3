"""Digests of all that the results of a step depend on: two executions with one digest are alike."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path
from typing import Any

from nbtrail.artifacts import ArtifactRepository
from nbtrail.projects.mlprojects import mlproject, requirements
from nbtrail.projects.mlprojects.mlproject import Project
from nbtrail.projects.pipelines.planning import Stage

_VERSION = 1  # of what goes into a key
_NOT_OURS = {"__pycache__", "node_modules", "mlruns"}
_PIECE = 1 << 20


def key(
    stage: Stage,
    parameters: Mapping[str, object],
    upstream: Sequence[str],
    environment: str,
    files: str,
) -> str:
    """Return the digest of an execution of a step.

    Args:
        stage: the step.
        parameters: its values, artifacts of other steps by the digests of their content.
        upstream: the runs of the steps that it needs without referring to their results.
        environment: the digest of the packages.
        files: the digest of the project's files.
    """
    point, folder = stage.point, stage.source.directory
    declared = {
        name: _given(str(value), folder) if _is_path(point.parameters, name) else value
        for name, value in parameters.items()
    }
    # Whatever the step's `files` say, its results depend on its notebook.
    notebook = point.notebook and _of_files(folder, [point.notebook])
    told = [_VERSION, point.name, point.command, notebook, declared, list(upstream)]
    return _sha(json.dumps([*told, environment, files], sort_keys=True, default=str).encode())


def of_project(directory: Path, patterns: Iterable[str]) -> str:
    """Return the digest of a project's files, or of those that the patterns name."""
    wanted = list(patterns)
    names = [one for one in files_of(directory) if not wanted or _matches(one, wanted)]
    return _of_files(directory, sorted(names))


def of_environment(project: Project, kind: str) -> str:
    """Return the digest of the packages that a project is run with."""
    if kind == "uv":
        return _sha(repr(requirements.packages_of(project)).encode())
    if kind == "conda":
        return _sha(repr(requirements.conda_of(project)).encode())
    if kind == "docker":
        return _sha(repr(project.environment).encode())
    found = {f"{one.name}=={one.version}" for one in metadata.distributions()}
    return _sha("\n".join([platform.python_version(), *sorted(found)]).encode())


def of_artifacts(artifacts: ArtifactRepository, path: str) -> str:
    """Return the digest of an artifact, or of all in a folder."""
    found = artifacts.walk(path)
    if not found:
        return artifacts.digest(path)
    told = [(one.path.removeprefix(path), artifacts.digest(one.path)) for one in found]
    return _sha(json.dumps(sorted(told)).encode())


def _is_path(parameters: Mapping[str, mlproject.ProjectParameter], name: str) -> bool:
    return name in parameters and parameters[name].type in {"path", "uri"}


def _given(value: str, folder: Path) -> Any:
    """Return what stands for a path: its content, if it is here."""
    path = folder / value
    if path.is_file():
        return _of_files(path.parent, [path.name])
    return _of_files(path, sorted(_walked(path))) if path.is_dir() else value


def _of_files(folder: Path, names: Iterable[str]) -> str:
    return _sha(json.dumps([(name, _content(folder / name)) for name in names]).encode())


def _content(file: Path) -> str:
    digest = hashlib.sha256()
    try:
        with file.open("rb") as opened:
            while piece := opened.read(_PIECE):
                digest.update(piece)
    except OSError:  # gone meanwhile, or not ours to read
        return ""
    return digest.hexdigest()


def files_of(directory: Path) -> list[str]:
    """Return a project's files: what git knows of or would add, else all that is not hidden."""
    git = shutil.which("git")
    if git is not None:
        listed = subprocess.run(  # noqa: S603 - its own arguments
            [git, "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=directory,
            capture_output=True,
            check=False,
        )
        if listed.returncode == 0:
            names = listed.stdout.decode(errors="surrogateescape").split("\0")
            return [one for one in {*names} if one and not one.startswith(".nbtrail/")]
    return list(_walked(directory))


def _walked(directory: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(directory):
        folders[:] = [
            one
            for one in folders
            if not one.startswith(".")
            and one not in _NOT_OURS
            and not Path(folder, one, "pyvenv.cfg").exists()
        ]
        yield from (
            Path(folder, one).relative_to(directory).as_posix()
            for one in files
            if not one.startswith(".")
        )


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch(name, one) or name.startswith(f"{one.rstrip('/')}/") for one in patterns)


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
