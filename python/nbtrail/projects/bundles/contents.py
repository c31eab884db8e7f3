"""What goes into a bundle: the project as it was executed, and the data that it read."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbtrail.artifacts.paths import is_clean
from nbtrail.data import from_file, get_source
from nbtrail.entities import DatasetInput, Run
from nbtrail.errors import InvalidValue, NbtrailError
from nbtrail.projects import snapshots, sources
from nbtrail.projects.mlprojects import mlproject
from nbtrail.projects.notebooks.execution import Plan
from nbtrail.projects.notebooks.inspection import declaration
from nbtrail.projects.notebooks.notebook import code_cells
from nbtrail.projects.pipelines.definition import Step
from nbtrail.projects.pipelines.digests import files_of
from nbtrail.projects.reproduction import originals
from nbtrail.projects.snapshots import Snapshot
from nbtrail.projects.sources import ENTRY_POINT
from nbtrail.store import Store
from nbtrail.trail.python import python_of

LARGEST = 100_000_000
"""Bytes of a file that goes into a bundle."""


@dataclass(frozen=True)
class LeftOut:
    """A file that is not in the bundle, and why; `digest` is what a run has recorded of it."""

    path: str
    why: str
    digest: str = ""


@dataclass
class Contents:
    """A project to pack.

    Attributes:
        entry_point: what of it the run has executed.
        directory: where it was.
        files: by their paths in the project: where they are, or what they have.
        described: what its `MLproject` says.
        opens_runs: whether its cells record in runs that they open.
        left_out: what is not among the files.
        notes: what may not be as it was.
    """

    entry_point: str
    directory: str
    files: dict[str, Path | bytes]
    described: dict[str, Any]
    opens_runs: bool = False
    left_out: list[LeftOut] = field(default_factory=list)
    notes: tuple[str, ...] = ()

    def add(self, name: str, file: Path, digest: str = "") -> None:
        """Take a file, unless it is too large."""
        if file.stat().st_size <= LARGEST:
            self.files[name] = file
        else:
            self.left_out.append(LeftOut(name, f"larger than {LARGEST // 1_000_000} MB", digest))

    def add_data(self, runs: Iterable[Run]) -> None:
        """Take the files that the runs have read, as far as they lie in the project's directory."""
        for run in runs:
            for used in run.inputs.dataset_inputs:
                path = get_source(used).uri or used.dataset.name
                missing = LeftOut(path, self._data_missing(path, used), used.dataset.digest)
                if missing.why and missing not in self.left_out:
                    self.left_out.append(missing)

    def _data_missing(self, path: str, used: DatasetInput) -> str:
        """Take the files of a dataset; return why not, if so."""
        place = Path(path)
        if used.dataset.source_type != "local" or not place.is_relative_to(self.directory):
            return "not in the project's folder"
        name = place.relative_to(self.directory).as_posix()
        if name in self.files:
            return ""
        try:
            digest = from_file(place).digest
        except NbtrailError:
            return "not there any more"
        if digest != used.dataset.digest:
            return "other content now, or only some of its files"
        for file in [place] if place.is_file() else sorted(place.rglob("*")):
            inside = file.relative_to(self.directory).as_posix()
            if file.is_file() and is_clean(inside):
                self.add(inside, file, digest)
        return ""


@contextmanager
def contents_of(store: Store, run: Run) -> Iterator[Contents]:
    """Give what is packed for a run; files of a clone are gone afterwards.

    Raises:
        NotFound: its project is gone.
        InvalidValue: nothing tells what it executed, or it is not all in one folder.
    """
    if ENTRY_POINT not in run.data.tags:
        plan = originals.plan_of(store, run)
        yield _of_notebook(plan)
        return
    with snapshots.opened(store, run) as snapshot:
        contents = _of_project(snapshot, run)
        if run.info.notebook is not None:
            plan = originals.plan_of(store, run)
            point = mlproject.load(snapshot.source.directory).entry_point(contents.entry_point)
            contents.files[str(point.notebook)] = _as_file(plan)
            contents.opens_runs = plan.opens_runs
        yield contents


