"""Files of runs: logging them, and getting them back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import nbtrail
from nbtrail.errors import InvalidValue, NotFound


def test_files_are_kept(workdir: Path) -> None:
    source = workdir / "made"
    source.mkdir()
    (source / "a.txt").write_text("a")
    with nbtrail.start_run() as run:
        nbtrail.log_artifact(source / "a.txt")
        nbtrail.log_artifact(str(source / "a.txt"), "deep/er")
        nbtrail.log_artifact(source)
        nbtrail.log_artifacts(str(source), "all")
        nbtrail.log_text("größe", "notes/n.txt")
        nbtrail.log_dict({"a": [1, None]}, "d.json")
        nbtrail.log_dict({"b": 1, "a": [2]}, "d.yaml")
        root = Path(nbtrail.get_artifact_uri())
        assert nbtrail.get_artifact_uri("d.json") == f"{root}/d.json"
    assert root == Path(run.info.artifact_uri)
    found = {p.relative_to(root).as_posix(): p.read_text() for p in root.rglob("*") if p.is_file()}
    assert json.loads(found.pop("d.json")) == {"a": [1, None]}
    assert found == {
        "a.txt": "a", "deep/er/a.txt": "a", "made/a.txt": "a", "all/a.txt": "a",
        "notes/n.txt": "größe", "d.yaml": "b: 1\na:\n- 2\n",
    }  # fmt: skip


def test_a_missing_file_opens_no_run() -> None:
    with pytest.raises(NotFound, match=r"no file 'nowhere.txt'"):
        nbtrail.log_artifact("nowhere.txt")
    with pytest.raises(InvalidValue, match="not an artifact path"):
        nbtrail.log_text("x", "../x")
    assert not Path(".nbtrail").exists()


def test_a_missing_file_is_pythons_error_too() -> None:
    with pytest.raises(FileNotFoundError):
        nbtrail.log_artifact("nowhere.txt")


def test_figures_of_matplotlib_and_plotly() -> None:
    import matplotlib.pyplot as plt
    import plotly.graph_objects as go

    figure, axes = plt.subplots()
    axes.plot([1, 2])
    plotted = go.Figure(go.Scatter(y=[1, 2]))
    with nbtrail.start_run() as run:
        nbtrail.log_figure(figure, "a.png")
        nbtrail.log_figure(figure, "plots/a.svg")
        nbtrail.log_figure(plotted, "b.html")
        nbtrail.log_figure(plotted, "b.json")
        with pytest.raises(InvalidValue, match=r"\.html or \.json"):
            nbtrail.log_figure(plotted, "b.png")
        with pytest.raises(InvalidValue, match="not a int"):
            nbtrail.log_figure(3, "c.png")
    plt.close(figure)
    root = Path(run.info.artifact_uri)
    assert (root / "a.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (root / "plots" / "a.svg").read_text()
    assert "<html" in (root / "b.html").read_text()
    assert json.loads((root / "b.json").read_text())["data"]
    assert not (root / "b.png").exists()
