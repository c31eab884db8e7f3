"""`nbtrail artifacts`."""

import pytest

import nbtrail


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
