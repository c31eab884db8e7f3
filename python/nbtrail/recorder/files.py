"""The files that cells write and read: artifacts and datasets of the cells' runs.

A cell's files are looked at when it ends, before the next one can change them. What was read is
remembered by execution, for a run also has the datasets of the cells that it reads from.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from nbtrail.artifacts.paths import is_clean
from nbtrail.entities import Dataset, DatasetInput, InputTag, RunFile
from nbtrail.recorder import bypassing, digests
from nbtrail.recorder.found_files import Finder, Found
from nbtrail.recorder.session import Execution
from nbtrail.recorder.watching import FileWatch
from nbtrail.tracking import ActiveRun
from nbtrail.tracking.failures import never_raises

FOLDER = "files"
"""Where among a run's artifacts the files are that its cells wrote."""

MOST_TAKEN = 100  # files of one cell
MOST_LISTED = 1000
MOST_TOLD = 3
MOST_DATASETS = 20  # of one folder and cell; more are one dataset
AT_ONCE = 4_000_000  # bytes whose digest a cell waits for
_READ = [InputTag("mlflow.data.context", "read")]


@dataclass
class FileLimits:
    """How many bytes are taken: of one file, and of all files of one run."""

    file: int = 10_000_000
    files: int = 200_000_000


@dataclass
class Taken:
    """What was done with the files that a cell has written: how many are kept, what is told."""

    files: int = 0
    told: list[str] = field(default_factory=list)


@dataclass
class _Reading:
    """What one cell has read at a place: a dataset as soon as its digest is known."""

    files: Sequence[Found]
    dataset: Dataset | None = None

    def take_digest(self) -> None:
        if len(self.files) == 1:
            self.dataset = digests.dataset_of(self.files[0])
        else:
            self.dataset = digests.dataset_of_folder(_folder(self.files[0]), self.files)


@dataclass
class _OfRun:
    """What a run has: whether it wants files, what is left for them, whose reads it knows."""

    wanted: bool
    room: int
    linked: set[int] = field(default_factory=set)


