"""`nbtrail artifacts`."""

import numpy as np
import pytest

import nbtrail
from nbtrail.entities import RunFile


@pytest.fixture
def run_ids(store):
    """Record two runs with files, of which one is the same."""
    found = []
    for text in ("a", "b"):
        with nbtrail.start_run() as run:
            nbtrail.log_text("same", "notes.txt")
            nbtrail.log_text(text, f"plots/{text}.txt")
            nbtrail.log_text(text, "plots/all.txt")
        found.append(run.info.run_id)
    return found


def test_list(invoke, run_ids):
    listed = invoke("artifacts", "list", run_ids[0][:12]).stdout.split()
    assert listed == "FILE BYTES notes.txt 4 plots/a.txt 1 plots/all.txt 1".split()
    assert "notes" not in invoke("artifacts", "list", run_ids[0], "plots/").stdout
    assert invoke("artifacts", "list", run_ids[0], "none").stdout == "There are no files.\n"


def test_list_says_which_cells_made_the_files(invoke, store, run_ids):
    session = store.trails.start_session(0, "book.ipynb", None)
    cell = store.trails.begin(session.session_id, 0, "train", "x = 1", 0)
    store.trails.attach(run_ids[0], [cell], "own")
    large = RunFile("plots/large.bin", kept=False, size=9, digest="d", execution=cell)
    store.files.note(run_ids[0], [RunFile("plots/a.txt", execution=cell), large])
    rows = invoke("artifacts", "list", run_ids[0], "plots").stdout.splitlines()
    assert [" ".join(row.split()) for row in rows] == [
        "FILE BYTES CELL", "plots/a.txt 1 [ ] train", "plots/all.txt 1",
        "plots/large.bin 9 [ ] train (only listed)",
    ]  # fmt: skip


def test_show(invoke, run_ids):
    with nbtrail.start_run(run_ids[0]):
        nbtrail.log_table({"n": list(range(30)), "name": ["x" * 50] * 30}, "t.json")
        nbtrail.log_dict({"data": [{"type": "bar"}]}, "f.plotly.json")
        nbtrail.log_image(np.zeros((3, 5), dtype="uint8"), "p.png")
        nbtrail.log_text("\x1b[31mred\nnext", "red.txt")

    def shown(path):
        return invoke("artifacts", "show", run_ids[0], path).stdout.splitlines()

    table = shown("t.json")
    assert table[0].split() == ["n", "name"]
    assert table[1].split() == ["0", "x" * 29 + "…"]
    assert table[-1] == "… and 10 more rows"
    assert shown("f.plotly.json") == ["A plotly figure (1): bar"]
    assert shown("p.png")[0].startswith("A picture of 5 by 3 pixels (PNG, ")
    assert shown("red.txt") == ["?[31mred", "next"]


def test_download(invoke, run_ids, workdir):
    done = invoke("artifacts", "download", run_ids[0], "plots/a.txt", "--to", "here")
    assert done.stdout == f"{workdir}/here/a.txt\n"
    assert (workdir / "here" / "a.txt").read_text() == "a"
    invoke("artifacts", "download", run_ids[0], "--to", "all")
    assert (workdir / "all" / "plots" / "a.txt").exists()


def test_diff(invoke, run_ids):
    rows = [line.split() for line in invoke("artifacts", "diff", *run_ids).stdout.splitlines()]
    assert rows[1:] == [
        ["added", "plots/b.txt"],
        ["removed", "plots/a.txt"],
        ["changed", "plots/all.txt"],
    ]
    assert invoke("artifacts", "diff", *[run_ids[0]] * 2).stdout == "The files are the same.\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("list", "missing"), "There is no run"),
        (("download", "RUN", "none.txt"), "There is no artifact 'none.txt'"),
        (("download", "RUN", "../x"), "not an artifact path"),
    ],
)
def test_a_mistake_is_told(invoke, run_ids, arguments, message):
    given = [run_ids[0] if one == "RUN" else one for one in arguments]
    result = invoke("artifacts", *given)
    assert (result.exit_code, message in result.stderr) == (2, True)
