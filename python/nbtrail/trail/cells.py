"""The cells of two runs side by side: which is which, and what is different in them."""

from __future__ import annotations

import difflib
import json
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal

from nbtrail.entities import CellExecution, Record
from nbtrail.trail.notebook import cell_key

LONGEST = 2000  # lines that are compared one by one
SIMILAR = 0.5  # part of the words of two cells that makes one the other's edited form

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}")
# What differs from kernel to kernel, where there is a text that says the same.
_VOLATILE = {"text/html", "application/vnd.jupyter.widget-view+json"}


ChangeKind = Literal["same", "edited", "added", "removed"]


class OutputChange(Record, frozen=True):
    """One output that differs: what it is, such as ``stdout`` or ``image/png``, and how.

    `diff` is empty where it is not text.
    """

    what: str
    diff: list[str]


class CellChange(Record, frozen=True):
    """A cell of one run and its counterpart in the other, as each was executed last.

    `cell_a` and `cell_b` are ids; `place_a` and `place_b` count from 1, in the order in which the
    cells ran, and are None where the run has no such cell. `moved`: it ran before or after others
    than in the other run. `source` is a unified diff.
    """

    kind: ChangeKind
    title: str
    cell_a: str | None
    cell_b: str | None
    place_a: int | None
    place_b: int | None
    moved: bool = False
    source: list[str] = []
    outputs: list[OutputChange] = []

    @property
    def differs(self) -> bool:
        """Whether there is a difference."""
        return self.kind != "same" or self.moved or bool(self.outputs)

    @property
    def summary(self) -> str:
        """The difference in a word or two."""
        if self.kind != "same":
            return self.kind
        if self.moved:
            return "moved"
        return "with other outputs" if self.outputs else "the same"


def compare_cells(a: Sequence[CellExecution], b: Sequence[CellExecution]) -> list[CellChange]:
    """Match the cells of two trails by id, then by content, and compare what they did.

    Returns:
        All cells in the order of `b`, those that only `a` has after the ones that they followed.
    """
    before, after = last_of_each(a), last_of_each(b)
    found = matches(before, after)
    moved = _out_of_order(found)
    changes = []
    for i, j in _in_order(found, len(before), len(after)):
        one = before[i] if i is not None else None
        other = after[j] if j is not None else None
        changes.append(_change(one, other, i, j, j in moved))
    return changes


def last_of_each(executions: Iterable[CellExecution]) -> list[CellExecution]:
    """Return the last execution of each cell, in the order in which those ran."""
    last: dict[str, CellExecution] = {}
    for execution in executions:
        last.pop(cell_key(execution), None)
        last[cell_key(execution)] = execution
    return list(last.values())


