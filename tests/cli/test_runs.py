"""`nbtrail runs` and `nbtrail experiments` on a store with some runs."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from nbtrail.entities import Metric, Param


@pytest.fixture
def recorded(store):
    """Record two runs of an experiment, the better one later."""
    experiment = store.experiments.ensure("wine").experiment_id
    runs = []
    for name, c, accuracy in (("first", "0.1", 0.9), ("second", "1.0", 0.975)):
        run_id = store.runs.create(experiment, name).info.run_id
        params = [Param("C", c, float(c), "injected"), Param("Alpha", "1", 1, "autolog")]
        store.runs.log_params(run_id, params)
        points = [Metric("accuracy", accuracy - 0.1, 1, 0), Metric("accuracy", accuracy, 2, 1)]
        store.metrics.log(run_id, points)
        store.runs.set_tags(run_id, {"team": "blue"})
        store.runs.end(run_id, "FINISHED")
        runs.append(run_id)
    return runs


def lines(result):
    assert result.exit_code == 0, result.output
    return [line.split() for line in result.stdout.splitlines()]


def test_list_shows_the_newest_first(invoke, recorded):
    head, *rows = lines(invoke("runs", "list"))
    assert head == ["RUN", "NAME", "EXPERIMENT", "STATUS", "STARTED", "DURATION", "METRICS"]
    assert [(row[0], row[1], row[2], row[3], row[-1]) for row in rows] == [
        (recorded[1][:8], "second", "wine", "FINISHED", "accuracy=0.975"),
        (recorded[0][:8], "first", "wine", "FINISHED", "accuracy=0.9"),
    ]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (("--filter", "metrics.accuracy > 0.95"), ["second"]),
        (("--order-by", "metrics.accuracy ASC"), ["first", "second"]),
        (("--experiment", "wine", "-n", "1"), ["second"]),
        (("--experiment", "Default"), []),  # "No run is like that."
    ],
)
def test_list_can_be_narrowed_and_ordered(invoke, recorded, options, names):
    result = invoke("runs", "list", *options)
    assert [row[1] for row in lines(result) if row[2] == "wine"] == names


def test_list_as_json(invoke, recorded):
    listed = json.loads(invoke("runs", "list", "--json").stdout)
    assert [run["info"]["run_id"] for run in listed] == recorded[::-1]
    assert listed[0]["params"][1] == {
        "key": "C",
        "value": "1.0",
        "origin": "injected",
        "execution": None,
    }


def test_list_of_nothing_says_how_to_begin(invoke, store):
    assert "nbtrail run notebook.ipynb" in invoke("runs", "list").stdout
    assert invoke("runs", "list", "--json").stdout == "[]\n"
    assert invoke("runs", "list", "--filter", "params.a = '1'").stdout == "No run is like that.\n"


def test_show_tells_all(invoke, recorded):
    result = invoke("runs", "show", recorded[1][:8])
    for row in (
        ["Run", "second"],
        ["Id", recorded[1]],
        ["Experiment", "wine"],
        ["Status", "FINISHED"],
        ["C", "1.0", "injected"],
        ["accuracy", "0.975", "0.875", "0.975", "2"],
        ["team", "blue"],
    ):
        assert row in lines(result)


def test_show_has_the_users_params_first(invoke, recorded):
    shown = lines(invoke("runs", "show", recorded[0]))
    assert shown.index(["C", "0.1", "injected"]) < shown.index(["Alpha", "1", "autolog"])


def test_compare_shows_what_differs(invoke, recorded):
    first, second = f"first ({recorded[0][:8]})", f"second ({recorded[1][:8]})"
    assert invoke("runs", "compare", *recorded).stdout.splitlines() == [
        f"PARAM  {first}  {second}",
        f"C      0.1{' ' * (len(first) - 3)}  1.0",
        "",
        f"METRIC    {first}  {second}",
        f"accuracy  0.9{' ' * (len(first) - 3)}  0.975",
    ]
    assert "The params are the same." in invoke("runs", "compare", recorded[0], recorded[0]).stdout


def test_an_id_may_be_cut_short(invoke, recorded):
    short = next(n for n in range(1, 32) if recorded[0][:n] != recorded[1][:n])
    assert "first" in invoke("runs", "show", recorded[0][:short]).stdout


def test_what_is_deleted_says_so_and_comes_back(invoke, recorded):
    assert invoke("runs", "delete", *recorded).stdout == (
        f"Deleted. To undo: nbtrail runs restore {recorded[0][:8]} {recorded[1][:8]}\n"
    )
    assert "deleted: nbtrail runs restore" in invoke("runs", "show", recorded[0]).stdout
    assert invoke("runs", "restore", *recorded).stdout == "Restored first.\nRestored second.\n"


def test_nothing_is_deleted_when_one_is_misspelt(invoke, recorded):
    assert invoke("runs", "delete", recorded[0], "nowhere").exit_code == 2
    assert len(lines(invoke("runs", "list"))) == 3


def test_children_and_parents_are_shown(invoke, recorded, store):
    store.runs.set_tags(recorded[1], {"mlflow.parentRunId": recorded[0]})
    rows = lines(invoke("runs", "show", recorded[0]))
    assert ["CHILD", "NAME", "STATUS", "METRICS"] in rows
    assert [recorded[1][:8], "second", "FINISHED", "accuracy=0.975"] in rows
    assert ["Parent", recorded[0]] in lines(invoke("runs", "show", recorded[1]))


def test_metrics_of_the_machine_do_not_fill_the_list(invoke, recorded, store):
    store.metrics.log(recorded[1], [Metric(f"system/cpu_{n}", 1, 1) for n in range(9)])
    assert lines(invoke("runs", "list"))[1][-1] == "accuracy=0.975"


def test_an_experiment_may_be_named_by_its_id(invoke, recorded, store):
    wine = store.experiments.named("wine").experiment_id
    assert len(lines(invoke("runs", "list", "--experiment", wine))) == 3


def test_a_store_in_a_file_is_named_by_a_uri(invoke, workdir):
    (workdir / "runs.db").touch()
    result = invoke("--store", "runs.db", "runs", "list")
    assert f"write sqlite:///{workdir}/runs.db" in result.stderr


def test_experiments(invoke, recorded):
    rows = lines(invoke("experiments", "list"))
    assert [row[1:3] for row in rows] == [["NAME", "RUNS"], ["wine", "2"], ["Default", "0"]]


def test_the_store_can_be_named(invoke, recorded, store, tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert len(lines(invoke("--store", store.directory, "runs", "list"))) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("runs", "show", "f" * 32), "There is no run"),
        (("runs", "show", "beef"), "There is no run"),
        (("runs", "compare", "beef"), "Missing argument"),
        (("runs", "list", "--experiment", "wime"), "Did you mean 'wine'?"),
        (("runs", "list", "--filter", "acc >"), "The filter is not understood"),
        (("runs", "list", "--order-by", "metrics"), "Error: "),
        (("runs", "list", "-n", "0"), "Invalid value for '-n'"),
        (("--store", "nowhere", "runs", "list"), "There is no nbtrail store"),
        (("--store", "x" * 5000, "runs", "list"), "File name too long"),
        (("run", "x" * 5000 + ".ipynb"), "File name too long"),
        (("run", "x" * 5000 + ".ipynb", "--help"), "File name too long"),
        (("runs", "show", "\udcff"), "There is no run"),
        (("runs", "list", "--experiment", "\udcff"), "There is no experiment"),
        (("runs", "list", "--filter", "run_name = '\udcff'"), "is none"),
        (("walk",), "No such command 'walk'"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(invoke, recorded, arguments, message):
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_an_abbreviation_of_several_ids(invoke, store):
    for number in range(2):
        store.runs.create("0", f"n{number}", run_id=f"abcdef{number:026x}")
    store.runs.create("0", "short", run_id="abcd")
    assert "short" in invoke("runs", "show", "abcd").stdout
    assert "Several runs begin with 'abcdef'" in invoke("runs", "show", "abcdef").stderr


@pytest.mark.parametrize("arguments", ["runs list", "runs list --json", "--help", "runs --help"])
def test_output_that_the_disk_does_not_take(recorded, arguments):
    command = [sys.executable, "-m", "nbtrail", *arguments.split()]
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(command, check=False, stdout=full, stderr=subprocess.PIPE, text=True)
    assert (ended.returncode, ended.stderr) == (2, "Error: No space left on device\n")


def test_output_that_nobody_reads_is_no_mistake(recorded):
    command = [sys.executable, "-m", "nbtrail", "runs", "list"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""


def test_a_table_that_is_missing(invoke, recorded, store):
    with closing(sqlite3.connect(store.directory / "nbtrail.db")) as connection:
        connection.execute("drop table tag")
    result = invoke("runs", "list")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "Error: The store cannot be used: no such table: tag.\n"


def test_a_directory_among_the_journals_is_left_alone(invoke, recorded, store):
    (store.directory / "journal" / "notes").mkdir()
    assert len(lines(invoke("runs", "list"))) == 3


def test_nothing_that_was_recorded_steers_the_terminal(invoke, store):
    odd = "\x1b[31mred\nnext"
    with closing(sqlite3.connect(store.directory / "nbtrail.db")) as connection:
        ids = [store.runs.create("0").info.run_id for _ in range(2)]
        store.metrics.log(ids[0], [Metric("accuracy", 0.5, 1)])
        connection.execute("update run set name = ?, error = ?", (odd, odd))
        connection.commit()
    for arguments in (("list",), ("show", ids[0]), ("compare", *ids)):
        shown = invoke("runs", *arguments).stdout
        assert "?[31mred next" in shown
        assert "\x1b" not in shown


def test_long_names_are_still_told_apart(invoke, store):
    ids = [store.runs.create("0", "n" * 100).info.run_id for _ in range(2)]
    store.metrics.log(ids[0], [Metric("accuracy", 0.5, 1)])
    shown = invoke("runs", "compare", *ids).stdout
    assert all(f"({run_id[:8]})" in shown for run_id in ids)
