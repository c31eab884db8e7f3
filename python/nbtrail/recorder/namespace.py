"""What a cell did to the notebook's names, seen by comparing before and after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

from nbtrail.trail.fingerprints import NOTHING, Fingerprint, differ, fingerprint, is_whole
from nbtrail.trail.inference import is_float, is_metric_name
from nbtrail.trail.lineage import Step
from nbtrail.trail.plans import plan_of
from nbtrail.trail.reach import reached
from nbtrail.trail.rerun import ABSENT

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


class Snapshot:
    """The objects behind the user's names at one moment.

    Floats with metric names are the one thing that is referred to: a freed float's id is used
    again at once, and two values could not be told apart.
    """

    def __init__(self, namespace: Mapping[str, Any], hidden: Mapping[str, Any]) -> None:
        visible = {
            name: value
            for name, value in namespace.items()
            if type(name) is str and not name.startswith("_") and name not in hidden
        }
        self.ids = {name: id(value) for name, value in visible.items()}
        self._floats = {
            name: value
            for name, value in visible.items()
            if is_float(value) and is_metric_name(name)
        }
        self.modules = {
            name for name, value in visible.items() if issubclass(type(value), ModuleType)
        }

    def changed_since(self, before: Snapshot) -> set[str]:
        """Return the names that are new or stand for another object."""
        return {name for name, identity in self.ids.items() if before.ids.get(name) != identity}

    def same_modules_as(self, before: Snapshot) -> set[str]:
        """Return the names of modules that stand for what they stood for: no re-binding."""
        return {name for name in self.modules if before.ids.get(name) == self.ids[name]}

    def is_new_value(self, name: str, value: object) -> bool:
        """Say whether `value`, which `name` has now, differs from what it was here."""
        if name in self._floats:
            return self._floats[name] is not value
        return self.ids.get(name) != id(value)


@dataclass(frozen=True)
class Changes:
    """What a cell did to names: the arguments of `Lineage.end`."""

    changed: set[str]
    mutated: set[str]
    kept: set[str]
    fingerprints: dict[str, str]


class Namespace:
    """The notebook's names from cell to cell: what they stand for, and which cell has changed it.

    An object that was changed in place is known by its fingerprint: that of every name that a
    cell reads is made again when the cell ends. Other names that stand for the same object, or
    for one that it is a part of, have changed with it.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._prints: dict[str, Fingerprint] = {}
        self._last: Snapshot | None = None

    def snapshot(self) -> Snapshot:
        """Return what the names stand for now."""
        return Snapshot(self._shell.user_ns, self._shell.user_ns_hidden)

    def bound_outside(self, now: Snapshot) -> set[str]:
        """Return the names that a thread or a callback has bound since the last cell ended."""
        return now.changed_since(self._last) if self._last else set()

    def reached(self, name: str) -> set[str]:
        """Return the names that the code behind a name looks up when it is called."""
        return reached(self._shell.user_ns.get(name), self._shell.user_ns)

    def changes(self, step: Step, before: Snapshot | None, displayed: object) -> Changes:
        """Return what a cell that has ended did to the names.

        Args:
            step: the cell's execution.
            before: what the names stood for when it began; None where that was not seen.
            displayed: the value of its last expression.
        """
        self._last = after = self.snapshot()
        changed = after.changed_since(before) if before else set()
        bound = {name for name in step.names.binds | changed if name in self._shell.user_ns}
        said = self._said_to_mutate(step, after, displayed)
        looked_at = after.ids.keys() if step.names.opaque else step.looks_up & after.ids.keys()
        suspects = (looked_at | said) - bound - (after.modules - step.names.configures)
        now = self._fingerprints(bound | suspects)
        mutated = {name for name in suspects if self._is_changed(name, now[name], step, said)}
        # `xs += [1]` binds, and changes in place as well.
        kept = bound & step.looks_up & after.ids.keys()
        same = {name for name in kept if before and before.ids.get(name) == after.ids[name]}
        mutated |= {name for name in same if differ(self._text(name), now[name].text)}
        mutated |= self._changed_with(mutated, now, after)
        self._prints.update(now)
        texts = {name: now[name].text for name in bound | mutated}
        texts |= dict.fromkeys((step.names.binds | changed) - bound, ABSENT)
        modules = after.same_modules_as(before) if before else set()
        return Changes(changed, mutated, modules, texts)

    def _said_to_mutate(self, step: Step, after: Snapshot, displayed: object) -> set[str]:
        """Return the names that the source seems to change in place.

        What a module does when it is called is not kept in it, but what it is set is.
        """
        names = step.names
        said = set(names.mutates)
        root = names.last_root
        if root and (displayed is None or displayed is self._shell.user_ns.get(root)):
            said.add(root)
        return (said & after.ids.keys()) - (after.modules - names.configures)

    def _fingerprints(self, names: Iterable[str]) -> dict[str, Fingerprint]:
        return {name: fingerprint(self._shell.user_ns.get(name)) for name in names}

    def _is_changed(self, name: str, now: Fingerprint, step: Step, said: set[str]) -> bool:
        """Whether a cell has changed an object: stores always do, calls as far as can be seen."""
        known = self._text(name)
        if name in step.names.configures or differ(known, now.text):
            return True
        if name in said:
            return not (known and is_whole(now.text))
        return plan_of(type(self._shell.user_ns.get(name))).is_iterator

    def _changed_with(
        self, mutated: set[str], now: dict[str, Fingerprint], after: Snapshot
    ) -> set[str]:
        """Return the other names whose objects have a part that was changed; `now` gets theirs."""
        if not mutated:
            return set()
        whole = {after.ids.get(name) for name in mutated}
        parts = frozenset().union(*(now[name].parts | self._parts(name) for name in mutated))
        others = {
            name
            for name, identity in after.ids.items()
            if name not in now and (identity in whole or not parts.isdisjoint(self._parts(name)))
        }
        now |= self._fingerprints(others)
        return {
            name
            for name in others
            if after.ids[name] in whole
            or not is_whole(now[name].text)
            or differ(self._text(name), now[name].text)
        }

    def _text(self, name: str) -> str:
        return self._prints.get(name, NOTHING).text

    def _parts(self, name: str) -> frozenset[int]:
        return self._prints.get(name, NOTHING).parts
