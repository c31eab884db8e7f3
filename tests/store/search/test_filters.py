"""The filters of `runs.search`, against real rows."""

from __future__ import annotations

import functools
import time
from datetime import datetime, timedelta

import pytest

from nbtrail.entities import Dataset, DatasetInput, InputTag, Metric, Param
from nbtrail.errors import InvalidValue
from nbtrail.store import Store
from nbtrail.store.search import names


def found(store: Store, filter_string: str) -> str:
    runs, _ = store.runs.search(None, filter_string, ["start_time"])
    return " ".join(run.info.run_name for run in runs)


@pytest.mark.parametrize(
    ("filter_string", "names"),
    [
        ("", "alpha beta Gamma delta"),
        ("  ", "alpha beta Gamma delta"),
        ("metrics.acc > 0.8", "alpha delta"),
        ("metric.acc >= .7 AND metrics.acc <= 9e-1", "alpha beta"),
        ("metrics.acc != 0.7", "alpha delta"),
        ("params.lr = '0.1'", "alpha"),
        ('parameter.lr = "0.2"', "beta"),
        ("param.lr = 0.1", "alpha"),
        ("params.lr != '0.1'", "beta"),
        ("tags.team.name = 'blue'", "beta"),
        ("tag.`team.name` = 'blue'", "beta"),
        ("metrics.`val loss` < 0.3", "Gamma"),
        ('metrics."val loss" < 0.3', "Gamma"),
        ("params.model/kind = 'Ridge'", "alpha"),
        ("params.`or` = 'x'", "delta"),
        ("status = 'FINISHED'", "alpha Gamma"),
        ("attributes.status = 'FAILED'", "beta"),
        ("attribute.status != 'FINISHED'", "beta delta"),
        ("run_name = 'Gamma'", "Gamma"),
        ("attr.start_time > 2", "Gamma delta"),
        ("end_time <= 102", "alpha beta"),
        ("kind = 'explicit' and experiment_id = '0'", "alpha beta Gamma delta"),
        ("metrics.acc > 0.8 or tags.team.name = 'blue'", "alpha beta delta"),
        ("status = 'FAILED' or status = 'KILLED' and metrics.acc > 1", "beta delta"),
        ("(status = 'FAILED' or status = 'KILLED') and metrics.acc > 1", "delta"),
        ("not status = 'FINISHED'", "beta delta"),
        ("not (params.lr = '0.1' or params.lr = '0.2')", "Gamma delta"),
        ("not not status = 'FAILED'", "beta"),
        ("NOT metrics.acc > 0.8", "beta Gamma"),
        ("status in ('FAILED', 'KILLED')", "beta delta"),
        ("status NOT IN ('FAILED','KILLED')", "alpha Gamma"),
        ("metrics.acc in (0.7, 0.9)", "alpha beta"),
        ("run_name LIKE '%a'", "alpha beta Gamma delta"),
        ("run_name LIKE 'g%'", ""),
        ("run_name ILIKE 'g%'", "Gamma"),
        ("run_name like '_eta'", "beta"),
        ("tags.team.name LIKE 'Red[_]1'", ""),
        ("tags.team.name LIKE 'Red*'", ""),
        ("tags.team.name LIKE 'Red_1'", "Gamma"),
        ("params.lr IS NULL", "Gamma delta"),
        ("params.lr is not null", "alpha beta"),
        ("metrics.acc IS NULL", "Gamma"),
        ("metrics.acc is not null", "alpha beta delta"),
        ("tags.`team.name` is null", "alpha delta"),
        ("end_time is null", ""),
        ("metrics.acc < inf", "alpha beta"),
        ("metrics.acc > -Infinity", "alpha beta delta"),
        ("metrics.acc < metrics.`val loss`", ""),
        ("metrics.acc > metrics.`val loss`", "alpha"),
        ("metrics.acc >= metrics.acc.min and metrics.acc.max = 0.9", "alpha"),
        ("metrics.acc.count >= 1", "alpha beta Gamma delta"),
        ("metrics.`val loss`.LAST = 0.1", "Gamma"),
        ("not metrics.acc.min < 5", "Gamma delta"),
        ("params.lr in (0.10, 3)", "alpha"),
        ("params.lr in ('0.10', 3)", ""),
        ("params.lr not in (0.1)", "beta"),
        ("params.lr < 0.15", "alpha"),
        ("params.lr = 1e-1", "alpha"),
        ("params.model/kind > 0", ""),
        ("datasets.name = 'wine'", ""),
        ("created > 1", "beta Gamma delta"),
        ("attributes.`Run name` = 'beta'", "beta"),
        ("experiment_id = 0 and run_name != 5", "alpha beta Gamma delta"),
        ("artifact_uri LIKE '/%/0/%/artifacts'", "alpha beta Gamma delta"),
        ("artifact_uri LIKE '0/%'", ""),
        ("end_time = 101", "alpha"),
        ("not end_time > 102 and not status = 'KILLED' or run_name = 'delta'", "alpha beta delta"),
        ("metrics.absent > 0", ""),
        ("metrics.acc > 0.8\n  and\n  status = 'KILLED'", "delta"),
        ('run_name = "it\'s" or run_name = \'say "x"\'', ""),
        ("run_name = '''", None),
        ("run_name = ''", ""),
        ("run_name = 'x'' or 1=1 --'", None),
    ],
)
def test_a_filter_selects(full: Store, filter_string: str, names: str | None) -> None:
    if names is None:
        with pytest.raises(InvalidValue, match="not understood at character"):
            found(full, filter_string)
    else:
        assert found(full, filter_string) == names


