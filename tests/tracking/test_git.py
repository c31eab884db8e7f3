"""What git knows of the user's code, from real repositories; hostile ones run nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import nbtrail
from nbtrail.tracking.context import git as git_module
from nbtrail.tracking.context import recording
from nbtrail.tracking.context.git import DIFF_LIMIT, Git, state_of

USER = ("-c", "user.name=me", "-c", "user.email=me@example.com")


def git(*arguments: str) -> str:
    command = ["git", *USER, "-c", "init.defaultBranch=main", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture(autouse=True)
def no_settings_of_the_developers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def found() -> dict[str, Any]:
    document = Git().document()
    assert document is not None
    return dict(document)


@pytest.fixture
def repository(workdir: Path) -> Path:
    git("init")
    Path("train.py").write_text("lr = 0.1\n")
    git("add", ".")
    git("commit", "-m", "first")
    return workdir


def test_a_clean_repository(repository: Path) -> None:
    git("remote", "add", "other", "https://example.com/other.git")
    git("remote", "add", "origin", "https://me:secret@example.com/a.git")
    assert found() == {
        "root": str(repository),
        "commit": git("rev-parse", "HEAD"),
        "branch": "main",
        "remote": "https://example.com/a.git",
        "dirty": False,
        "changed": [],
        "untracked": [],
        "not_named": 0,
    }


def test_runs_have_mlflows_tags(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "_recording", recording._Recording())
    git("remote", "add", "origin", "git@example.com:a.git")
    with nbtrail.start_run() as run:
        pass
    tags = {key: tag for key, tag in run.data.tags.items() if key.startswith("mlflow.source.git")}
    assert tags == {
        "mlflow.source.git.commit": git("rev-parse", "HEAD"),
        "mlflow.source.git.branch": "main",
        "mlflow.source.git.repoURL": "git@example.com:a.git",
    }
    assert nbtrail.get_run_context(run.run_id)["git"]["root"] == str(repository)
    assert found()["untracked"] == []  # the store is none of the user's files


def test_what_is_uncommitted(repository: Path) -> None:
    Path("sub").mkdir()
    for name in ("sub/moved.py", "notes.ipynb", "with space.py"):
        Path(name).write_text("".join(f"line {n} of {name}\n" for n in range(20)))
    git("add", ".")
    git("commit", "-m", "second")
    Path("train.py").write_text("lr = 0.2\n")
    Path("notes.ipynb").write_text("{}")
    Path("with space.py").write_text("")
    git("mv", "sub/moved.py", "sub/now.py")
    Path("new.py").write_text("secret = 1")
    Path("café.txt").write_text("")
    os.chdir("sub")
    state = found()
    assert state["dirty"]
    assert sorted(state["changed"]) == ["notes.ipynb", "sub/now.py", "train.py", "with space.py"]
    assert sorted(state["untracked"]) == ["café.txt", "new.py"]
    assert "-lr = 0.1\n+lr = 0.2\n" in state["diff"]
    assert "secret" not in state["diff"]
    assert "notes.ipynb" not in state["diff"]
    assert state["note"] == "The diff is without notebooks."
    os.chdir(repository)
    git("stash")
    git("apply", "--check", "--include=train.py", _saved(state["diff"]))


def _saved(diff: str) -> str:
    path = Path(".git/saved.diff")
    path.write_text(diff)
    return str(path)


def test_a_huge_diff_is_cut(repository: Path) -> None:
    Path("train.py").write_text("x = 1\n" * DIFF_LIMIT)
    state = found()
    assert len(state["diff"]) == DIFF_LIMIT
    assert state["note"].endswith(f"It was cut off after {DIFF_LIMIT} bytes.")


def test_many_files_are_counted(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_module, "_MOST_PATHS", 2)
    for number in range(5):
        Path(f"{number}.txt").write_text("")
    assert (len(found()["untracked"]), found()["not_named"]) == (2, 3)


def test_before_the_first_commit_and_off_a_branch(workdir: Path) -> None:
    git("init")
    Path("a.py").write_text("")
    git("add", ".")
    state = found()
    assert (state["commit"], state["branch"], state["dirty"]) == (None, "main", True)
    assert "diff" not in state
    git("commit", "-m", "first")
    git("checkout", "--detach")
    assert (found()["branch"], found()["remote"]) == (None, None)


def test_names_and_content_of_any_bytes(repository: Path) -> None:
    Path(os.fsdecode(b"caf\xe9.py")).write_text("")
    Path("train.py").write_bytes(b"lr = '\xff'\n")
    state = found()
    assert state["untracked"] == ["caf\\xe9.py"]
    assert "+lr = '\ufffd'" in state["diff"]
    nbtrail.store.contexts.Document.of(state)


def test_no_repository_or_no_git(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Git().document() is None
    Path(".git").mkdir()  # not one of git's
    assert Git().document() is None
    git("init")
    monkeypatch.setenv("PATH", str(workdir))
    assert Git().document() is None


def test_a_repository_runs_nothing_of_its_own(repository: Path) -> None:
    trap = Path(".git/trap")
    trap.write_text("#!/bin/sh\ntouch .git/sprung\ncat\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "diff.external", "diff.x.textconv", "diff.x.command"):
        git("config", key, str(trap.resolve()))
    git("config", "core.pager", str(trap.resolve()))
    Path(".gitattributes").write_text("*.py diff=x\n")
    Path("train.py").write_text("lr = 0.2\n")
    index = Path(".git/index").read_bytes()
    assert "+lr = 0.2" in found()["diff"]
    assert not Path(".git/sprung").exists()
    assert Path(".git/index").read_bytes() == index


def test_a_git_that_hangs_is_asked_once(
    repository: Path, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = workdir / "tools"
    tools.mkdir()
    (tools / "git").write_text("#!/bin/sh\nsleep 60 & sleep 60\n")
    (tools / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setattr(git_module, "PATIENCE_S", 0.3)
    provider = Git()
    assert provider.document() == {"note": "git has not answered within 0.3 s."}
    assert provider.lifetime == float("inf")
    assert not provider.tags()


def test_a_script_elsewhere_is_in_its_own_repository(repository: Path) -> None:
    Path("show.py").write_text(
        "from nbtrail.tracking.context.git import Git\nprint(Git().document()['root'])"
    )
    command = [sys.executable, str(repository / "show.py")]
    ran = subprocess.run(command, cwd="/", capture_output=True, text=True, check=True)
    assert ran.stdout == f"{repository}\n"


def test_a_state_can_be_made_again(repository: Path) -> None:
    (repository / "a.ipynb").write_text("{}")
    (repository / "picture").write_bytes(bytes(range(9)))
    git("add", ".")
    git("commit", "-m", "more")
    clean = state_of(repository)
    for name, content in {"a.ipynb": b"[]", "picture": bytes(9), "train.py": b"lr = 0.2"}.items():
        (repository / name).write_bytes(content)
    (repository / "sub").mkdir()
    (repository / "sub" / "new.py").touch()
    dirty = state_of(repository / "sub")
    assert clean is not None
    assert dirty is not None
    assert (clean["diff"], dirty["untracked"]) == ("", ["sub/"])
    assert clean["digest"] != dirty["digest"]
    git("checkout", ".")
    (repository.parent / "diff").write_text(dirty["diff"])
    git("apply", str(repository.parent / "diff"))
    assert state_of(repository) == dirty
