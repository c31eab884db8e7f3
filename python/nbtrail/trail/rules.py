"""What the user says of names, which overrules what would be inferred of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypeVar

import msgspec

from nbtrail.entities import Record
from nbtrail.trail.inference import is_metric_name

T = TypeVar("T")
Kind = Literal["ignore", "params", "metrics"]
KINDS: tuple[Kind, ...] = ("ignore", "params", "metrics")


class Rules(Record, frozen=True, omit_defaults=True):
    """Overruled inference, in the form in which a notebook's metadata keeps it.

    Attributes:
        ignore: names, or keys, that are neither param nor metric.
        params: names that are params, whatever they stand for.
        metrics: names that are metrics, whatever they are called.
        rename: the key under which a name, or another key, is recorded.
        metric_words: words that make a name a metric's, beside those that always do.
    """

    ignore: list[str] = []
    params: list[str] = []
    metrics: list[str] = []
    rename: dict[str, str] = {}
    metric_words: list[str] = []

    def saying(self, kind: Kind, names: Iterable[str]) -> Rules:
        """Return rules by which names are of this kind, and of no other."""
        said = list(dict.fromkeys(names))
        lists = {one: [name for name in getattr(self, one) if name not in said] for one in KINDS}
        lists[kind] += said
        return msgspec.structs.replace(self, **lists)

    def renaming(self, name: str, key: str) -> Rules:
        """Return rules by which a name is recorded as `key`; as itself again if that is it."""
        rest = {old: new for old, new in self.rename.items() if name not in (old, new)}
        first = next((old for old, new in self.rename.items() if new == name), name)
        return msgspec.structs.replace(self, rename=rest if first == key else {**rest, first: key})

    def and_then(self, nearer: Rules) -> Rules:
        """Return these rules, overruled by others that are nearer to what they are about."""
        if NONE in (self, nearer):  # the usual case, many times a cell
            return self if nearer == NONE else nearer
        found = self
        for kind in KINDS:
            found = found.saying(kind, getattr(nearer, kind))
        words = [*dict.fromkeys([*self.metric_words, *nearer.metric_words])]
        rename = {**self.rename, **nearer.rename}
        return msgspec.structs.replace(found, rename=rename, metric_words=words)

    def is_metric(self, name: str) -> bool:
        """Say whether a name is a metric's: because it was said, or by how it sounds."""
        if name in self.metrics:
            return True
        other = name in self.params or name in self.ignore
        return not other and (is_metric_name(name) or is_metric_name(name, {*self.metric_words}))

    def drops(self, key: str) -> bool:
        """Say whether what was recorded as a metric under a key is said to be none."""
        names = {key, *(old for old, new in self.rename.items() if new == key)}
        return not names.isdisjoint([*self.ignore, *self.params])

    def recorded(self, values: Mapping[str, T]) -> dict[str, T]:
        """Return what is to be recorded of values by name, under the keys that it goes by."""
        return {
            self.rename.get(name, name): value
            for name, value in values.items()
            if not {name, name.partition(".")[0], self.rename.get(name)} & {*self.ignore}
        }


NONE = Rules()
"""Nothing is said of any name."""