class CellFiles:
    """Watches which files cells touch, and gives them to runs.

    Args:
        notebook: the notebook's path, if it is known.
        user: the user's names.

    Attributes:
        enabled: whether cells are watched.
        limits: how much is taken.
    """

    def __init__(self, notebook: str | None, user: Mapping[str, Any]) -> None:
        roots = _roots(notebook)
        self.enabled = True
        self.limits = FileLimits()
        self._watch = FileWatch(roots, user)
        self._finder = Finder(roots, notebook)
        self._written: list[Found] = []
        self._readings: dict[int, tuple[Execution, list[_Reading]]] = {}
        self._runs: dict[str, _OfRun] = {}
        self._aside = digests.Aside()
        bypassing.start()

    def remove(self) -> None:
        """Watch no longer."""
        bypassing.stop()
        self._aside.wait()

    # A cell

    def begin(self) -> None:
        """Watch from now on."""
        if self.enabled:
            self._watch.begin()

    def look_away(self) -> None:
        """Watch no longer: the cell has ended."""
        self._watch.stop()

    @never_raises("the files of a cell")
    def end(self, execution: Execution) -> None:
        """Take note of what the cell that has ended has written and read."""
        self._written = []
        touched = self._watch.take()
        if touched is None:
            return
        self._written, read = self._finder.sort(touched, execution.source)
        if read:
            self._readings[execution.ordinal] = execution, self._read(read)

    def has_of(self, execution: Execution) -> bool:
        """Say whether the cell, which has ended, has written or read anything."""
        return bool(self._written) or execution.ordinal in self._readings

    def _read(self, found: Iterable[Found]) -> list[_Reading]:
        readings = list(_grouped(found))
        waits = sum(one.size for reading in readings for one in reading.files) > AT_ONCE
        for reading in readings:
            if waits:
                self._aside.do(reading.take_digest)
            else:
                never_raises("a file that was read")(reading.take_digest)()
        return readings

    # Runs

    def leave_alone(self, run_id: str) -> None:
        """Give no files to a run."""
        self._of(run_id).wanted = False

    def _of(self, run_id: str) -> _OfRun:
        return self._runs.setdefault(run_id, _OfRun(True, self.limits.files))

    def give(self, run: ActiveRun, execution: Execution, has: Callable[[int], bool]) -> Taken:
        """Give a run what the cell that has ended wrote, and what its cells have read.

        Args:
            run: the run.
            execution: the cell.
            has: whether an execution, by its ordinal, is on the run's trail.
        """
        taken, of_run = Taken(), self._of(run.run_id)
        if of_run.wanted:
            new = self._readings.keys() - of_run.linked
            self._link(run, of_run, sorted(filter(has, new)))
            self._keep(run, of_run, execution, taken)
        return taken

    def _link(self, run: ActiveRun, of_run: _OfRun, read_by: Iterable[int]) -> None:
        waiting = []
        for ordinal in read_by:
            of_run.linked.add(ordinal)
            execution, readings = self._readings[ordinal]
            waiting += [(reading, execution.id) for reading in readings]
        if waiting:
            _link(run, waiting)
        if later := [pair for pair in waiting if pair[0].dataset is None]:
            self._do_aside(run, partial(_link, run, later))

    def _keep(self, run: ActiveRun, of_run: _OfRun, execution: Execution, taken: Taken) -> None:
        """Copy the files that are small, and list the others."""
        written, self._written = self._written, []
        listed: dict[str, list[Found]] = {}
        for found in written:
            if why := self._refused(found, of_run, taken):
                listed.setdefault(why, []).append(found)
            else:
                run.write_artifacts({_path(found): Path(found.path).read_bytes()})
                of_run.room -= found.size
                taken.files += 1
        taken.told += [f"{_few(files)} only listed ({why})" for why, files in listed.items()]
        self._list(run, execution, [found for files in listed.values() for found in files])

    def _list(self, run: ActiveRun, execution: Execution, files: Sequence[Found]) -> None:
        """Record that there are files, at once, and their digests, soon."""
        if files:
            few = files[:MOST_LISTED]
            records = [RunFile(_path(one), False, one.size, None, execution.id) for one in few]
            run.store.files.note(run.run_id, records)
            pairs = list(zip(few, records, strict=True))
            self._do_aside(run, partial(_add_digests, run, pairs))

    def _refused(self, found: Found, of_run: _OfRun, taken: Taken) -> str:
        """Return why a file is not copied, if it is not."""
        if not is_clean(_path(found)):
            return "because of its name"
        if found.size > self.limits.file:
            return f"file_limit is {self.limits.file:,} bytes"
        if found.size > of_run.room:
            return f"files_limit is {self.limits.files:,} bytes for a run"
        return f"of one cell {MOST_TAKEN} are taken" if taken.files >= MOST_TAKEN else ""

    def _do_aside(self, run: ActiveRun, job: digests.Job) -> None:
        """Do something that the run waits for at its end."""
        self._aside.do(job)
        if self._aside.wait not in run.at_end:
            run.at_end.append(self._aside.wait)


def _roots(notebook: str | None) -> tuple[str, ...]:
    """Return the notebook's folder, and the one in which its kernel works, under all names."""
    folders = [Path.cwd()]
    if notebook and Path(notebook).is_absolute() and Path(notebook).parent.is_dir():
        folders.insert(0, Path(notebook).parent)
    names = [name for folder in folders for name in (folder, folder.resolve())]
    return tuple(dict.fromkeys(f"{os.fspath(name).rstrip('/')}/" for name in names))


def _path(found: Found) -> str:
    """Return where among a run's artifacts a file is, or would be."""
    return f"{FOLDER}/{found.name}"


def _few(files: Sequence[Found]) -> str:
    names = ", ".join(found.name for found in files[:MOST_TOLD])
    more = len(files) - MOST_TOLD
    return f"{names} and {more:,} more" if more > 0 else names


def _folder(found: Found) -> str:
    return found.path.rpartition("/")[0]


def _grouped(found: Iterable[Found]) -> Iterable[_Reading]:
    """Yield a reading for each file, and one for many files of a folder."""
    for _, files in groupby(sorted(found, key=_folder), key=_folder):
        together = list(files)
        if len(together) > MOST_DATASETS:
            yield _Reading(together)
        else:
            yield from (_Reading([one]) for one in together)


def _link(run: ActiveRun, readings: Iterable[tuple[_Reading, int | None]]) -> None:
    """Note that a run has used what was read, as far as it is known."""
    inputs = [
        DatasetInput(reading.dataset, _READ, execution)
        for reading, execution in readings
        if reading.dataset is not None
    ]
    if inputs:
        run.store.datasets.link(run.run_id, inputs)


def _add_digests(run: ActiveRun, listed: Iterable[tuple[Found, RunFile]]) -> None:
    """Record the digests of files that are only listed."""
    known = [
        RunFile(one.path, False, one.size, digests.file_digest(found), one.execution)
        for found, one in listed
    ]
    run.store.files.note(run.run_id, known)