def _of_notebook(plan: Plan) -> Contents:
    """Return a notebook as a project: with the modules that lie beside it."""
    name, folder = plan.path.name, plan.path.parent
    known = _declared(plan)
    given = {one.key: {"default": one.value} for one in plan.params if one.key in known}
    point = {"notebook": name, **({"parameters": given} if given else {})}
    described = {"name": plan.path.stem, "entry_points": {mlproject.MAIN: point}}
    contents = Contents(mlproject.MAIN, str(folder), {name: _as_file(plan)}, described)
    contents.opens_runs = plan.opens_runs
    trees = [python_of(cell.source).tree for _, cell in code_cells(plan.notebook)]
    for file in _modules([tree for tree in trees if tree], folder):
        contents.add(file.relative_to(folder).as_posix(), file)
    return contents


def _declared(plan: Plan) -> set[str]:
    if plan.language.lower() != "python":
        return {one.key for one in plan.params}
    declared = declaration(plan.notebook)
    return {one.name for one in declared.parameters} if declared else set()


def _as_file(plan: Plan) -> bytes:
    import nbformat

    return str(nbformat.writes(plan.notebook)).encode()  # type: ignore[no-untyped-call]


def _modules(trees: Iterable[ast.AST], folder: Path) -> Iterator[Path]:
    """Yield the files of the modules in a folder that are imported, there or in one another."""
    todo, seen = list(trees), set[str]()
    while todo:
        for name in _imported(todo.pop()) - seen:
            seen.add(name)
            found = [folder / f"{name}.py", *sorted((folder / name).rglob("*.py"))]
            for file in (one for one in found if one.is_file()):
                yield file
                if tree := python_of(file.read_text("utf-8", "replace")).tree:
                    todo.append(tree)


def _imported(tree: ast.AST) -> set[str]:
    """Return the first parts of the names of all modules that are imported."""
    names: list[str] = []
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                names += [one.name for one in aliases]
            case ast.ImportFrom(module=str(module)):
                names.append(module)
    return {name.partition(".")[0] for name in names}


def _of_project(snapshot: Snapshot, run: Run) -> Contents:
    folder, name = snapshot.source.directory, run.data.tags[ENTRY_POINT]
    point = mlproject.load(folder).entry_point(name)
    _refuse_of_others(point.steps, folder)
    content = mlproject.content_of(folder)
    points = dict(content.get("entry_points") or {})
    described = {**content, "name": mlproject.load(folder).name, "entry_points": points}
    told = points.setdefault(name, {})
    if not told:
        told |= {"notebook": point.notebook} if point.notebook else {"command": point.command}
    given = {one.key: one.value for one in run.data.param_records if one.origin == "injected"}
    was = snapshot.was or str(folder)
    _set_defaults(told, given, was)
    contents = Contents(name, was, {}, described, notes=snapshot.notes)
    for file in files_of(folder):
        place = folder / file
        if not is_clean(file) or not place.resolve().is_relative_to(folder.resolve()):
            contents.left_out.append(LeftOut(file, "a link that leads out of the project"))
        elif place.is_file() and file.lower() != mlproject.FILE.lower():
            contents.add(file, place)
    return contents


def _set_defaults(point: dict[str, Any], given: dict[str, str], was: str) -> None:
    """Have an entry point's parameters stand for the values that a run had.

    What was given beyond those that are declared becomes one of them.
    """
    declared: dict[str, Any] = point.get("parameters") or {}
    for name, value in given.items():
        if name not in declared and "command" in point:
            point["command"] += f" --{name} {{{name}}}"
        kind = declared.get(name) or {}
        inside = value.startswith(f"{was}/")
        declared[name] = {
            **({"type": kind} if isinstance(kind, str) else kind),
            "default": value.removeprefix(f"{was}/") if inside else value,
        }
    if declared:
        point["parameters"] = declared


def _refuse_of_others(steps: Sequence[Step], folder: Path) -> None:
    for step in steps:
        if step.uses is None or sources.is_git(step.uses):
            continue
        if not (folder / step.uses).resolve().is_relative_to(folder.resolve()):
            raise InvalidValue(
                f"The step '{step.name}' uses '{step.uses}', which is not in the project's folder: "
                "its run cannot be exported."
            )
