"""Export: a run as a bundle."""

from __future__ import annotations

import os
import time
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.artifacts import ArtifactRepository
from nbtrail.artifacts.new_file import new_file
from nbtrail.artifacts.transfer import progress
from nbtrail.entities import Run
from nbtrail.errors import InvalidState, InvalidValue
from nbtrail.projects.bundles.contents import Contents, contents_of
from nbtrail.projects.bundles.document import (
    MOST_BYTES,
    MOST_FILES,
    MOST_JSON,
    OUTPUTS,
    PROJECT,
    README,
    RUN_FILE,
    BundleDocument,
    document_of,
)
from nbtrail.projects.mlprojects.mlproject import FILE
from nbtrail.projects.pipelines import parts
from nbtrail.projects.pipelines.memory import finished
from nbtrail.store import Store
from nbtrail.tracking import current_store
from nbtrail.trail.comparison import TEXT_LIMIT
from nbtrail.trail.diff import packages_of

_OURS = "nbtrail"
_PIECE = 1 << 20
_ENVIRONMENT = "python_env.yaml"
_SHOWN = 10  # params and metrics in the README


def export_run(
    run: str | Run,
    output: str | os.PathLike[str],
    *,
    store: Store | None = None,
    force: bool = False,
) -> Path:
    """Write a run as a bundle: a project that `reproduce` executes and compares anywhere.

    The bundle has the notebook made from the run's trail, with the modules beside it, or the
    project's folder as it was; the values that the parameters had, the versions of the packages,
    the data files that the run read and that lie in that folder, and the results to compare with.

    Args:
        run: the id of a run that has ended, or how that begins, or the run.
        output: the file to write, such as ``bundle.zip``.
        store: where the run is (default: the store of the current directory).
        force: whether it may take the place of a file that is there.

    Returns:
        The path of the file.

    Raises:
        NotFound: there is no such run, or its project is gone.
        InvalidState: it has not ended.
        InvalidValue: nothing tells what it executed, or it is too large.
        AlreadyExists: there is a file of that name.
    """
    store = store or current_store()
    store.drain()
    original = store.runs.find(run.info.run_id if isinstance(run, Run) else run)
    info, target = original.info, Path(output).absolute()
    if info.end_time is None:
        raise InvalidState(f"The run {info.run_name} ({info.run_id[:8]}) has not ended yet.")
    with new_file(target, force) as file, contents_of(store, original) as contents:
        runs = [original, *_steps(store, original)]
        contents.add_data(runs)
        document = _document(store, runs, contents)
        packed = {
            **_project(contents, {file, target}),
            **_written(document, contents),
            **_outputs(runs),
        }
        packed[README] = _readme(original, document, contents, target.name).encode()
        _pack(file, packed)
    return target


def _steps(store: Store, run: Run) -> list[Run]:
    """Return the runs of a pipeline's steps."""
    if not ArtifactRepository(run.info.artifact_uri).exists(parts.FILE):
        return []
    return [store.runs.get(one) for one in finished(run).values()]


def _document(store: Store, runs: list[Run], contents: Contents) -> BundleDocument:
    packages = packages_of(store.contexts.get(runs[0].info.run_id))
    parent = runs[0].info.run_id
    told = [
        document_of(store, one, {parts.PARENT: parent if one is not runs[0] else None})
        for one in runs
    ]
    return BundleDocument(
        told,
        contents.entry_point,
        contents.directory,
        contents.opens_runs,
        packages.pop("python", None),
        packages,
    )


def _written(document: BundleDocument, contents: Contents) -> dict[str, Path | bytes]:
    """Return the files that say what the run was, and what it needs."""
    described = dict(contents.described)
    found: dict[str, Path | bytes] = {}
    if document.packages:
        for kind in ("conda_env", "docker_env"):
            described.pop(kind, None)
        described["python_env"] = _ENVIRONMENT
        pinned = [f"{name}=={at}" for name, at in document.packages.items() if name != _OURS]
        environment = {"python": document.python, "dependencies": pinned}
        found[f"{PROJECT}/{_ENVIRONMENT}"] = _yaml(environment)
    found[f"{PROJECT}/{FILE}"] = _yaml(described)
    found[RUN_FILE] = msgspec.json.format(msgspec.json.encode(document), indent=1)
    return found


