"""Bundles that come from anywhere: unpacked and read with nothing taken on trust."""

from __future__ import annotations

import lzma
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbtrail.artifacts.paths import is_clean
from nbtrail.artifacts.transfer import progress
from nbtrail.errors import InvalidValue, NbtrailError, NotFound
from nbtrail.projects.bundles.bundle import Bundle
from nbtrail.projects.bundles.document import (
    MOST_BYTES,
    MOST_FILES,
    MOST_JSON,
    PROJECT,
    RUN_FILE,
    read,
)
from nbtrail.projects.sources import CLONES

_PIECE = 1 << 20
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,  # a compression that Python does not know
    RuntimeError,  # a password
    lzma.LZMAError,
    OSError,  # a name that is a file's and a folder's, say
    ValueError,  # a place before the beginning
)


@contextmanager
def opened(place: Path) -> Iterator[Bundle]:
    """Give a bundle: a file, which is unpacked and gone afterwards, or a folder.

    Raises:
        NotFound: there is none.
        InvalidValue: it is no bundle, or would do what none does.
    """
    if not place.exists():
        raise NotFound(f"There is no bundle '{place}'.")
    if place.is_dir():
        yield _read(place.absolute(), place)
        return
    with tempfile.TemporaryDirectory(prefix=CLONES) as folder:
        root = Path(folder).resolve() / "bundle"
        root.mkdir()
        try:
            _unpack(place, root)
        except NbtrailError:
            raise
        except _BROKEN as error:
            raise InvalidValue(f"{place} cannot be unpacked: {error}.") from None
        yield _read(root, place)


def _read(root: Path, place: Path) -> Bundle:
    file = root / RUN_FILE
    for name, is_there in ((RUN_FILE, file.is_file()), (PROJECT, (root / PROJECT).is_dir())):
        if not is_there:
            raise InvalidValue(f"{place} is no bundle: it has no {name}.")
    if file.stat().st_size > MOST_JSON:
        raise InvalidValue(f"{place} is no bundle: its {RUN_FILE} is too large.")
    return Bundle(root, read(file.read_bytes(), str(place)), place.absolute())


def _unpack(file: Path, root: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        infos = [one for one in archive.infolist() if not one.is_dir()]
        _check(file, infos)
        with progress("Unpacking", sum(one.file_size for one in infos)) as tell:
            for info in infos:
                target = root / info.filename
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(info) as packed, target.open("xb") as made:
                    shutil.copyfileobj(packed, made, _PIECE)
                target.chmod(0o644 | (info.external_attr >> 16) & 0o111)
                tell(info.file_size)


def _check(file: Path, infos: list[zipfile.ZipInfo]) -> None:
    """Check what a zip file says that it has, before any of it is unpacked.

    No more than it says comes out of it: Python stops there.
    """
    size = sum(one.file_size for one in infos)
    if len(infos) > MOST_FILES or size > MOST_BYTES:
        raise InvalidValue(
            f"{file} is no bundle: it would be {len(infos)} files of {size // 1_000_000} MB."
        )
    if len({one.filename for one in infos}) < len(infos):
        raise InvalidValue(f"{file} is no bundle: it has a file twice.")
    for one in infos:
        kind = stat.S_IFMT(one.external_attr >> 16)
        if not is_clean(one.filename) or kind not in {0, stat.S_IFREG}:
            raise InvalidValue(
                f"{file} is no bundle: {one.filename[:80]!r} in it is no file, or leads out of it."
            )
