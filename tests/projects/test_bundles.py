"""Bundles: runs that are executed once more elsewhere, in stores that know nothing of them."""

from __future__ import annotations

import json
import shutil
import struct
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import nbtrail
from nbtrail import projects
from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import Reproduction, Run
from nbtrail.errors import AlreadyExists, InvalidState, InvalidValue, NbtrailError, NotFound
from nbtrail.projects import export_run
from nbtrail.projects.sources import ENTRY_POINT
from nbtrail.store import Store, open_store
from nbtrail.store.contexts import Context, Document

from . import wheels
from .conftest import WINE, Write

Change = Callable[[Path], None]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Store:
    """Make a store that knows of nothing."""
    return open_store(tmp_path / "elsewhere" / ".nbtrail")


def reproduced(bundle: Path, store: Store, **options: Any) -> Reproduction:
    return nbtrail.reproduce(bundle, store=store, progress=False, **options)


def of_wine(store: Store, folder: Path) -> Run:
    """Run a command of a project that is in no repository, and let the project go."""
    shutil.copytree(WINE, folder / "wine")
    run = projects.run(folder / "wine", {"l1_ratio": 0.5, "note": "it's"}, store=store)
    nbtrail.Client(store.uri).log_metric(run.info.run_id, "curve", float("nan"), step=7)
    return store.runs.get(run.info.run_id)


def test_a_notebook_takes_along_what_it_needs(
    write: Write, store: Store, elsewhere: Store, workdir: Path
) -> None:
    (workdir / "outside.txt").write_text("1")
    path = write(
        "%load_ext nbtrail",
        ("lr = 0.1", ["parameters"]),
        "from helper import read\nnumbers = read('numbers.txt')",
        "more = read('later.txt') + read('../outside.txt')",
        "loss = lr * sum(numbers) + sum(more)\nopen('made.txt', 'w').write(f'{loss:.3f}');",
    )
    source = "def read(name):\n    with open(name) as file:\n        return [*map(float, file)]\n"
    (path.parent / "helper.py").write_text(f"import deeper\n{source}")
    (path.parent / "deeper.py").touch()
    (path.parent / "unused.py").touch()
    (path.parent / "numbers.txt").write_text("1\n2")
    (path.parent / "later.txt").write_text("4")
    run = projects.run_notebook(path, {"lr": 0.3}, store=store, progress=False)
    (path.parent / "later.txt").write_text("5")
    bundle = export_run(run.info.run_id[:8], workdir / "bundle.zip", store=store)
    shutil.rmtree(path.parent)

    folder = workdir / "unpacked"
    shutil.unpack_archive(bundle, folder)
    assert {one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()} == {
        "README.md", "run.json", "project/MLproject", "project/python_env.yaml",
        "project/train.ipynb", "project/helper.py", "project/deeper.py", "project/numbers.txt",
        f"outputs/{run.info.run_id}/files/made.txt",
    }  # fmt: skip
    readme = (folder / "README.md").read_text()
    assert "nbtrail reproduce bundle.zip --env recorded" in readme
    assert f"- {path.parent}/later.txt: other content now" in readme
    described = yaml.safe_load((folder / "project" / "MLproject").read_text())
    assert described["entry_points"]["main"] == {
        "notebook": "train.ipynb", "parameters": {"lr": {"default": "0.3"}},
    }  # fmt: skip

    (folder / "project" / "later.txt").write_text("5")
    (workdir / "outside.txt").rename(folder / "outside.txt")
    found = reproduced(folder, elsewhere)
    keys = [(one.kind, one.key) for one in found.attempts[0].differences]
    assert found.outcome == "diverged"
    assert {("metric", "loss"), ("artifact", "files/made.txt")} <= {*keys}
    assert ("param", "lr") not in keys
    assert elsewhere.runs.get(run.info.run_id).data.metrics == run.data.metrics
    new = elsewhere.runs.get(found.attempts[0].run_id)
    assert new.data.metrics["loss"] == pytest.approx(0.3 * 3 + 6)
    assert {one.key: one.typed for one in new.data.param_records} == {"lr": 0.3}
    assert found.notes == []


