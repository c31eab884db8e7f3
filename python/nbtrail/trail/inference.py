"""What counts as a param and what as a metric: the rules of SEMANTICS, on names and values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Set
from functools import lru_cache
from typing import Any

STRING_LIMIT, ITEM_LIMIT, SERIES_LIMIT = 500, 20, 100_000
INTEGER_BITS = 4096

METRIC_WORDS = frozenset(
    "acc accuracy auc auroc auprc bleu brier cer dice entropy error f1 fbeta gini iou jaccard "
    "kappa kl logloss loss lpips mae map mape mcc mrr mse ndcg nll perplexity precision psnr r2 "
    "recall rmse rmsle roc rouge score sensitivity silhouette specificity ssim wer".split()
)
QUALIFIERS = frozenset(
    "train val valid validation test dev cv mean std avg macro micro weighted".split()
)
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+\d*|[A-Z]+\d*|\d+")
# Only these are asked for their values: anything else might be lazy, slow or have side effects.
ARRAY_PACKAGES = frozenset({"numpy", "torch", "jax", "jaxlib", "cupy", "tensorflow"})


def is_metric_name(name: str, metric_words: Set[str] = METRIC_WORDS) -> bool:
    """Say whether a name's last word, trailing qualifiers dropped, is a metric word."""
    return not _last_word(name).isdisjoint(metric_words)


@lru_cache(maxsize=8192)
def _last_word(name: str) -> frozenset[str]:
    """Return the forms, singular and plural, of the word that says what a name is."""
    for word in reversed(_WORD.findall(name)):
        lower = word.lower()
        if lower not in QUALIFIERS and not lower.isdecimal():
            return frozenset(_singulars(lower))
    return frozenset()


def _singulars(word: str) -> Iterator[str]:
    for form in (word, word.rstrip("0123456789")):
        yield form
        if form.endswith("s"):
            yield form[:-1]
            yield form.removesuffix("es")
        if form.endswith("ies"):
            yield f"{form[:-3]}y"


def params_from(
    literals: dict[str, Any], is_metric: Callable[[str], bool] = is_metric_name
) -> dict[str, Any]:
    """Return the params that literal bindings stand for; dicts are flattened with dots.

    What is too large, of another type, private, or named like a metric (an initial value) is
    left out.
    """
    params: dict[str, Any] = {}
    for name, value in literals.items():
        if not name.startswith("_") and not is_metric(name):
            params.update(_flatten(name, value))
    return params


def _flatten(name: str, value: Any) -> dict[str, Any]:
    if not _is_param_value(value):
        return {}
    if not isinstance(value, dict):
        return {name: value}
    flat: dict[str, Any] = {}
    for key, inner in value.items():
        flat.update(_flatten(f"{name}.{key}", inner))
    return flat


def _is_param_value(value: Any, depth: int = 0) -> bool:
    if isinstance(value, str):
        return len(value) <= STRING_LIMIT and _is_text(value)
    if isinstance(value, int):
        return value.bit_length() <= INTEGER_BITS
    if value is None or isinstance(value, float):
        return True
    if depth > 3 or not isinstance(value, tuple | list | dict) or len(value) > ITEM_LIMIT:
        return False
    if isinstance(value, dict):
        return all(
            isinstance(key, str) and _is_param_value(inner, depth + 1)
            for key, inner in value.items()
        )
    return all(_is_param_value(item, depth + 1) for item in value)


def _is_text(value: str) -> bool:
    """Say whether a string has characters only: half of a surrogate pair is none."""
    return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)


def is_float(value: object) -> bool:
    """Say whether a value is a float by its type; the value itself is not asked anything."""
    return issubclass(type(value), float)


def _package(value: object) -> str:
    """Return the package that a value's type is from, past whatever its metaclass does."""
    module = type.__getattribute__(type(value), "__module__")
    return module.partition(".")[0] if isinstance(module, str) else ""


def metric_values(value: Any) -> list[float] | None:
    """Return a metric's points: one for a float, several for a list or 1-d array of floats.

    None for everything else: bool, int and str, and whatever is not surely cheap to read.
    """
    if is_float(value):
        return [float.__float__(value)]
    if _package(value) in ARRAY_PACKAGES:
        return _array_values(value)
    if type(value) is list and 0 < len(value) <= SERIES_LIMIT:
        numbers = [_scalar(item) for item in value]
        return None if None in numbers else [n for n in numbers if n is not None]
    return None


def _scalar(value: Any) -> float | None:
    if is_float(value):
        return float.__float__(value)
    if _package(value) in ARRAY_PACKAGES:
        values = _array_values(value)
        return values[0] if values and getattr(value, "ndim", None) == 0 else None
    return None


def _array_values(value: Any) -> list[float] | None:
    if "float" not in str(getattr(value, "dtype", "")):
        return None
    if value.ndim == 0:
        return [float(value.item())]
    if value.ndim == 1 and 0 < value.shape[0] <= SERIES_LIMIT:
        return [float(item) for item in value.tolist()]
    return None


def metric_dict(value: Any, is_metric: Callable[[str], bool] = is_metric_name) -> dict[str, float]:
    """Return a last expression's metrics if it is a flat dict of floats with metric names."""
    if type(value) is not dict or not 0 < len(value) <= ITEM_LIMIT:
        return {}
    metrics: dict[str, float] = {}
    for key, item in value.items():
        number = _scalar(item)
        if type(key) is not str or number is None or not is_metric(key):
            return {}
        metrics[key] = number
    return metrics


def metric_candidates(
    names: Iterable[str], is_metric: Callable[[str], bool] = is_metric_name
) -> list[str]:
    """Return the names among `names` that sound like metrics, in order."""
    return sorted(name for name in names if not name.startswith("_") and is_metric(name))
