"""Images, figures, histograms and tables, as files of runs."""

from __future__ import annotations

import io
import json
import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import nbtrail
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.tracking import media
from store import scripts


def files(run: nbtrail.ActiveRun) -> dict[str, bytes]:
    root = Path(run.artifact_uri)
    found = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def pixels(data: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(data)))


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.array([[0, 255]], dtype=np.uint8), [[0, 255]]),
        (np.array([[0, 255]], dtype=np.int64), [[0, 255]]),
        (np.array([[0.0, 0.5, 2.0, math.nan]]), [[0, 128, 255, 0]]),
        (np.array([[True, False]]), [[255, 0]]),
        (np.zeros((1, 2, 1), dtype=np.uint8), [[0, 0]]),
        (np.full((1, 1, 3), 7), [[[7, 7, 7]]]),
        (np.full((1, 1, 4), 7), [[[7, 7, 7, 7]]]),
        ([[1, 2]], [[1, 2]]),
    ],
)
def test_arrays_are_images(array: Any, expected: Any) -> None:
    (data,) = media.images(array, "a.png").values()
    assert pixels(data).tolist() == expected


@pytest.mark.parametrize(
    "array",
    [
        np.array([[256]]), np.array([[-1]]), np.array(1), np.zeros((1, 1, 2)), np.zeros((0, 3)),
        np.array([["a"]]), np.array([[1j]]), object(), None, "text", np.zeros((1, 1, 1, 3)),
    ],
)  # fmt: skip
def test_what_is_no_image_is_told(array: Any) -> None:
    with pytest.raises(InvalidValue):
        nbtrail.log_image(array, "a.png")
    assert nbtrail.active_run() is None


def test_images_as_files() -> None:
    import matplotlib.pyplot as plt

    figure, _ = plt.subplots()
    transparent = Image.new("RGBA", (2, 2), (255, 0, 0, 128))
    with nbtrail.start_run() as run:
        nbtrail.log_image(transparent, "a.png")
        nbtrail.log_image(transparent, "deep/a.jpg")
        nbtrail.log_image(figure, "figure.webp")
        for wrong in ("a.txt", "../a.png"):
            with pytest.raises(InvalidValue):
                nbtrail.log_image(transparent, wrong)
        with pytest.raises(InvalidValue, match="only in a series"):
            nbtrail.log_image(transparent, "a.png", step=1)
        for arguments in ({}, {"artifact_file": "a.png", "key": "a"}):
            with pytest.raises(InvalidValue, match="either artifact_file"):
                nbtrail.log_image(transparent, **arguments)
    plt.close(figure)
    found = files(run)
    assert {name: Image.open(io.BytesIO(data)).format for name, data in found.items()} == {
        "a.png": "PNG",
        "deep/a.jpg": "JPEG",
        "figure.webp": "WEBP",
    }


def test_a_series_of_images_has_key_and_step_in_its_names() -> None:
    with nbtrail.start_run() as run:
        for step in range(2):
            nbtrail.log_image(np.zeros((600, 300)), key="val/dogs", step=step, timestamp=5)
        with pytest.raises(InvalidValue):
            nbtrail.log_image(np.zeros((2, 2)), key="a=b")
    names = sorted(files(run))
    assert [name.split("%")[:5] for name in names if name.endswith(".png")] == [
        ["images/val#dogs", "step", str(step), "timestamp", "5"] for step in range(2)
    ]
    small = [data for name, data in files(run).items() if name.endswith("%compressed.webp")]
    assert [pixels(data).shape[:2] for data in small] == [(256, 128)] * 2


def test_figures_take_options() -> None:
    import matplotlib.pyplot as plt

    figure, _ = plt.subplots(figsize=(1, 1))
    with nbtrail.start_run() as run:
        nbtrail.log_figure(figure, "a.png", save_kwargs={"dpi": 50})
        with pytest.raises(InvalidValue, match="cannot be saved"):
            nbtrail.log_figure(figure, "a.docx")
    plt.close(figure)
    assert pixels(files(run)["a.png"]).shape[:2] == (50, 50)


