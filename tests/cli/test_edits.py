"""`nbtrail runs rename-metric` and so on, `nbtrail experiments`, `nbtrail datasets`."""

import pytest

from nbtrail.entities import Dataset, DatasetInput, InputTag, Metric, Param


@pytest.fixture
def run_id(store):
    """Record a run with a metric, a param and a dataset."""
    experiment = store.experiments.ensure("wine").experiment_id
    run_id = store.runs.create(experiment, "first").info.run_id
    store.metrics.log(run_id, [Metric("loss", 0.5, 1, 0), Metric("loss", 0.25, 2, 1)])
    store.runs.log_params(run_id, [Param("lr", "0.1")])
    tags = [InputTag("mlflow.data.context", "train")]
    store.datasets.link(run_id, [DatasetInput(Dataset("bottles", "1a", "file", "a.csv"), tags)])
    return run_id


def lines(result):
    assert result.exit_code == 0, result.output
    return [line.split() for line in result.stdout.splitlines()]


def test_edits_and_their_history(invoke, store, run_id):
    run = run_id[:8]
    undo = f" To undo: nbtrail runs undo {run}\n"
    for arguments, told in (
        (("rename-metric", run, "loss", "train_loss"), "Renamed the metric loss to train_loss."),
        (("delete-metric", run, "train_loss"), "Deleted the metric train_loss with 2 points."),
        (("rename-param", run, "lr", "rate"), "Renamed the param lr to rate."),
        (("delete-param", run, "rate"), "Deleted the param rate."),
        (("note", run, "too slow"), "Noted."),
    ):
        assert invoke("runs", *arguments).stdout == told + undo
    data = store.runs.get(run_id).data
    assert (data.metrics, data.params) == ({}, {})
    assert ["Note", "too", "slow"] in lines(invoke("runs", "show", run))

    assert invoke("runs", "undo", run).stdout.startswith("Undone: set note")
    assert invoke("runs", "undo", run).stdout == "Undone: delete param rate\n"

    head, *rows = invoke("runs", "history", run).stdout.splitlines()
    assert head.split() == ["WHEN", "WHO", "WHAT", "KEY", "BEFORE", "AFTER"]
    told = [" ".join(row.split()[3:]) for row in rows]
    assert told == [
        "rename metric loss loss train_loss",
        "delete metric train_loss 2 points",
        "rename param lr lr rate",
        "delete param rate 0.1",
        "set note mlflow.note.content too slow",
        "undo set note mlflow.note.content too slow",
        "undo delete param rate 0.1",
    ]


def test_no_history(invoke, run_id):
    assert "Nothing was changed" in invoke("runs", "history", run_id).stdout


def test_a_run_is_deleted_and_restored(invoke, run_id):
    result = invoke("runs", "delete", run_id[:8])
    assert result.stdout == f"Deleted. To undo: nbtrail runs restore {run_id[:8]}\n"
    assert run_id[:8] not in invoke("runs", "list").stdout
    assert "first" in invoke("runs", "list", "--deleted").stdout
    assert invoke("runs", "restore", run_id[:8]).stdout == "Restored first.\n"
    assert "first" in invoke("runs", "list").stdout
    told = [row[3] for row in lines(invoke("runs", "history", run_id))[1:]]
    assert told == ["delete", "restore"]


def test_show_has_datasets_and_references(invoke, store, run_id):
    assert ["bottles", "1a", "train", "a.csv"] in lines(invoke("runs", "show", run_id))
    document = {"artifacts": [{"path": "model.pkl", "uri": "s3://bucket/m"}]}
    made = store.documents.register(document).info.run_id
    assert ["model.pkl", "s3://bucket/m"] in lines(invoke("runs", "show", made))


def test_datasets(invoke, store, run_id):
    head, row = lines(invoke("datasets", "list"))
    assert head == ["DATASET", "DIGEST", "USED", "FOR", "RUNS", "LAST", "USED", "SOURCE"]
    assert (row[:4], row[-1]) == (["bottles", "1a", "train", "1"], "a.csv")
    assert "nbtrail.log_input" in invoke("datasets", "list", "--experiment", "Default").stdout


def test_experiments_are_made_tagged_and_renamed(invoke, store):
    assert invoke("experiments", "create", "xgb", "--project", "pricing").exit_code == 0
    invoke("experiments", "create", "other")
    invoke("experiments", "create", "net")
    assert invoke("experiments", "tag", "net", "project", "pricing").stdout == "Tagged net.\n"
    assert invoke("experiments", "rename", "net", "net-2").stdout == "Renamed net to net-2.\n"
    head, *rows = lines(invoke("experiments", "list"))
    assert head == ["PROJECT", "ID", "NAME", "RUNS", "CREATED"]
    names = [row[2] if row[0] == "pricing" else row[1] for row in rows]
    assert abs(names.index("xgb") - names.index("net-2")) == 1  # a project's stand together
    wanted = "tags.project = 'pricing' and name LIKE 'xgb%'"
    assert [row[2] for row in lines(invoke("experiments", "list", "--filter", wanted))[1:]] == [
        "xgb"
    ]
    invoke("experiments", "tag", "net-2", "project", "")
    assert store.experiments.named("net-2").tags == {}


def test_an_experiment_is_deleted_and_restored(invoke, store, run_id):
    experiment_id = store.experiments.named("wine").experiment_id
    deleted = invoke("experiments", "delete", "wine")
    assert deleted.stdout == f"Deleted. To undo: nbtrail experiments restore {experiment_id}\n"
    assert "wine" not in invoke("experiments", "list").stdout
    assert "wine" in invoke("experiments", "list", "--deleted").stdout
    assert invoke("experiments", "restore", experiment_id).stdout == "Restored wine.\n"
    assert "first" in invoke("runs", "list").stdout
    assert [e.action for e in store.audit.of("experiment", experiment_id)] == ["delete", "restore"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("runs", "rename-metric", "RUN", "los", "x"), "Did you mean 'loss'?"),
        (("runs", "rename-metric", "RUN", "loss", "/x"), "not a clean path"),
        (("runs", "delete-param", "RUN", "l"), "Did you mean 'lr'?"),
        (("runs", "undo", "RUN"), "no edit"),
        (("runs", "note", "missing", "x"), "no run 'missing'"),
        (("runs", "delete", "missing"), "no run 'missing'"),
        (("experiments", "delete", "Default"), "cannot be deleted"),
        (("experiments", "delete", "winee"), "Did you mean 'wine'?"),
        (("experiments", "delete", "99"), "no experiment with id '99'"),
        (("experiments", "create", "wine"), "Experiment 'wine' already exists"),
        (("experiments", "list", "--filter", "tags."), "Error: "),
        (("datasets", "list", "--experiment", "winee"), "Did you mean 'wine'?"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(invoke, run_id, arguments, message):
    result = invoke(*(run_id if argument == "RUN" else argument for argument in arguments))
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
