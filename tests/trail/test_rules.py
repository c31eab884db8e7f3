"""What the user says of names: the last word counts, and the nearest."""

from __future__ import annotations

from nbtrail.trail.rules import Rules


def test_a_name_is_of_one_kind() -> None:
    rules = Rules().saying("metrics", ["speed", "acc", "speed"]).saying("ignore", ["acc"])
    assert rules == Rules(metrics=["speed"], ignore=["acc"])
    assert rules.saying("params", ["acc"]) == Rules(metrics=["speed"], params=["acc"])


def test_what_a_metric_is() -> None:
    rules = Rules(metrics=["x"], params=["loss"], ignore=["acc"], metric_words=["speed"])
    named = ("x", "test_acc", "top_speed", "loss", "acc", "y")
    assert [name for name in named if rules.is_metric(name)] == ["x", "test_acc", "top_speed"]


def test_the_nearer_rules_overrule_the_others() -> None:
    profile = Rules(ignore=["acc"], metrics=["speed"], rename={"a": "b"}, metric_words=["w"])
    notebook = Rules(metrics=["acc"], ignore=["speed"], rename={"a": "c"})
    assert profile.and_then(notebook) == Rules(
        metrics=["acc"], ignore=["speed"], rename={"a": "c"}, metric_words=["w"]
    )
    assert profile.and_then(Rules()) == profile == Rules().and_then(profile)


def test_a_renamed_name_can_be_renamed_again_and_back() -> None:
    once = Rules().renaming("acc", "accuracy")
    assert once.rename == {"acc": "accuracy"}
    assert once.renaming("accuracy", "score").rename == {"acc": "score"}
    assert once.renaming("acc", "score").rename == {"acc": "score"}
    assert once.renaming("accuracy", "acc").rename == {}


def test_what_is_recorded_goes_by_its_key() -> None:
    rules = Rules(ignore=["cfg", "top", "seed"], rename={"acc": "accuracy", "best": "top"})
    values = {"acc": 1, "cfg.lr": 2, "seed": 3, "best": 4, "loss": 5}
    assert rules.recorded(values) == {"accuracy": 1, "loss": 5}
    assert Rules(ignore=["acc"], rename={"acc": "accuracy"}).drops("accuracy")
    assert not rules.drops("accuracy")
