"""What of a directory is kept, and what is left out and told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nbtrail.artifacts import ArtifactRepository
from nbtrail.errors import InvalidValue, NotFound


@pytest.fixture
def made(workdir: Path) -> Path:
    """Return a directory to upload, beside a secret."""
    (workdir / "secrets").mkdir()
    (workdir / "secrets" / "key").write_text("secret")
    (workdir / "made" / "deep").mkdir(parents=True)
    (workdir / "made" / "deep" / "real").write_text("real")
    return workdir / "made"


def kept(artifacts: ArtifactRepository) -> dict[str, bytes]:
    return {info.path: artifacts.read(info.path) for info in artifacts.walk()}


def test_a_link_to_a_file_inside_is_that_file(local: ArtifactRepository, made: Path) -> None:
    (made / "latest").symlink_to("deep/real")
    (made / "deep" / "again").symlink_to(made / "latest")
    local.upload(made)
    assert kept(local) == {"deep/real": b"real", "latest": b"real", "deep/again": b"real"}
    assert not any(path.is_symlink() for path in local.local_path().rglob("*"))


def test_what_is_left_out_is_told(
    local: ArtifactRepository, made: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (made / "out").symlink_to("../secrets/key")
    (made / "folder").symlink_to("../secrets")
    (made / "cycle").symlink_to(made)
    (made / "itself").symlink_to("itself")
    (made / "nowhere").symlink_to("missing")
    local.upload(made, "all")
    assert kept(local) == {"all/deep/real": b"real"}
    (record,) = caplog.records
    assert record.name == "nbtrail"
    assert record.getMessage() == (
        f"Of '{made}', nbtrail left out: cycle (a link to a folder), folder (a link to a folder), "
        "itself (leads nowhere), nowhere (leads nowhere), out (a link out of the directory)."
    )


def test_pipes_and_names_that_no_artifact_has(
    local: ArtifactRepository, made: Path, caplog: pytest.LogCaptureFixture
) -> None:
    os.mkfifo(made / "pipe")
    (made / "two\nlines").write_text("x")
    (made / ".nbtrail-part-1").write_text("x")
    (made / "back\\slash").write_text("x")
    Path(os.fsdecode(bytes(made) + b"/latin-\xe4")).write_text("x")
    local.upload(made)
    assert kept(local) == {"deep/real": b"real"}
    text = caplog.text
    assert "pipe (not a file)" in text
    assert text.count("(no name for an artifact)") == 4
    assert "two\nlines" not in text


def test_a_store_within_the_directory_is_left_out(
    local: ArtifactRepository, workdir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Else each upload of the working directory would hold all those before it."""
    (workdir / "notes").write_text("x")
    local.write("first", b"x")
    local.upload(workdir)
    local.upload(workdir)
    assert kept(local) == {"first": b"x", "notes": b"x"}
    assert "artifacts (a store of artifacts)" in caplog.text


def test_what_is_named_is_followed_or_refused(local: ArtifactRepository, made: Path) -> None:
    """Who names a link means what it leads to; the artifact has the name that was given."""
    (made / "link").symlink_to("../secrets/key")
    (made / "dir").symlink_to("../secrets")
    (made / "nowhere").symlink_to("missing")
    os.mkfifo(made / "pipe")
    local.upload(made / "link")
    local.upload(made / "dir", "d")
    assert kept(local) == {"link": b"secret", "d/key": b"secret"}
    with pytest.raises(NotFound, match=r"no file '.*nowhere'"):
        local.upload(made / "nowhere")
    with pytest.raises(InvalidValue, match="neither a file nor a directory"):
        local.upload(made / "pipe")
    (made / "two\nlines").write_text("x")
    with pytest.raises(InvalidValue, match="not an artifact path"):
        local.upload(made / "two\nlines")


def test_what_follows_links_stays_out_of_other_places_too(sftp: str, made: Path) -> None:
    artifacts = ArtifactRepository(sftp)
    (made / "latest").symlink_to("deep/real")
    (made / "out").symlink_to("../secrets/key")
    artifacts.upload(made)
    assert kept(artifacts) == {"deep/real": b"real", "latest": b"real"}
