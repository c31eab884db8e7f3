"""Files that cells write are artifacts of their runs; files that they read are datasets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

import nbtrail.data
from nbtrail import projects
from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import Run
from nbtrail.recorder.watching import READ, FileWatch, saw
from nbtrail.store import open_store
from recorder.kernel import Notebook


def line(outputs: list[dict[str, Any]]) -> str:
    """What nbtrail says after a cell."""
    return "".join(
        output["data"]["text/plain"]
        for output in outputs
        if "nbtrail" in output.get("metadata", {})
    )


def taken(run: Run) -> set[str]:
    """The files that a run has of its cells."""
    found = ArtifactRepository(run.info.artifact_uri).walk()
    return {one.path.removeprefix("files/") for one in found if one.path.startswith("files/")}


def read(run: Run) -> dict[str, str]:
    """The datasets that a run has read, and where they are."""
    return {
        one.dataset.name: json.loads(one.dataset.source)["uri"]
        for one in run.inputs.dataset_inputs
        if {tag.value for tag in one.tags} == {"read"}
    }


WRITERS = {
    "open.txt": "open('open.txt', 'w').write('x')",
    "sub/in.txt": "os.makedirs('sub', exist_ok=True)\nopen('sub/in.txt', 'w').close()",
    "code.py": "%%writefile code.py\nvalue = 1",
    "absolute.txt": "open(os.path.abspath('absolute.txt'), 'w').close()",
    "frame.csv": "pd.DataFrame({'x': [1]}).to_csv('frame.csv')",
    "frame.parquet": "pd.DataFrame({'x': [1]}).to_parquet('frame.parquet')",
    "array.npy": "np.save('array.npy', np.arange(3))",
    "arrays.npz": "np.savez('arrays.npz', a=np.arange(3))",
    "model.joblib": "import joblib\njoblib.dump({}, 'model.joblib')",
    "plot.png": "import matplotlib.pyplot as plt\nplt.figure().savefig('plot.png')",
    "table.parquet": "import pyarrow as pa, pyarrow.parquet as pq\n"
    "pq.write_table(pa.table({'x': [1]}), 'table.parquet')",
    "polars.csv": "import polars as pl\npl.DataFrame({'x': [1]}).write_csv('polars.csv')",
    "sunk.parquet": "name = 'su' + 'nk.parquet'\npl.LazyFrame({'x': [1]}).sink_parquet(name)",
    "boosted.json": "import xgboost\nb = xgboost.Booster({'verbosity': 0})\n"
    "b.save_model('boost' + 'ed.json')",
    "data.db": "import sqlite3\nc = sqlite3.connect('data.db')\n"
    "c.execute('create table t (x)')\nc.commit()\nc.close()",
    "replaced.txt": "open('new', 'w').close()\nos.replace('new', 'replaced.txt')",
    "shell.txt": "!echo hello > shell.txt",
    "bash.txt": "%%bash\necho hello > bash.txt",
    "magic.txt": "%%writefile magic.txt\nhello",
    "moved/there.txt": "os.makedirs('moved')\nhere = os.getcwd()\nos.chdir('moved')\n"
    "open('there.txt', 'w').close()\nos.chdir(here)",
    "thread.txt": "import threading\n"
    "t = threading.Thread(target=lambda: open('thread.txt', 'w').close())\nt.start()\nt.join()",
}


def test_files_that_cells_write_are_artifacts(book: Notebook) -> None:
    for number, (name, source) in enumerate(WRITERS.items()):
        assert "1 file" in line(book.run(f"w{number}", source)), name
    run = book.runs[-1]
    assert taken(run) == WRITERS.keys()
    made = {one.path: one.execution for one in book.store.files.of(run.info.run_id)}
    cells = {one.id: one.cell_id for one in book.trail(run)}
    assert [cells[made[f"files/{name}"] or 0] for name in WRITERS] == [
        f"w{number}" for number in range(len(WRITERS))
    ]
    assert read(run) == {}


NOT_TAKEN = [
    "open('gone.txt', 'w').close()\nos.remove('gone.txt')",
    "open('.hidden', 'w').close()",
    "os.makedirs('.cache', exist_ok=True)\nopen('.cache/x', 'w').close()",
    "import tempfile\ntempfile.NamedTemporaryFile(delete=False).close()",
    "open('book.ipynb', 'w').close()",
    "open(os.path.expanduser('~/.nbtrail-test'), 'w').close()\n"
    "os.remove(os.path.expanduser('~/.nbtrail-test'))",
    "import helper",
    "nbtrail.log_text('hello', 'note.txt')\nnbtrail.log_dict({}, 'd.json')",
    "print('x.txt')",
]


def test_what_is_no_file_of_the_run(book: Notebook) -> None:
    (book.folder / "helper.py").write_text("value = 1")
    for number, source in enumerate(NOT_TAKEN):
        assert " file" not in line(book.run(f"n{number}", source)), source
    run = book.runs[-1]
    assert taken(run) == set()
    assert read(run) == {}


def test_a_file_that_the_cell_logs_itself_is_not_taken_twice(book: Notebook) -> None:
    book.run("a", "open('roc.txt', 'w').write('x')\nnbtrail.log_artifact('roc.txt')")
    run = book.runs[-1]
    assert taken(run) == set()
    ids = {one.cell_id: one.id for one in book.trail(run)}
    (known,) = book.store.files.of(run.info.run_id)
    assert (known.path, known.execution) == ("roc.txt", ids["a"])


def test_files_that_cells_read_are_datasets(book: Notebook, tmp_path_factory: Any) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "far.csv"
    elsewhere.write_text("x\n1\n")
    (book.folder / "train.csv").write_text("x,y\n1,2\n")
    book.run("a", "df = pd.read_csv('train.csv')")
    book.run("b", f"far = pd.read_csv({str(elsewhere)!r})")
    book.run("c", "open('made.csv', 'w').write('x\\n1')")
    book.run("d", "made = pd.read_csv('made.csv')\npd.read_csv('made.csv')")
    book.run("e", "import matplotlib.pyplot as plt\nplt.figure()")
    book.run("f", "import sklearn.datasets\nsklearn.datasets.load_iris();")
    run = book.runs[-1]
    here = book.folder
    assert read(run) == {
        "train.csv": str(here / "train.csv"), "far.csv": str(elsewhere),
        "made.csv": str(here / "made.csv"),
    }  # fmt: skip
    inputs = {one.dataset.name: one for one in run.inputs.dataset_inputs}
    assert inputs["train.csv"].dataset.digest == nbtrail.data.from_file(here / "train.csv").digest
    ids = {one.cell_id: one.id for one in book.trail(run)}
    assert inputs["train.csv"].execution == ids["a"]


def test_readers_that_bypass_python(book: Notebook) -> None:
    import polars as pl

    for name in ("in-one", "in-two", "three"):
        pl.DataFrame({"x": [1]}).write_parquet(book.folder / f"{name}.parquet")
    book.run("a", "import polars as pl\npl.read_parquet('three.parquet')")
    book.run("b", "pl.scan_parquet('in-*.parquet').collect()")
    book.run("c", "pd.read_parquet('three.parquet')")
    run = book.runs[-1]
    assert read(run).keys() == {"in-one.parquet", "in-two.parquet", "three.parquet"}


def test_many_files_of_a_folder_are_one_dataset(book: Notebook) -> None:
    folder = book.folder / "images"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number}.txt").write_text(str(number))
    book.run("a", "for i in range(30): open(f'images/{i}.txt').read()")
    run = book.runs[-1]
    assert read(run) == {"images": str(folder)}
    profile = run.inputs.dataset_inputs[0].dataset.profile or ""
    assert json.loads(profile)["num_files"] == 30


def test_a_large_file_gets_its_digest_beside_the_cells(book: Notebook) -> None:
    (book.folder / "big.bin").write_bytes(b"x" * 5_000_000)
    book.run("a", "len(open('big.bin', 'rb').read())")
    book.run("end", "%track end")
    assert read(book.runs[-1]) == {"big.bin": str(book.folder / "big.bin")}


def test_a_run_has_what_its_prelude_has_read(stocked: Notebook) -> None:
    (stocked.folder / "train.csv").write_text("x\n1\n")
    (stocked.folder / "other.csv").write_text("x\n2\n")
    stocked.run("a", "import pandas as pd\ndf = pd.read_csv('train.csv')")
    stocked.run("b", "other = pd.read_csv('other.csv')")
    assert not (stocked.folder / ".nbtrail").exists()
    stocked.run("c", "score = float(df.x.mean())")
    assert read(stocked.runs[0]).keys() == {"train.csv"}


@pytest.mark.parametrize(
    ("before", "first"),
    [
        ("%config NbTrail.files = False", ""),
        ("", "%%track --no-files\n"),
        ("%track start plain --no-files", ""),
    ],
)
def test_files_can_be_left_out(notebook: Notebook, before: str, first: str) -> None:
    (notebook.folder / "train.csv").write_text("x\n1\n")
    notebook.run("before", before)
    source = "open('w.txt', 'w').close()\nopen('train.csv').read()\nacc = 1 / 2"
    assert " file" not in line(notebook.run("a", first + source))
    (run,) = notebook.runs
    assert taken(run) == set()
    assert read(run) == {}


def test_nbtrail_run_leaves_files_out_if_told_to(tmp_path: Path) -> None:
    source = "open('out.txt', 'w').write('x')\nopen('in.txt').read()"
    (tmp_path / "in.txt").write_text("x")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(source)]
    path = tmp_path / "book.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    store = open_store(tmp_path / ".nbtrail")
    run = projects.run_notebook(path, store=store, progress=False, files=False)
    assert taken(run) == set()
    assert read(run) == {}


def test_the_hook_stays_out_of_the_way(book: Notebook) -> None:
    odd = [
        "open(b'bytes.txt', 'wb').close()",
        "os.fdopen(os.dup(1), 'w').close()",
        "try:\n    open('\\0')\nexcept ValueError: pass",
        "try:\n    open('no/such/file')\nexcept FileNotFoundError: pass",
        "os.mkdir('away')\nos.chdir('away')\nopen('lost.txt', 'w').close()\n"
        "os.remove('lost.txt')\nos.rmdir('../away')",
    ]
    for number, source in enumerate(odd):
        front = book.run(f"c{number}", source)
        assert "error" not in [one["output_type"] for one in front], front
        assert "could not" not in line(front)
    assert taken(book.runs[-1]) == {"bytes.txt"}


@pytest.mark.parametrize("root", ["/", "/usr/home/me/"])
def test_installed_files_are_none_of_the_users_wherever_the_notebook_is(root: str) -> None:
    watch = FileWatch((root,), globals())
    watch.begin()
    data = f"{root}data.csv"
    for path in (json.__file__, str(Path(json.__file__).with_name("x.csv")), data):
        saw(path, READ)
    watch.stop()
    touched = watch.take()
    assert touched
    assert touched.files == {data: READ}