def test_a_command_reproduces_in_a_fresh_environment(
    store: Store, elsewhere: Store, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = wheels.offer(workdir, monkeypatch, "msgspec")
    run = of_wine(store, workdir)
    packages = Document.of({"packages": {**index, "nbtrail": "1"}})
    store.contexts.put(run.info.run_id, Context.of({"packages": packages}))
    bundle = export_run(run, workdir / "bundle.zip", store=store)
    shutil.rmtree(workdir / "wine")
    (workdir / ".nbtrail").rename(workdir / "gone")

    found = reproduced(bundle, elsewhere, env="recorded")
    (attempt,) = found.attempts
    keys = [(one.key, one.reproduced) for one in attempt.differences]
    assert (found.outcome, keys) == ("diverged", [("curve", None)])  # which no code has logged
    (environment,) = (workdir / "kept" / "nbtrail" / "environments").iterdir()
    assert elsewhere.runs.get(attempt.run_id).data.tags["mlflow.project.env"] == "uv"
    assert "wine" in {one.name for one in elsewhere.experiments.list()}
    assert next(environment.glob("lib/*/site-packages/msgspec")).is_dir()


def test_a_bundle_is_one_run_however_often_it_is_imported(
    store: Store, elsewhere: Store, workdir: Path
) -> None:
    shutil.copytree(WINE, workdir / "wine")
    run = projects.run(workdir / "wine", {"l1_ratio": 0.5, "note": "it's {x}"}, store=store)
    bundle = export_run(run, workdir / "bundle.zip", store=store)
    shutil.rmtree(workdir / "wine")
    for place in (elsewhere, store):
        assert reproduced(bundle, place).outcome == "identical"

    folder = workdir / "unpacked"
    shutil.unpack_archive(bundle, folder)
    (folder / "project" / "wine.csv").write_text("1,2,3\n")
    found = reproduced(folder, elsewhere)
    keys = {one.key for one in found.attempts[0].differences}
    assert (found.outcome, keys) == ("diverged", {"mae", "rows"})
    imported = elsewhere.runs.get(run.info.run_id)
    artifacts = ArtifactRepository(imported.info.artifact_uri)
    assert artifacts.read("output.log") == b"note: it's {x}\n"
    assert len(elsewhere.runs.search()[0]) == 3

    told = json.loads((folder / "run.json").read_text())
    told["runs"][0]["params"]["alpha"] = "7"
    (folder / "run.json").write_text(json.dumps(told))
    with pytest.raises(AlreadyExists, match="is not from this document"):
        reproduced(folder, elsewhere)


# What is no bundle


def packed(folder: Path, bundle: Path) -> None:
    shutil.make_archive(str(bundle.with_suffix("")), "zip", folder)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a bundle."""
    folder = tmp_path_factory.mktemp("good")
    (folder / "main.py").write_text("print('hello')")
    store = open_store(folder / ".nbtrail")
    run = projects.run(folder, entry_point="main.py", store=store)
    made = export_run(run, folder / "bundle.zip", store=store)
    shutil.unpack_archive(made, folder / "unpacked")
    return folder / "unpacked"


def with_entry(name: str, mode: int = 0o100644) -> Change:
    """Return what adds an entry to a zip file."""

    def change(bundle: Path) -> None:
        with zipfile.ZipFile(bundle, "a") as archive:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, "/etc/passwd")

    return change


def huge(bundle: Path) -> None:
    """Have a zip file say that one of its files is huge."""
    content = bytearray(bundle.read_bytes())
    struct.pack_into("<I", content, content.rindex(b"run.json") - 46 + 24, 0xFFFFFF00)
    bundle.write_bytes(content)


def broken(bundle: Path) -> None:
    """Change some bytes of a file in a zip file."""
    content = bytearray(bundle.read_bytes())
    at = content.index(b"run.json") + len("run.json")
    content[at : at + 20] = bytes(20)
    bundle.write_bytes(content)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (with_entry("../evil"), r"'\.\./evil' in it is no file, or leads out"),
        (with_entry("/tmp/evil"), "'/tmp/evil' in it is no file"),
        (with_entry("project/link", 0o120777), "'project/link' in it is no file"),
        (with_entry("project/pipe", 0o010644), "'project/pipe' in it is no file"),
        (with_entry("project/main.py/x"), "cannot be unpacked"),
        (with_entry("run.json"), "it has a file twice"),
        (huge, "it would be .* files of 42.. MB"),
        (broken, "cannot be unpacked"),
        (lambda bundle: bundle.write_text("no zip"), "cannot be unpacked: File is not a zip file"),
        (lambda bundle: bundle.unlink(), "There is no bundle"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_hostile_file_leaves_nothing_behind(
    good: Path, workdir: Path, monkeypatch: pytest.MonkeyPatch, change: Change, sentence: str
) -> None:
    (workdir / "temporary").mkdir()
    bundle = workdir / "bundle.zip"
    packed(good, bundle)
    change(bundle)
    monkeypatch.setattr(tempfile, "tempdir", str(workdir / "temporary"))
    with pytest.raises((InvalidValue, NotFound), match=sentence):
        nbtrail.reproduce(bundle)
    assert list((workdir / "temporary").iterdir()) == []
    assert {one.name for one in workdir.iterdir()} <= {"temporary", "bundle.zip"}


def without(name: str) -> Change:
    def change(folder: Path) -> None:
        place = folder / name
        shutil.rmtree(place) if place.is_dir() else place.unlink()

    return change


def saying(*path: object, value: object) -> Change:
    """Return what changes a value in a bundle's run.json."""

    def change(folder: Path) -> None:
        told = found = json.loads((folder / "run.json").read_text())
        for key in path[:-1]:
            found = found[key]
        found[path[-1]] = value
        (folder / "run.json").write_text(json.dumps(told))

    return change


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (without("run.json"), r"is no bundle: it has no run\.json"),
        (without("project"), "is no bundle: it has no project"),
        (lambda folder: (folder / "run.json").write_text("{"), "cannot be used: Input data was"),
        (lambda folder: (folder / "run.json").write_text("[" * 99999), "cannot be used"),
        (saying("runs", value=[]), "Expected `array` of length >= 1"),
        (saying("format", value=2), "format"),
        (saying("color", value="red"), "unknown field `color`"),
        (saying("runs", 0, "run_id", value="../x"), "a run without an id"),
        (saying("runs", 0, "status", value="RUNNING"), "Invalid enum value 'RUNNING'"),
        (saying("entry_point", value="none.py"), r"no entry point 'none\.py'"),
        (saying("runs", 0, "tags", value={}), r"does not say that 'main\.py' has been run"),
        (saying("runs", 0, "params", value={"": "1"}), "param"),
    ],
)
def test_a_bundle_with_a_mistake_is_not_imported(
    good: Path, elsewhere: Store, workdir: Path, change: Change, sentence: str
) -> None:
    shutil.copytree(good, workdir / "bundle")
    change(workdir / "bundle")
    with pytest.raises(NbtrailError, match=sentence):
        reproduced(workdir / "bundle", elsewhere)
    assert elsewhere.runs.search()[0] == []