def _yaml(content: dict[str, Any]) -> bytes:
    import yaml

    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True).encode()


def _project(contents: Contents, ours: set[Path]) -> dict[str, Path | bytes]:
    """Return the files of the project; `ours`, the bundle itself, may lie there, too."""
    files = contents.files.items()
    return {f"{PROJECT}/{name}": one for name, one in files if one not in ours}


def _outputs(runs: list[Run]) -> dict[str, bytes]:
    """Return the small files that runs have made: their numbers can be compared."""
    found: dict[str, bytes] = {}
    for run in runs:
        artifacts = ArtifactRepository(run.info.artifact_uri)
        executed = Path(run.info.notebook or "").name
        for one in artifacts.walk():
            if (one.file_size or 0) <= TEXT_LIMIT and one.path != executed:
                found[f"{OUTPUTS}/{run.info.run_id}/{one.path}"] = artifacts.read(one.path)
    return found


def _pack(file: Path, packed: Mapping[str, Path | bytes]) -> None:
    """Write a zip file."""
    sizes = {
        name: len(one) if isinstance(one, bytes) else one.stat().st_size
        for name, one in packed.items()
    }
    _check_that_it_opens(sizes)
    total = sum(sizes.values())
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive,
        progress("Packing", total) as tell,
    ):
        for name, one in packed.items():
            info = zipfile.ZipInfo(name, time.localtime()[:6])
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o100644 << 16
            if isinstance(one, Path):
                info.external_attr = (one.stat().st_mode & 0o100755 | 0o100644) << 16
            with archive.open(info, "w", force_zip64=sizes[name] > (1 << 30)) as opened:
                for piece in _pieces(one):
                    opened.write(piece)
                    tell(len(piece))


def _check_that_it_opens(sizes: Mapping[str, int]) -> None:
    """Refuse what could not be unpacked again, when the run is perhaps no longer there."""
    megabytes = 1_000_000
    for what, found, most in (
        ("files", len(sizes), MOST_FILES),
        ("MB", sum(sizes.values()) // megabytes, MOST_BYTES // megabytes),
        (f"MB in {RUN_FILE}", sizes.get(RUN_FILE, 0) // megabytes, MOST_JSON // megabytes),
    ):
        if found > most:
            raise InvalidValue(
                f"The run would be a bundle of {found:,} {what}: at most {most:,} can be unpacked "
                "again."
            )


def _pieces(one: Path | bytes) -> Iterator[bytes]:
    if isinstance(one, bytes):
        yield one
        return
    with one.open("rb") as opened:
        while piece := opened.read(_PIECE):
            yield piece


def _readme(run: Run, document: BundleDocument, contents: Contents, name: str) -> str:
    info, told = run.info, document.runs[0]
    values = [f"- {key}: {value}" for key, value in told.params.items()][:_SHOWN]
    values += [f"- {key}: {value}" for key, value in run.data.metrics.items()][:_SHOWN]
    missing = [
        f"- {one.path}: {one.why}{f' (digest {one.digest})' if one.digest else ''}"
        for one in contents.left_out
    ]
    lines = [
        f"# The run {info.run_name} of {told.experiment}",
        "",
        f"It was run {info.run_id}, and ended {info.status}. To execute it once more, and compare:",
        "",
        f"    nbtrail reproduce {name} --env recorded",
        "",
        f"That makes an environment with the {len(document.packages)} packages that the run had, "
        "by uv; without `--env recorded` it is the one that is here. It executes the code in this "
        "bundle: do so only if you trust who made it.",
        "",
        f"`{PROJECT}/` is what was executed, `{RUN_FILE}` what was recorded, `{OUTPUTS}/` what it "
        f"has made. `nbtrail run {PROJECT} -e {document.entry_point}` takes other parameters.",
        *([""] if contents.notes else []),
        *contents.notes,
        *(["", *values] if values else []),
        *(["", "Not in this bundle:", "", *missing] if missing else []),
    ]
    return "\n".join(lines) + "\n"