# Histograms


def test_histograms_count_values_or_take_counts() -> None:
    with nbtrail.start_run() as run:
        values = np.array([[0.0, 1.0], [1.0, math.nan]])
        nbtrail.log_histogram(values, "weights", step=3, bins=2)
        nbtrail.log_histogram([5, 7], "given", edges=[0, 1, 2])
        nbtrail.log_histogram([], "empty", bins=1)
    found = {
        name.split("%")[0]: json.loads(data)
        for name, data in files(run).items()
        if name.startswith("histograms/")
    }
    assert found["histograms/weights"] == {
        "key": "weights", "step": 3, "edges": [0.0, 0.5, 1.0], "counts": [1, 2], "not_finite": 1,
    }  # fmt: skip
    assert found["histograms/given"]["counts"] == [5.0, 7.0]
    assert found["histograms/empty"]["counts"] == [0]


@pytest.mark.parametrize(
    ("values", "options"),
    [
        (["a"], {}),
        ([1], {"bins": 0}),
        ([1], {"edges": [0]}),
        ([1, 2], {"edges": [0, 2, 1]}),
        ([-1], {"edges": [0, 1]}),
        ([math.nan], {"edges": [0, 1]}),
        ([1], {"edges": ["a", "b"]}),
        (object(), {}),
    ],
)
def test_what_is_no_histogram_is_told(values: Any, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue, match="The histogram 'a' cannot be made"):
        nbtrail.log_histogram(values, "a", **options)
    assert nbtrail.active_run() is None


# Tables


def test_rows_are_added_to_a_table() -> None:
    with nbtrail.start_run() as run:
        nbtrail.log_table({"a": [1, 2], "b": ["x", None]}, "t.json")
        nbtrail.log_table({"a": 3, "b": "ü"}, "t.json")
        nbtrail.log_table(pd.DataFrame({"a": [4], "c": [math.nan]}), "t.json")
        nbtrail.log_table({"when": [pd.Timestamp("2026-11-01")], "x": [object]}, "deep/u.json")
    document = json.loads(files(run)["t.json"])
    assert document["columns"] == ["a", "b", "c"]
    assert document["data"][:3] == [[1, "x", None], [2, None, None], [3, "ü", None]]
    frame = nbtrail.load_table("t.json", extra_columns=["run_id", "start_time", "params.lr"])
    assert list(frame["a"]) == [1, 2, 3, 4]
    assert set(frame["run_id"]) == {run.run_id}
    assert frame["start_time"][0].timestamp() * 1000 == run.info.start_time
    assert json.loads(run.data.tags["mlflow.loggedArtifacts"]) == [
        {"path": "t.json", "type": "table"},
        {"path": "deep/u.json", "type": "table"},
    ]


def test_tables_of_several_runs() -> None:
    runs = []
    for number in range(3):
        with nbtrail.start_run() as run:
            nbtrail.log_param("n", number)
            if number:
                nbtrail.log_table({"a": [number]}, "t.json")
            runs.append(run.run_id)
    frame = nbtrail.load_table("t.json", extra_columns=["params.n"])
    assert sorted(zip(frame["a"], frame["params.n"], strict=True)) == [(1, "1"), (2, "2")]
    assert list(nbtrail.load_table("t.json", run_ids=runs[:2])["a"]) == [1]
    with pytest.raises(NotFound, match="None of 1 runs has a table"):
        nbtrail.load_table("t.json", run_ids=runs[:1])
    with pytest.raises(InvalidValue, match="no column 'colour'"):
        nbtrail.load_table("t.json", extra_columns=["colour"])


@pytest.mark.parametrize(
    ("data", "file"),
    [
        ({"a": [1, 2], "b": [1]}, "t.json"),
        ([1, 2], "t.json"),
        ({"a": 1}, "t.csv"),
        ({"a": 1}, "../t.json"),
    ],
)
def test_what_is_no_table_is_told(data: Any, file: str) -> None:
    with pytest.raises(InvalidValue):
        nbtrail.log_table(data, file)
    assert nbtrail.active_run() is None


