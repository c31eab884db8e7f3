"""Models that are elsewhere, in S3 for one: copied to this machine, once for each content."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from nbtrail.artifacts import ArtifactRepository
from nbtrail.artifacts.messages import shown
from nbtrail.environments.places import OURS, move
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.models import integrity
from nbtrail.models.mlmodel import FILE


def copied(remote: ArtifactRepository) -> Path:
    """Return a directory of this machine with what is in a model directory elsewhere.

    It is of the user's cache, and made when it is asked for the first time, and again when the
    files have changed: by their names, sizes, ``MLmodel`` and digests. Bars show how far it is.

    Raises:
        NotFound: there is no model directory.
        InvalidValue: what came is not what the digests beside it say.
    """
    place = shown(remote.uri)
    listed = {info.path: info.file_size for info in remote.walk()}
    if FILE not in listed:
        raise NotFound(f"There is no model directory at {place}: no {FILE} file.")
    told = [remote.read(name) for name in (FILE, integrity.FILE) if name in listed]
    copy = _place(remote.uri, sorted(listed.items()), *told)
    if not copy.is_dir():
        with tempfile.TemporaryDirectory(dir=copy.parent) as folder:
            fresh = remote.download(to=Path(folder) / "model")
            integrity.verify(fresh, place)
            move(fresh, copy)
    return copy


def refuse_change(directory: Path) -> None:
    """Refuse to change a copy.

    Raises:
        InvalidValue: the directory is one: the model itself is elsewhere.
    """
    if directory.is_relative_to(_folder()):
        raise InvalidValue("The model is not on this machine: it cannot be changed from here.")


def _place(*parts: object) -> Path:
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _folder() -> Path:
    import platformdirs

    return platformdirs.user_cache_path(OURS) / "models"
