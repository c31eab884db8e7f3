"""What a shell offers to complete."""

import pytest
from click.shell_completion import ShellComplete

import nbtrail
from nbtrail.cli import main


def offered(*arguments):
    *before, incomplete = arguments
    shell = ShellComplete(main, {}, "nbtrail", "_NBTRAIL_COMPLETE")
    return [item.value for item in shell.get_completions(list(before), incomplete)]


@pytest.fixture
def run_id(store):
    nbtrail.set_experiment("wine")
    with nbtrail.start_run(run_name="first") as run:
        pass
    return run.info.run_id


@pytest.mark.parametrize("command", [("runs", "show"), ("trail",), ("artifacts", "diff")])
def test_runs_are_offered(run_id, command):
    assert offered(*command, "") == offered(*command, run_id[:3]) == [run_id[:8]]
    assert offered(*command, "zz") == []


def test_experiments_are_offered(run_id):
    assert offered("runs", "list", "--experiment", "w") == ["wine"]
    assert offered("experiments", "rename", "") == ["wine", "Default"]


def test_of_the_store_that_is_named(run_id, store, tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(folder)
    nbtrail.set_tracking_uri(None)
    assert offered("runs", "show", "") == []
    assert offered("--store", str(store.directory), "runs", "show", "") == [run_id[:8]]
    assert list(folder.iterdir()) == []


def test_nothing_is_offered_where_the_store_is_unsound(workdir):
    (workdir / "x.db").write_bytes(b"no database at all" * 100)
    assert offered("--store", "sqlite:///x.db", "runs", "show", "") == []
