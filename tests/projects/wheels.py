"""Wheels of what is installed here, for installers that are to need no network."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from email import message_from_string
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def offer(workdir: Path, monkeypatch: pytest.MonkeyPatch, *names: str) -> dict[str, str]:
    """Let uv have nothing but packages and all that they need; return the version of each."""
    monkeypatch.setattr(tempfile, "tempdir", str(workdir))
    monkeypatch.setenv("UV_FIND_LINKS", str(workdir / "wheels"))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(workdir / "cache"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(workdir / "kept"))
    return pack(workdir / "wheels", *names)


def pack(folder: Path, *names: str) -> dict[str, str]:
    """Write wheels of packages and all that they need; return the version of each."""
    folder.mkdir()
    found = {str(canonicalize_name(one.name)): one for one in _with_needs(names)}
    for one in found.values():
        _write(one, folder)
    return {one.name: one.version for one in found.values()}


def _with_needs(names: Iterable[str]) -> Iterator[Distribution]:
    todo, seen = list(names), set[str]()
    while todo:
        name = str(canonicalize_name(todo.pop()))
        if name not in seen:
            seen.add(name)
            yield distribution(name)
            needs = map(Requirement, distribution(name).requires or [])
            todo += [need.name for need in needs if not need.marker or need.marker.evaluate()]


def _write(one: Distribution, folder: Path) -> None:
    """Pack the files of a distribution again; what an installer has added stays out."""
    tags = message_from_string(one.read_text("WHEEL") or "").get_all("Tag", [])
    parts = zip(*(tag.split("-") for tag in tags), strict=True)
    tag = "-".join(".".join(dict.fromkeys(part)) for part in parts)  # py2.py3-none-any
    stem = canonicalize_name(one.name).replace("-", "_")
    files = [file for file in one.files or [] if ".." not in file.parts and file.suffix != ".pyc"]
    with zipfile.ZipFile(folder / f"{stem}-{one.version}-{tag}.whl", "w") as wheel:
        for file in files:
            if file.name != "RECORD":
                wheel.write(Path(str(file.locate())), str(file))
        facts = next(file.parent for file in files if file.name == "METADATA")
        kept = "".join(f"{file},,\n" for file in files)
        wheel.writestr(f"{facts}/RECORD", kept)
