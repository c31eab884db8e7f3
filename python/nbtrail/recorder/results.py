"""The metrics that a cell yields without saying so."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Set
from types import ModuleType
from typing import Any

from nbtrail.recorder.named_values import named_metrics
from nbtrail.trail import inference
from nbtrail.trail.lineage import Lineage
from nbtrail.trail.names import CellNames
from nbtrail.trail.rules import Rules
from nbtrail.trail.syntax import dataset_of

Metrics = dict[str, list[float]]


def bound_metrics(
    names: CellNames, namespace: Mapping[str, Any], changed: Set[str], finished: bool, rules: Rules
) -> Metrics:
    """Return the metrics among the names that a cell has bound by now.

    Args:
        names: what the cell's source says.
        namespace: the notebook's names.
        changed: those that stand for another object than when the cell (or its run) began.
        finished: whether the cell got to its end, so that all it binds is bound.
        rules: what the user says of names.
    """
    found = named_metrics(names.binds.intersection(rules.metrics), namespace) if finished else {}
    filled = {name for name in names.mutates if type(namespace.get(name)) is list}
    for name in inference.metric_candidates(names.computed | filled, rules.is_metric):
        if name not in namespace or name in found:
            continue
        value = namespace[name]
        # `best_loss = min(losses)` gives the same float again, and is a result as before.
        bound = name in names.surely or not inference.is_float(value)
        if name in changed or (finished and bound):
            values = inference.metric_values(value)
            if values is not None:
                found[name] = values
    return found


def displayed_metrics(
    names: CellNames, namespace: Mapping[str, Any], lineage: Lineage, value: Any, rules: Rules
) -> Metrics:
    """Return the metrics in a cell's last expression: a dict of floats, or a metric function's."""
    if value is None:
        return {}
    if found := inference.metric_dict(value, rules.is_metric):
        return {key: [number] for key, number in found.items()}
    if names.last_call is None:
        return {}
    function = _resolve(names.last_call.func, namespace)
    numbers = inference.metric_values(value)
    if function is None or not _is_sklearn_metric(function) or not numbers or len(numbers) != 1:
        return {}
    return {f"{function.__name__}_{_dataset(names, lineage)}": numbers}


def _dataset(names: CellNames, lineage: Lineage) -> str:
    assert names.last_call is not None
    predictions = dict(names.predictions)
    for argument in names.last_call.args:
        if isinstance(argument, ast.Name) and argument.id not in predictions:
            binder = lineage.binder_names(argument.id)
            predictions.update(binder.predictions if binder else {})
    return dataset_of(names.last_call, predictions)


def _resolve(node: ast.expr, namespace: Mapping[str, Any]) -> Callable[..., Any] | None:
    """Return the function that a plain name, or a name in a module, stands for."""
    if isinstance(node, ast.Name):
        value = namespace.get(node.id)
        return value if callable(value) else None
    if isinstance(node, ast.Attribute):
        owner = namespace.get(node.value.id) if isinstance(node.value, ast.Name) else None
        value = getattr(owner, node.attr, None) if isinstance(owner, ModuleType) else None
        return value if callable(value) else None
    return None


def _is_sklearn_metric(function: Callable[..., Any]) -> bool:
    return str(getattr(function, "__module__", "")).startswith("sklearn.metrics")
