"""Datasets of files: bytes and names, whatever else is in the directory."""

from __future__ import annotations

import os
from pathlib import Path

import fsspec
import pytest

import nbtrail
from nbtrail.errors import InvalidValue, NotFound


def test_a_file(workdir: Path) -> None:
    Path("x.csv").write_text("a,b\n1,2\n")
    dataset = nbtrail.data.from_file("x.csv")
    assert (dataset.name, dataset.path) == ("x.csv", str(workdir / "x.csv"))
    assert dataset.source.to_dict() == {"uri": str(workdir / "x.csv")}
    assert dataset.source_type == "local"
    assert dataset.profile == {"num_files": 1, "num_bytes": 8}
    assert dataset.to_entity().schema is None
    same = nbtrail.data.from_file(f"file://{workdir}/x.csv")
    assert same.to_dict() == dataset.to_dict()
    Path("y.csv").write_text("a,b\n1,2\n")
    assert nbtrail.data.from_file("y.csv").digest == dataset.digest
    Path("y.csv").write_text("a,b\n1,3\n")
    assert nbtrail.data.from_file("y.csv").digest != dataset.digest


def test_a_given_digest_and_source() -> None:
    Path("x.csv").write_text("a")
    dataset = nbtrail.data.from_file("x.csv", "https://a:b@h/x.csv", "sales", digest="v7")
    assert (dataset.name, dataset.digest) == ("sales", "v7")
    assert dataset.source.to_dict() == {"url": "https://h/x.csv"}


def test_a_directory() -> None:
    for name, text in {"a/1.txt": "one", "a/b/2.txt": "two", "3.txt": ""}.items():
        Path("data", name).parent.mkdir(parents=True, exist_ok=True)
        Path("data", name).write_text(text)
    first = nbtrail.data.from_file("data/")
    assert (first.name, first.profile) == ("data", {"num_files": 3, "num_bytes": 6})
    Path("data").rename("moved")
    assert nbtrail.data.from_file("moved").digest == first.digest
    Path("moved/3.txt").rename("moved/4.txt")
    renamed = nbtrail.data.from_file("moved")
    Path("moved/a/1.txt").write_text("two")
    Path("moved/a/b/2.txt").write_text("one")
    assert len({first.digest, renamed.digest, nbtrail.data.from_file("moved").digest}) == 3


def test_links_to_folders_are_not_followed() -> None:
    Path("data").mkdir()
    Path("data/x").write_text("x")
    alone = nbtrail.data.from_file("data").digest
    Path("data/loop").symlink_to(".")
    assert nbtrail.data.from_file("data").digest == alone
    Path("data/y").symlink_to("x")
    assert nbtrail.data.from_file("data").profile["num_files"] == 2


def test_what_is_no_file_is_told() -> None:
    with pytest.raises(NotFound, match=r"no file '.*/nowhere'"):
        nbtrail.data.from_file("nowhere")
    with pytest.raises(InvalidValue, match="'/dev/null' is neither a file nor a directory"):
        nbtrail.data.from_file(os.devnull)
    Path("data").mkdir()
    os.mkfifo("data/pipe")
    with pytest.raises(InvalidValue, match="pipe' is neither a file nor"):
        nbtrail.data.from_file("data")
    Path("data/pipe").unlink()
    Path("data/dangling").symlink_to("nowhere")
    with pytest.raises(InvalidValue, match="dangling' cannot be read"):
        nbtrail.data.from_file("data")


def test_names_of_any_bytes_can_be_stored() -> None:
    name = os.fsdecode(b"caf\xe9.csv")
    Path(name).write_text("x")
    assert nbtrail.data.from_file(name).to_entity().name == "caf\\xe9.csv"


def test_a_file_elsewhere() -> None:
    Path("x.csv").write_bytes(b"a,b")
    with fsspec.open("memory://x.csv", "wb") as file:
        file.write(b"a,b")
    dataset = nbtrail.data.from_file("memory://x.csv")
    assert (dataset.name, dataset.source_type) == ("x.csv", "memory")
    assert dataset.digest == nbtrail.data.from_file("x.csv").digest
    assert dataset.profile == {"num_files": 1, "num_bytes": 3}
    with pytest.raises(NotFound, match="no file 'memory://nowhere'"):
        nbtrail.data.from_file("memory://nowhere")
    with pytest.raises(InvalidValue, match=r"'nosuch://x' cannot be read .*nosuch"):
        nbtrail.data.from_file("nosuch://x")