def title_of(source: str) -> str:
    """Return the first line of code; a comment where there is none."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    return next((line for line in lines if not line.startswith("#")), "".join(lines[:1]))


def unified(a: str, b: str) -> list[str]:
    """Return the lines of a unified diff, without its head; none if the texts are equal."""
    if a == b:
        return []
    before, after = a.splitlines(), b.splitlines()
    if max(len(before), len(after)) > LONGEST:
        return [f"@@ {len(before)} lines are now {len(after)} other ones @@"]
    return list(difflib.unified_diff(before, after, n=2, lineterm=""))[2:]


def matches(a: Sequence[CellExecution], b: Sequence[CellExecution]) -> dict[int, int]:
    """Return which cell of `b` each one of `a` is: by id, else by content, else by likeness."""
    found: dict[int, int] = {}
    for key in (lambda e: e.cell_id, lambda e: e.source.strip()):
        _match_equal(a, b, key, found)
    _match_similar(a, b, found)
    return found


def _match_equal(
    a: Sequence[CellExecution],
    b: Sequence[CellExecution],
    key: Callable[[CellExecution], str | None],
    found: dict[int, int],
) -> None:
    free: dict[str, list[int]] = {}
    taken = set(found.values())
    for j, execution in enumerate(b):
        if j not in taken and (value := key(execution)):
            free.setdefault(value, []).append(j)
    for i, execution in enumerate(a):
        if i not in found and free.get(key(execution) or ""):
            found[i] = free[key(execution) or ""].pop(0)


def _match_similar(
    a: Sequence[CellExecution], b: Sequence[CellExecution], found: dict[int, int]
) -> None:
    taken = set(found.values())
    words = {j: _words(b[j].source) for j in range(len(b)) if j not in taken}
    for i in range(len(a)):
        if i in found or not words:
            continue
        mine = _words(a[i].source)
        likeness = {j: _likeness(mine, other) for j, other in words.items()}
        best = max(likeness, key=lambda j: likeness[j])
        if likeness[best] >= SIMILAR:
            found[i] = best
            del words[best]


def _words(source: str) -> set[str]:
    return set(re.findall(r"\w+", source))


def _likeness(one: set[str], other: set[str]) -> float:
    return len(one & other) / max(len(one), len(other), 1)


def _out_of_order(found: dict[int, int]) -> set[int]:
    """Return the fewest cells of `b` without which the others stand as in `a`."""
    order = [found[i] for i in sorted(found)]
    tails: list[int] = []
    ends: list[int] = []  # the length of the longest rising sequence that ends with each
    for j in order:
        place = bisect_left(tails, j)
        tails[place : place + 1] = [j]
        ends.append(place)
    kept, wanted = set(), len(tails) - 1
    for j, end in zip(reversed(order), reversed(ends), strict=True):
        if end == wanted:
            kept.add(j)
            wanted -= 1
    return set(order) - kept


def _in_order(
    found: dict[int, int], size_a: int, size_b: int
) -> Iterator[tuple[int | None, int | None]]:
    """Yield pairs in the order of `b`; what only `a` has follows what it followed there."""
    followers: dict[int, list[int]] = {}
    before = -1
    for i in range(size_a):
        if i in found:
            before = found[i]
        else:
            followers.setdefault(before, []).append(i)
    back = {j: i for i, j in found.items()}
    yield from ((i, None) for i in followers.get(-1, []))
    for j in range(size_b):
        yield back.get(j), j
        yield from ((i, None) for i in followers.get(j, []))


def _change(
    a: CellExecution | None, b: CellExecution | None, i: int | None, j: int | None, moved: bool
) -> CellChange:
    source = unified(a.source if a else "", b.source if b else "")
    kind: ChangeKind = "edited" if source else "same"
    if a is None or b is None:
        kind = "added" if a is None else "removed"
    return CellChange(
        kind,
        title=title_of([one.source for one in (a, b) if one][-1]),
        cell_a=a.cell_id if a else None,
        cell_b=b.cell_id if b else None,
        place_a=None if i is None else i + 1,
        place_b=None if j is None else j + 1,
        moved=moved,
        source=source,
        outputs=compare_outputs(a.outputs, b.outputs) if a and b else [],
    )


def compare_outputs(a: Iterable[dict[str, Any]], b: Iterable[dict[str, Any]]) -> list[OutputChange]:
    """Compare what two cells have put out, leaving aside what differs from kernel to kernel."""
    before, after = list(pieces(a)), list(pieces(b))
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    changes: list[OutputChange] = []
    for operation, i, end_i, j, end_j in matcher.get_opcodes():
        if operation != "equal":
            changes += _output_changes(before[i:end_i], after[j:end_j])
    return changes


def _output_changes(a: list[tuple[str, str]], b: list[tuple[str, str]]) -> Iterator[OutputChange]:
    """Yield the changes between outputs at the same place, by what they are."""
    for what in dict.fromkeys(kind for kind, _ in (*a, *b)):
        texts = ["\n".join(text for kind, text in side if kind == what) for side in (a, b)]
        yield OutputChange(what, unified(*texts) if _is_readable(what) else [])


def _is_readable(what: str) -> bool:
    return what in {"stdout", "stderr", "error"} or what.startswith("text/")


def pieces(outputs: Iterable[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield what was put out as (what, content), what was printed in a row as one piece."""
    stream, printed = "", ""
    for output in outputs:
        name = output.get("name", "stdout") if output["output_type"] == "stream" else ""
        if printed and name != stream:
            yield stream, _ADDRESS.sub("0x…", printed)
            printed = ""
        stream = name
        if name:
            printed += _text(output["text"])
        else:
            yield from _displayed(output)
    if printed:
        yield stream, _ADDRESS.sub("0x…", printed)


def _displayed(output: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if output["output_type"] == "error":
        yield "error", f"{output['ename']}: {output['evalue']}"
        return
    data = output.get("data", {})
    for kind in sorted(data):
        if kind not in _VOLATILE or "text/plain" not in data:
            text = _text(data[kind])
            yield kind, _ADDRESS.sub("0x…", text) if _is_readable(kind) else text


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "".join(map(str, content))
    return content if isinstance(content, str) else json.dumps(content, sort_keys=True)
