"""Where the store is: the order of `config.locate`, and what is not trusted."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from nbtrail import config
from nbtrail.config import Location, locate


@pytest.fixture
def project(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work two folders below a home directory that has no store yet."""
    monkeypatch.setenv("HOME", str(workdir))
    folder = workdir / "project" / "notebooks"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


def plant(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `store` another user's: only root can give it away, others become somebody else."""
    if os.getuid() == 0:
        os.chown(store, 12345, -1, follow_symlinks=False)
    else:
        monkeypatch.setattr(os, "getuid", lambda: 12345)


def test_default_is_the_current_directory(project: Path) -> None:
    assert locate() == Location(str(project / ".nbtrail"), "default")
    assert not (project / ".nbtrail").exists()


def test_an_argument_comes_before_everything(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / ".nbtrail").mkdir()
    monkeypatch.setenv("NBTRAIL_TRACKING_URI", "/elsewhere")
    assert locate("sqlite:///runs.db") == Location("sqlite:///runs.db", "argument")
    assert locate(project / "here") == Location(str(project / "here"), "argument")


def test_the_environment_comes_before_the_ancestors(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / ".nbtrail").mkdir()
    monkeypatch.setenv("NBTRAIL_TRACKING_URI", "sqlite:///runs.db")
    assert locate() == Location("sqlite:///runs.db", "environment")


def test_mlflows_tracking_uri_is_never_followed(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://elsewhere:5000")
    assert locate().origin == "default"


def test_the_nearest_ancestor_is_found(project: Path, workdir: Path) -> None:
    for folder in (workdir, project.parent):
        (folder / ".nbtrail").mkdir()
    assert locate() == Location(str(project.parent / ".nbtrail"), "ancestor")
    assert locate(start=workdir) == Location(str(workdir / ".nbtrail"), "ancestor")


def test_the_search_ends_at_the_home_directory(
    project: Path, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workdir / ".nbtrail").mkdir()
    monkeypatch.setenv("HOME", str(project.parent))
    assert locate().origin == "default"


def test_the_search_ends_where_another_file_system_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/nowhere")
    assert locate(start=Path("/proc/self")).origin == "default"


def test_a_file_of_that_name_is_no_store(project: Path) -> None:
    (project.parent / ".nbtrail").touch()
    assert locate().origin == "default"


def test_a_planted_store_is_not_trusted(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = project.parent / ".nbtrail"
    planted.mkdir()
    plant(planted, monkeypatch)
    assert locate() == Location(str(project / ".nbtrail"), "default")


def test_a_planted_link_is_not_trusted(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "mine").mkdir()
    link = project.parent / ".nbtrail"
    link.symlink_to(project / "mine")
    plant(link, monkeypatch)
    assert locate().origin == "default"


def test_the_servers_store_is_for_those_below_its_root(
    project: Path, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = str(workdir / "served" / ".nbtrail")
    monkeypatch.setenv("NBTRAIL_SERVER_STORE", store)
    assert locate() == Location(store, "server")
    monkeypatch.setenv("NBTRAIL_SERVER_ROOT", str(project.parent))
    assert locate() == Location(store, "server")
    monkeypatch.setenv("NBTRAIL_SERVER_ROOT", str(project / "below"))
    assert locate().origin == "default"


def test_the_servers_root_may_be_a_link(
    project: Path, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workdir / "link").symlink_to(project.parent)
    monkeypatch.setenv("NBTRAIL_SERVER_STORE", "/served/.nbtrail")
    monkeypatch.setenv("NBTRAIL_SERVER_ROOT", str(workdir / "link"))
    assert locate().origin == "server"


def test_a_relative_server_store_is_ignored(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBTRAIL_SERVER_STORE", "served/.nbtrail")
    assert locate().origin == "default"


def test_an_ancestor_comes_before_the_server(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / ".nbtrail").mkdir()
    monkeypatch.setenv("NBTRAIL_SERVER_STORE", "/served/.nbtrail")
    assert locate().origin == "ancestor"


@pytest.mark.parametrize(
    ("asked", "own", "mlflows"),
    [
        (config.experiment_name, "NBTRAIL_EXPERIMENT", "MLFLOW_EXPERIMENT_NAME"),
        (config.run_id, "NBTRAIL_RUN_ID", "MLFLOW_RUN_ID"),
    ],
)
def test_mlflows_names_are_fallbacks(
    asked: object, own: str, mlflows: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(asked)
    assert asked() is None
    monkeypatch.setenv(mlflows, "theirs")
    assert asked() == "theirs"
    monkeypatch.setenv(own, "ours")
    assert asked() == "ours"


def test_nothing_is_made_by_looking(project: Path, workdir: Path) -> None:
    locate()
    shutil.rmtree(project)
    assert [path.name for path in workdir.iterdir()] == ["project"]
