"""What counts as a param and what as a metric: every word and example of SEMANTICS."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nbtrail.trail.inference import (
    METRIC_WORDS,
    QUALIFIERS,
    is_metric_name,
    metric_candidates,
    metric_dict,
    metric_values,
    params_from,
)

SEMANTICS_WORDS = (
    "acc accuracy loss auc auroc f1 precision recall score rmse mse mae mape r2 error perplexity "
    "bleu rouge iou dice logloss ndcg map mrr"
).split()
SEMANTICS_QUALIFIERS = (
    "train val valid validation test dev cv mean std avg macro micro weighted"
).split()


def test_the_words_of_semantics_are_all_there() -> None:
    assert set(SEMANTICS_WORDS) <= METRIC_WORDS
    assert set(SEMANTICS_QUALIFIERS) == QUALIFIERS


@pytest.mark.parametrize("word", SEMANTICS_WORDS)
def test_each_word_in_each_place(word: str) -> None:
    plural = word + ("es" if word.endswith("s") else "s")
    for name in (word, word.upper(), f"val_{word}", f"{word}_3", f"testSet{word.capitalize()}"):
        assert is_metric_name(name), name
    if word[-1].isalpha():
        assert is_metric_name(plural)
    for qualifier in SEMANTICS_QUALIFIERS:
        assert is_metric_name(f"{word}_{qualifier}")
        assert is_metric_name(f"{qualifier}_{word}")
        assert is_metric_name(f"{word}_{qualifier}_2_mean")


@pytest.mark.parametrize(
    "name",
    [
        "val_acc", "f1_macro", "test_rmse", "losses", "trainLoss", "valAUC", "R2", "acc1",
        "cross_val_scores", "f1_score", "mean_squared_error", "top_5_accuracy", "LogLoss",
        "fold_accuracies",
    ],
)  # fmt: skip
def test_names_of_metrics(name: str) -> None:
    assert is_metric_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "loss_weight", "accuracy_threshold", "scorer", "accelerator", "learning_rate", "lr", "x",
        "test", "val", "mean", "mean_std_3", "", "_", "12", "mapping", "maps_dir", "loss_fn",
        "scores_df", "terror", "closs", "bias", "class", "mass", "access", "dataset",
    ],
)  # fmt: skip
def test_names_of_other_things(name: str) -> None:
    assert not is_metric_name(name)


def test_only_a_plural_stands_for_a_singular() -> None:
    words = {"accuracy", "busy"}
    names = ("accuracies", "bus", "buses")
    assert [name for name in names if is_metric_name(name, words)] == ["accuracies"]


def test_candidates_are_sorted_and_public() -> None:
    assert metric_candidates({"loss", "acc", "_loss", "x"}) == ["acc", "loss"]


def test_literals_are_params() -> None:
    literals = {
        "lr": 0.1, "epochs": 3, "name": "adam", "debug": False, "nothing": None,
        "sizes": [64, 64], "pair": (1, "a"),
    }  # fmt: skip
    assert params_from(literals) == literals


def test_dicts_are_flattened() -> None:
    config = {"lr": 0.1, "opt": {"name": "adam", "betas": (0.9, 0.99)}}
    assert params_from({"cfg": config}) == {
        "cfg.lr": 0.1, "cfg.opt.name": "adam", "cfg.opt.betas": (0.9, 0.99),
    }  # fmt: skip


@pytest.mark.parametrize(
    "literals",
    [
        {"_private": 1},
        {"best_acc": 0.0},
        {"text": "x" * 501},
        {"many": list(range(21))},
        {"many": {str(key): key for key in range(21)}},
        {"odd": {1, 2}},
        {"odd": b"bytes"},
        {"odd": 1j},
        {"odd": {1: "key"}},
        {"odd": ...},
        {"deep": [[[[[1]]]]]},
    ],
)
def test_what_is_no_param(literals: dict[str, object]) -> None:
    assert params_from(literals) == {}


def test_the_limits_are_inclusive() -> None:
    literals = {"text": "x" * 500, "many": list(range(20))}
    assert params_from(literals) == literals


@pytest.mark.parametrize(
    ("value", "points"),
    [
        (0.5, [0.5]),
        (math.inf, [math.inf]),
        (np.float64(0.5), [0.5]),
        (np.float32(0.5), [0.5]),
        (np.float16(0.5), [0.5]),
        (np.array(0.5), [0.5]),
        (np.array([0.5, 1.0], dtype=np.float32), [0.5, 1.0]),
        ([0.5, np.float32(1.0), np.array(1.5)], [0.5, 1.0, 1.5]),
    ],
)
def test_floats_are_metric_values(value: object, points: list[float]) -> None:
    found = metric_values(value)
    assert found == points
    assert all(type(point) is float for point in found or [])


@pytest.mark.parametrize(
    "value",
    [
        True, 1, "0.5", None, 1j, [], [1, 2], [0.5, 1], [0.5, None], (0.5,), {0.5}, [[0.5]],
        np.int64(1), np.bool_(True), np.array([1, 2]), np.array([[0.5]]), np.array([]),
        np.array(["a"]), np.float64, [0.5] * 100_001, object(),
    ],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_other_values_are_not(value: object) -> None:
    assert metric_values(value) is None


def test_whatever_is_not_known_is_never_touched() -> None:
    class Lazy:
        def __getattr__(self, name: str) -> object:
            raise AssertionError(f"asked for {name}")

        def __float__(self) -> float:
            raise AssertionError("asked for its value")

        __len__ = __iter__ = __float__

    assert metric_values(Lazy()) is None
    assert metric_values([Lazy()]) is None
    assert metric_dict({"acc": Lazy()}) == {}
    assert params_from({"lr": Lazy()}) == {}


@pytest.mark.parametrize(
    ("value", "metrics"),
    [
        ({"acc": 0.5, "f1_macro": np.float32(0.25)}, {"acc": 0.5, "f1_macro": 0.25}),
        ({"acc": 0.5, "lr": 0.1}, {}),
        ({"acc": 1}, {}),
        ({"acc": [0.5]}, {}),
        ({1: 0.5}, {}),
        ({}, {}),
        ([0.5], {}),
        ({f"acc_{number}": 0.5 for number in range(21)}, {}),
    ],
)
def test_a_flat_dict_of_metrics(value: object, metrics: dict[str, float]) -> None:
    assert metric_dict(value) == metrics