@pytest.mark.parametrize(
    "name", ["order", "note", "index", "island", "android", "nullable", "likely", "is.best", "x.or"]
)
def test_names_may_begin_like_a_keyword(store: Store, name: str) -> None:
    run_id = store.runs.create("0", "special", tags={name: "x"}).info.run_id
    store.runs.log_params(run_id, [Param(name, "1")])
    assert found(store, f"params.{name} = '1' and tags.{name} IN ('x')") == "special"


@pytest.mark.parametrize(
    ("filter_string", "message"),
    [
        ("metrics.acc >> 1", r"at character 14: …'> 1'"),
        ("metrics.acc > ", "at its end"),
        ("metrics.acc > 1 and\n  metrics.b >> 1", r"at character 34: …'> 1'"),
        ("(status = 'x'", "at its end"),
        ("params.a = 'x", r"at character 12: …\"'x\""),
        ("select * from run", "at character"),
        ("metrics.acc", "at its end"),
        ("statu = 'x'", r"no attribute 'statu' \(character 1\). Did you mean 'status'?"),
        ("run_id = 'x' or metrcs.acc > 1", r"\(character 17\). Did you mean 'metrics.acc'?"),
        ("attributes.runname = 'x'", "Did you mean 'run_name'?"),
        ("loudness > 0.9", "Write metrics.…, params.…, tags.…, datasets.… for what was logged"),
        ("acc > 0.9", "Did you mean 'metrics.acc'?"),
        ("lr > 0.9", "Did you mean 'params.lr'?"),
        ("metrics.acc = 'high'", "compared with a number, not with 'high'"),
        ("metrics.acc = nan", "compared with a number, not with 'nan'"),
        ("start_time > 'someday'", r"'someday' at character 14 is no time"),
        ("start_time > '2026-13-01'", "is no time"),
        ("start_time > -9999999999d", "is no time"),
        ("run_id = 'x' and run_name = beta", r"'beta' at character 29 .* between quotes, 'beta'"),
        ("params.lr = -7d", r"'-7d' at character 13 is no number"),
        ("metrics.acc LIKE '1%'", r"LIKE compares texts, and 'acc' \(character 1\) is a number"),
        ("start_time ILIKE '1%'", "ILIKE compares texts"),
        ("params.lr < metrics.acc", "Only metrics can be compared with each other"),
        ("metrics.acc LIKE metrics.acc", "Only metrics can be compared"),
        ("datasets.nme = 'x'", r"A dataset has no 'nme' \(character 1\). Did you mean 'name'?"),
        ("status in ()", "at character"),
        ("status = 'FINISHD'", r"status 'FINISHD' \(character 10\). Did you mean 'FINISHED'?"),
        ("trail.verdict in ('linear', 'stale')", r"\(character 29\). .*There are linear, "),
    ],
)
def test_a_filter_that_is_not_understood(full: Store, filter_string: str, message: str) -> None:
    with pytest.raises(InvalidValue, match=message.replace("?", r"\?")):
        found(full, filter_string)