# What cannot be exported


def test_what_cannot_be_exported_leaves_no_file(store: Store, workdir: Path) -> None:
    target = workdir / "bundle.zip"
    with nbtrail.start_run() as run, pytest.raises(InvalidState, match="has not ended yet"):
        export_run(run.run_id, target, store=store)
    with pytest.raises(InvalidValue, match="it has no trail"):
        export_run(run.run_id, target, store=store)
    with pytest.raises(NotFound, match=r"The folder .* does not exist"):
        export_run(run.run_id, workdir / "none" / "bundle.zip", store=store)
    target.write_text("mine")
    with pytest.raises(AlreadyExists, match="--force replaces it"):
        export_run(run.run_id, target, store=store)
    assert target.read_text() == "mine"
    assert [one.name for one in workdir.iterdir() if "bundle" in one.name] == ["bundle.zip"]


def test_a_project_with_a_step_of_another_folder_cannot_be_exported(
    store: Store, workdir: Path
) -> None:
    shutil.copytree(WINE, workdir / "wine")
    (workdir / "steps").mkdir()
    steps = "entry_points: {main: {steps: {other: {uses: ../wine, params: {l1_ratio: 1}}}}}"
    (workdir / "steps" / "MLproject").write_text(steps)
    tags = {"mlflow.source.name": str(workdir / "steps"), ENTRY_POINT: "main"}
    group = store.experiments.ensure("steps").experiment_id
    run = store.runs.create(group, tags=tags)
    store.runs.end(run.info.run_id, "FINISHED")
    with pytest.raises(InvalidValue, match=r"The step 'other' uses '\.\./wine', which is not in"):
        export_run(run.info.run_id, workdir / "bundle.zip", store=store)
    assert not (workdir / "bundle.zip").exists()