def test_a_file_that_is_no_table_is_told() -> None:
    with nbtrail.start_run():
        nbtrail.log_table({"a": 1}, "t.json")
        nbtrail.log_text("{}", "t.json")
        with pytest.raises(InvalidValue, match="cannot be read"):
            nbtrail.log_table({"a": 1}, "t.json")


def test_no_row_is_lost_among_threads_and_processes() -> None:
    with nbtrail.start_run() as run:
        script = """
        import nbtrail, os
        for row in range(10):
            nbtrail.log_table({"a": row}, "t.json")
        """
        others = [scripts.start(script, NBTRAIL_RUN_ID=run.run_id) for _ in range(2)]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda row: nbtrail.log_table({"a": row}, "t.json"), range(20)))
        scripts.finish(others)
    assert sorted(nbtrail.load_table("t.json")["a"]) == sorted([*range(20), *range(10), *range(10)])


def test_an_image_of_its_own_class(workdir: Path) -> None:
    Image.new("RGB", (2, 1), (1, 2, 3)).save(workdir / "there.png")
    for given in (workdir / "there.png", str(workdir / "there.png"), np.full((1, 2, 3), (1, 2, 3))):
        image = nbtrail.Image(given)
        assert image.size == (2, 1)
        assert image.to_list() == [(1, 2, 3)] * 2
    with nbtrail.start_run() as run:
        nbtrail.log_image(image, "again.png")
    assert pixels(files(run)["again.png"]).tolist() == [[[1, 2, 3]] * 2]
    with pytest.raises(FileNotFoundError, match=r"no image 'none\.png'"):
        nbtrail.Image("none.png")
    (workdir / "text.png").write_text("text")
    with pytest.raises(InvalidValue, match="is no image"):
        nbtrail.Image("text.png")


@pytest.mark.parametrize("file", ["t.json", "deep/t.parquet"])
def test_images_in_a_table_are_files_that_it_names(file: str) -> None:
    image = nbtrail.Image(np.zeros((400, 2), dtype=np.uint8))
    with nbtrail.start_run() as run:
        nbtrail.log_table({"n": [1, 2], "picture": [image, None]}, file)
        nbtrail.log_table({"n": 3, "picture": image}, file)
    first, nothing, third = nbtrail.load_table(file)["picture"]
    assert nothing is None
    assert first["type"] == third["type"] == "image"
    kept = files(run)
    assert pixels(kept[first["filepath"]]).shape == (400, 2)
    assert pixels(kept[third["compressed_filepath"]]).shape[0] == media.THUMBNAIL


def test_a_histogram_may_have_its_name_first() -> None:
    with nbtrail.start_run() as run:
        nbtrail.log_histogram("w", [1, 2, 3], 0)  # type: ignore[arg-type]
    (name,) = files(run)
    assert name.startswith("histograms/w%step%0")


def test_streams_are_kept() -> None:
    with nbtrail.start_run() as run:
        nbtrail.log_stream(io.BytesIO(b"\xff"), "b.bin")
        nbtrail.log_stream(io.StringIO("ä"), "t.txt")
    nbtrail.Client().log_stream(run.run_id, io.BytesIO(b"c"), "c.bin")
    assert files(run) == {"b.bin": b"\xff", "t.txt": "ä".encode(), "c.bin": b"c"}


@pytest.mark.parametrize("text", [None, 5, b"bytes", "\ud800"])
def test_what_is_no_text_is_told(text: Any) -> None:
    with pytest.raises(InvalidValue, match="text"):
        nbtrail.log_text(text, "x.txt")


def test_an_image_is_logged_without_a_word() -> None:
    with nbtrail.start_run():
        assert nbtrail.log_image(np.zeros((1, 1)), "a.png") is None