@pytest.mark.parametrize(
    "filter_string",
    [
        " or ".join(["metrics.acc > 1"] * 5000),
        "not " * 5000 + "metrics.acc > 1",
        "(" * 5000 + "metrics.acc > 1" + ")" * 5000,
    ],
    ids=["long", "negated", "nested"],
)
def test_a_huge_filter_is_answered_or_refused(full: Store, filter_string: str) -> None:
    try:
        assert found(full, filter_string) == "delta"
    except InvalidValue as error:
        assert "conditions" in str(error)  # noqa: PT017


def test_a_list_may_be_long(full: Store) -> None:
    names = ", ".join(f"'{number}'" for number in range(5000))
    assert found(full, f"run_name in ({names}, 'beta')") == "beta"


def test_a_param_is_compared_as_a_number_with_a_number(store: Store) -> None:
    values = ("9", "10", "ten", "0.5", "inf", "1e1", " 11", "0x20", "True", "")
    for start, value in enumerate(values, start=1):
        run = store.runs.create("0", name=f"'{value}'", start_time=start)
        store.runs.log_params(run.info.run_id, [Param("C", value)])
    assert found(store, "params.C > 1") == "'9' '10' '1e1' ' 11'"
    assert found(store, "params.C > '1'").split() == "'9' '10' 'ten' 'inf' '1e1' 'True'".split()


ALTERNATING = functools.reduce(
    lambda inner, word: f"(params.lr in ('0.1', '0.2') {word} {inner})",
    ["and", "or"] * 10,
    "metrics.acc > 1",
)
PAIR = (
    "not " * 19
    + "(metrics.acc > 1 and params.lr in (1, 2) and status = 'KILLED' and start_time > 0)"
)


@pytest.mark.parametrize("deepest", ["not " * 20 + "metrics.acc > 1", ALTERNATING, PAIR])
def test_a_filter_may_nest(full: Store, deepest: str) -> None:
    assert found(full, deepest)
    with pytest.raises(InvalidValue, match="nests AND, OR and NOT at most 20 deep"):
        found(full, f"not {deepest}")


@pytest.mark.parametrize("operator", ["LIKE", "ILIKE"])
def test_a_pattern_has_a_length(full: Store, operator: str) -> None:
    assert found(full, f"run_name {operator} '{'%' * 1000}'") == "alpha beta Gamma delta"
    with pytest.raises(InvalidValue, match=f"pattern of {operator} has at most 1000 characters"):
        found(full, f"run_name {operator} '{'%' * 1001}'")


def test_what_is_too_much_is_refused(full: Store) -> None:
    with pytest.raises(InvalidValue, match="at most 200000 characters"):
        found(full, " " * 200_000 + "acc > 1")
    names = ", ".join(["'a'"] * 30_001)
    with pytest.raises(InvalidValue, match="at most 30000 values"):
        found(full, f"run_name in ({names})")


