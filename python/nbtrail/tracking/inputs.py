"""Datasets as people give them, turned into the inputs of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from nbtrail.entities import Dataset, DatasetInput, InputTag
from nbtrail.errors import InvalidValue

CONTEXT = "mlflow.data.context"


class HasEntity(Protocol):
    """An object of `nbtrail.data`."""

    def to_entity(self) -> Dataset:
        """Return what is stored of it."""


DatasetLike = Dataset | HasEntity


def inputs_of(
    datasets: Sequence[DatasetLike | None],
    contexts: Sequence[str | None] | None = None,
    tags: Sequence[Mapping[str, str] | None] | None = None,
) -> list[DatasetInput]:
    """Return inputs, one for each dataset that is one.

    Raises:
        InvalidValue: something is no dataset, or the lists are not equally long.
    """
    contexts = [None] * len(datasets) if contexts is None else contexts
    tags = [None] * len(datasets) if tags is None else tags
    if not len(datasets) == len(contexts) == len(tags):
        raise InvalidValue(
            f"{len(datasets)} datasets need as many contexts and tags, not {len(contexts)} and "
            f"{len(tags)}; None stands for none."
        )
    return [
        DatasetInput(_entity(dataset), _tags(context, own))
        for dataset, context, own in zip(datasets, contexts, tags, strict=True)
        if dataset is not None
    ]


def _entity(dataset: DatasetLike) -> Dataset:
    if isinstance(dataset, Dataset):
        return dataset
    if not hasattr(dataset, "to_entity"):
        raise InvalidValue(
            f"A {type(dataset).__name__} is no dataset: make one with nbtrail.data.from_pandas, "
            "from_numpy, from_polars, from_file or from_huggingface."
        )
    return dataset.to_entity()


def _tags(context: str | None, tags: Mapping[str, str] | None) -> list[InputTag]:
    named = {**(tags or {}), **({CONTEXT: context} if context else {})}
    return [InputTag(str(key), str(value)) for key, value in named.items()]
