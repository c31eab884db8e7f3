"""Where projects come from: what is an address, what is recorded of it, and what git is told."""

from pathlib import Path

import pytest

from nbtrail.errors import NotFound
from nbtrail.projects import sources

from .conftest import git


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("git@example.org:team/wine.git", True),
        ("deploy-1@git.example.org:wine", True),
        ("git+ssh://git@example.org/wine", True),
        ("https://example.org/wine.git#projects/wine", True),
        ("models:/wine/1", False),
        ("projects/me@here:wine", False),
        ("-oProxyCommand=x@host:wine", False),
    ],
)
def test_what_is_the_address_of_a_repository(target: str, expected: bool) -> None:
    assert sources.is_git(target) is expected


@pytest.mark.parametrize("name", ["a#b", "me@here:wine", "x" * 200])
def test_a_directory_is_one_whatever_its_name(workdir: Path, name: str) -> None:
    (workdir / name / "inside").mkdir(parents=True)
    for target in (name, f"{name}#inside"):
        with sources.opened(target) as source:
            assert source.directory == workdir / target.replace("#inside", "/inside")
            assert (source.uri, source.commit) == (str(source.directory), None)


def test_nothing_secret_in_an_address_is_recorded_or_told(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "https://me:secret@localhost:1"
    for name, value in (
        ("COUNT", "1"),
        ("KEY_0", f"url.{repository.parent.as_uri()}/.insteadOf"),
        ("VALUE_0", f"{secret}/team/"),
    ):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    with sources.opened(f"git+{secret}/team/repository#projects/wine") as source:
        assert (source.directory / "MLproject").is_file()
        assert source.repository == "https://localhost:1/team/repository"
        assert source.uri == f"git+{source.repository}#projects/wine"
    with sources.opened(f"{secret}/team/repository") as source:
        assert source.directory.name == "repository"
    with (
        pytest.raises(NotFound, match=r"clone https://localhost:1/x\.git") as told,
        sources.opened(f"{secret}/x.git"),
    ):
        pass
    assert "secret" not in str(told.value)


def test_a_directory_inside_a_repository_has_versions_too(repository: Path) -> None:
    with sources.opened(str(repository / "projects" / "wine"), "old") as source:
        assert source.directory.parts[-2:] == ("projects", "wine")
        assert source.commit == git(repository, "rev-parse", "old")
    address = source.uri
    assert address == f"{repository.as_uri()}#projects/wine"
    bare = repository.parent / "bare.git"
    git(repository, "clone", "--bare", ".", str(bare))
    with sources.opened(f"{bare}#projects/wine", "old") as source:
        assert (source.directory / "MLproject").is_file()