@pytest.mark.parametrize(
    ("filter_string", "closest"),
    [
        ("metrics.val_loss < 1", "metric 'val_loss' (character 1). Did you mean 'val loss'?"),
        ("run_id = 'x' or params.`model/knd` = 'x'", "(character 17). Did you mean 'model/kind'?"),
        ("metrics.`vall loss`.min < 1", "Did you mean 'val loss'?"),
    ],
)
def test_a_misspelt_key_is_told(full: Store, filter_string: str, closest: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        found(full, filter_string)
    assert closest in str(refused.value)
    assert full.runs.search(filter_string=filter_string, lenient=True) == ([], None)


@pytest.mark.parametrize("name", ["top1", "fold_12/acc", "test_acc"])
@pytest.mark.parametrize("other", ["top5", "fold_1/acc", "test_acc_x"])
def test_names_that_belong_together_are_not_misspelt(store: Store, name: str, other: str) -> None:
    run_id = store.runs.create("0").info.run_id
    store.metrics.log(run_id, [Metric(name, 1.0, 1)])
    assert store.runs.search(filter_string=f"metrics.`{other}` > 0") == ([], None)


def test_a_part_that_is_not_kept_is_told(store: Store) -> None:
    run_id = store.runs.create("0").info.run_id
    store.metrics.log(run_id, [Metric("loss", 1.0, 1)])
    with pytest.raises(InvalidValue, match=r"'loss\.mean'.* 'loss' has \.last, \.min, \.max"):
        store.runs.search(filter_string="metrics.loss.mean < 2")
    assert store.runs.search(filter_string="metrics.`loss.mean` < 2") == ([], None)


@pytest.mark.parametrize(
    ("filter_string", "names"),
    [
        ("duration > 60", ["long"]),
        ("duration <= '1.5m'", ["short"]),
        ("duration in (2, 3)", ["short"]),
        ("duration is null", ["open"]),
        ("experiment_name = 'wine'", ["short"]),
        ("experiment LIKE 'w%'", ["short"]),
    ],
)
def test_how_long_and_in_which_experiment(
    store: Store, filter_string: str, names: list[str]
) -> None:
    wine = store.experiments.create("wine").experiment_id
    for name, experiment, seconds in (("short", wine, 2), ("long", "0", 3600), ("open", "0", None)):
        run_id = store.runs.create(experiment, name, start_time=1000).info.run_id
        if seconds is not None:
            store.runs.end(run_id, "FINISHED", end_time=1000 + 1000 * seconds)
    found = store.runs.search(filter_string=filter_string, order_by=["duration DESC"])[0]
    assert [run.info.run_name for run in found] == names
    with pytest.raises(InvalidValue, match="is no duration"):
        store.runs.search(filter_string="duration > 'long'")


def test_a_key_like_none_and_a_tag_are_just_absent(full: Store) -> None:
    assert found(full, "metrics.loudness < 1 or tags.`team.nme` = 'blue'") == ""
    assert found(full, "params.loudness is null and not metrics.loudness > 0").count(" ") == 3


def test_a_metric_of_the_name_beats_a_part(store: Store) -> None:
    for name, metrics in [
        ("a", {"loss": [3.0, 1.0, 2.0]}),
        ("b", {"loss": [9.0], "loss.min": [0.5]}),
    ]:
        run_id = store.runs.create("0", name).info.run_id
        points = [Metric(k, v, 1, i) for k, values in metrics.items() for i, v in enumerate(values)]
        store.metrics.log(run_id, points)
    assert found(store, "metrics.loss.min < 2") == "b"
    assert found(store, "metrics.`loss`.min < 2") == "a"
    assert found(store, "metrics.`loss.min` < 2") == "b"
    assert found(store, "metrics.loss.max > metrics.loss and metrics.loss.count = 3") == "a"
    assert found(store, "metrics.loss.min < metrics.loss") == "b"
    assert found(store, "metrics.`loss`.min < metrics.loss") == "a"


def test_times(store: Store) -> None:
    now = time.time()
    midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    ages = {"now": 0, "hour": 3600, "days": 3 * 86400, "weeks": 20 * 86400}
    for name, age in ages.items():
        store.runs.create("0", name, start_time=int((now - age) * 1000))
    store.runs.create("0", "noon", start_time=int(midnight.timestamp() * 1000) + 43_200_000)
    others = "run_name != 'noon' and "
    assert found(store, others + "start_time > -7d") == "days hour now"
    assert found(store, others + "start_time > -2w") == "days hour now"
    assert found(store, others + "start_time <= -1.5h") == "weeks days"
    assert found(store, others + "start_time > -90m and start_time < -30M") == "hour"
    assert found(store, others + "start_time > NOW") == ""
    assert found(store, others + "start_time < +30s") == "weeks days hour now"
    assert found(store, f"{others} start_time > {(now - 60) * 1000:.0f}") == "now"
    today = "run_name = 'noon' and start_time"
    for words in ("> today", "< tomorrow", "> yesterday", "> 'today'"):
        assert found(store, f"{today} {words}") == "noon"
    day = midnight.date()
    assert found(store, f"{today} > {day}") == found(store, f"{today} > '{day}'") == "noon"
    assert found(store, f"{today} < '{day + timedelta(days=1)}'") == "noon"
    assert found(store, f"{today} = '{day} 12:00'") == "noon"
    moment = midnight.replace(hour=12).isoformat()
    assert found(store, f"{today} in ('{moment}', 5)") == "noon"


def test_datasets(store: Store) -> None:
    uses = [("wine", "train"), ("wine", "test"), ("iris", "")]
    for start, (name, context) in enumerate(uses, start=1):
        run_id = store.runs.create("0", f"{name}-{context}", start_time=start).info.run_id
        data = Dataset(name, f"digest of {name}", "local", "a.csv")
        tags = [InputTag("mlflow.data.context", context)] if context else []
        store.datasets.link(run_id, [DatasetInput(data, tags)])
    store.runs.create("0", "none", start_time=9)
    assert found(store, "datasets.name = 'wine'") == "wine-train wine-test"
    assert found(store, "dataset.name = 'wine' and datasets.context = 'test'") == "wine-test"
    assert found(store, "datasets.digest LIKE 'digest of i%'") == "iris-"
    assert found(store, "datasets.context IN ('train', 'test')") == "wine-train wine-test"
    assert found(store, "not datasets.name = 'wine'") == "iris- none"
    assert found(store, "datasets.name is null") == "none"
    (run,), _ = store.runs.search(filter_string="datasets.context = 'train'")
    (used,) = run.inputs.dataset_inputs
    assert (used.dataset.name, used.tags) == ("wine", [InputTag("mlflow.data.context", "train")])
    assert store.runs.get(run.info.run_id) == run


@pytest.mark.parametrize(
    ("filter_string", "closest"),
    [
        ("metrics.ACC > 0", "Did you mean 'acc'?"),
        ("params.Max_Depth = '1'", "Did you mean 'max_depth'?"),
        ("params.acc = '1'", "Did you mean 'metrics.acc'?"),
        ("metrics.max_depth > 0", "Did you mean 'params.max_depth'?"),
    ],
)
def test_a_key_of_other_letters_or_another_kind_is_told(
    store: Store, filter_string: str, closest: str
) -> None:
    logged(store)
    with pytest.raises(InvalidValue) as refused:
        store.runs.search(filter_string=filter_string)
    assert closest in str(refused.value)


@pytest.mark.parametrize(
    ("filter_string", "related"),
    [
        ("metrics.loss > 0", "val_loss"),
        ("metrics.accuracy > 0", "acc"),
        ("params.depth = '2'", "max_depth"),
        ("tags.Team = 'x'", "team"),
    ],
)
def test_a_key_that_may_come_yet_is_told_once(
    store: Store,
    filter_string: str,
    related: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(names, "_told", set())
    logged(store)
    for _ in range(2):
        assert store.runs.search(filter_string=filter_string)[0] == []
    assert caplog.text.count(f"so far. There is '{related}'.") == 1


def logged(store: Store) -> None:
    run_id = store.runs.create("0", tags={"team": "x"}).info.run_id
    store.metrics.log(run_id, [Metric("acc", 1.0, 1), Metric("val_loss", 1.0, 1)])
    store.runs.log_params(run_id, [Param("max_depth", "2")])
