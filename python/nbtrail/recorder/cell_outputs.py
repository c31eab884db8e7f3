"""The outputs of one cell, in order, joined as a notebook has them, and no larger than allowed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from nbtrail.recorder.session import Execution

Output = dict[str, Any]


@dataclass
class Limits:
    """How much is kept, in characters: of one output, and of all outputs of one run."""

    output: int = 5_000_000
    outputs: int = 100_000_000


@dataclass
class Room:
    """What is left for the outputs of a run."""

    left: int


class Text:
    """What was printed to one stream; of a text that is too long, the beginning and the end."""

    def __init__(self, name: str, most: int) -> None:
        self.name = name
        self._most = most
        self._head: list[str] = []
        self._head_room = most // 2
        self._tail: deque[str] = deque()
        self._tail_size = 0
        self.size = 0

    def add(self, text: str) -> None:
        """Take in what was printed."""
        self.size += len(text)
        head, rest = text[: self._head_room], text[self._head_room :]
        if head:
            self._head.append(head)
            self._head_room -= len(head)
        if rest:
            self._tail.append(rest)
            self._tail_size += len(rest)
            self._drop_middle()

    def _drop_middle(self) -> None:
        room = self._most - self._most // 2
        while self._tail_size - len(self._tail[0]) >= room:
            self._tail_size -= len(self._tail.popleft())

    def output(self) -> tuple[Output, str]:
        """Return the output, and what is to be told of it."""
        tail, told = "".join(self._tail), ""
        if self.size > self._most:
            tail = tail[-(self._most - self._most // 2) :]
            left_out = self.size - self._most
            told = f"{left_out:,} of {self.size:,} characters were left out (output_limit)"
            tail = f"\n[nbtrail: {told}]\n{tail}"
        text = "".join(self._head) + tail
        return {"output_type": "stream", "name": self.name, "text": text}, told


class OutputList:
    """What one cell puts out, from when it starts, also after it has ended.

    Attributes:
        execution: whose outputs they are; None for a cell that nobody records.
        ended: the cell has come to its end.
        told: what was left out, a sentence for each time.
    """

    def __init__(self, execution: Execution | None, limits: Limits) -> None:
        self.execution = execution
        self.ended = False
        self.told: list[str] = []
        self._limits = limits
        self._items: list[Text | Output] = []
        self._size = 0
        self._dropped = 0
        self._clear_next = False
        self._error: Output | None = None
        self._error_at: int | None = None
        self._charged = 0

    def __bool__(self) -> bool:
        return bool(self._items or self._error or self._dropped)

    def print(self, name: str, text: str) -> None:
        """Add to what a stream has put out."""
        self._begin()
        last = self._items[-1] if self._items else None
        if not isinstance(last, Text) or last.name != name:
            last = Text(name, self._limits.output)
            self._items.append(last)
        last.add(text)

    def show(self, output: Output) -> None:
        """Add a display or a result."""
        self._begin()
        size = size_of(output)
        if self._size + size > self._limits.outputs:
            self._dropped += 1
            return
        self._size += size
        self._items.append(output)

    def clear(self, wait: bool) -> None:
        """Forget what was put out, now or as soon as there is something else."""
        self._clear_next = wait
        if not wait:
            self._items.clear()
            self._size = self._dropped = 0
            self._error_at = None

    def _begin(self) -> None:
        if self._clear_next:
            self.clear(wait=False)

    def mark(self) -> None:
        """Note that an exception, if there was one, stands here."""
        self._error_at = len(self._items)

    def fail(self, error: Output) -> None:
        """Have an exception stand where it was shown."""
        self._error = error

    def outputs(self, room: Room) -> list[Output]:
        """Return all outputs, as far as there is room for them."""
        room.left += self._charged
        self._charged, dropped, self.told = 0, self._dropped, []
        kept = []
        for output, told in map(self._bounded, self._in_order()):
            size = size_of(output)
            if size > room.left:
                dropped += 1
                continue
            room.left -= size
            self._charged += size
            kept.append(output)
            self.told += [told] if told else []
            if told and output["output_type"] != "stream":
                kept.append(note(told))
        if dropped:
            self.told.append(_dropped(dropped, self._limits.outputs))
            kept.append(note(self.told[-1]))
        return kept

    def _in_order(self) -> Iterator[Text | Output]:
        place = len(self._items) if self._error_at is None else self._error_at
        yield from self._items[:place]
        if self._error is not None:
            yield self._error
        yield from self._items[place:]

    def _bounded(self, item: Text | Output) -> tuple[Output, str]:
        """Return an output that is not too large, and what was left out of it."""
        if isinstance(item, Text):
            return item.output()
        if size_of(item) <= self._limits.output:
            return item, ""
        if item["output_type"] == "error":
            return _short_error(item, self._limits.output), "a traceback was cut (output_limit)"
        return _smaller(item, self._limits.output)


def size_of(output: Output) -> int:
    """Return about how many characters an output is as JSON."""
    return sum(_length(value) for value in (output.get("data") or output).values())


def _length(value: object) -> int:
    return len(value) if isinstance(value, str) else len(msgspec.json.encode(value))


def note(text: str) -> Output:
    """Return an output in which nbtrail says what is not there."""
    return {"output_type": "stream", "name": "stderr", "text": f"[nbtrail: {text}]\n"}


def _smaller(output: Output, most: int) -> tuple[Output, str]:
    """Return a display without the largest of its forms, and which those are."""
    data = dict(output["data"])
    gone = []
    while data and size_of({"data": data}) > most:
        kind = max(data, key=lambda one: _length(data[one]))
        gone.append(f"{kind} of {_length(data.pop(kind)):,} characters")
    told = f"{', '.join(gone)} left out (output_limit is {most:,})"
    return {**output, "data": data}, told


def _short_error(output: Output, most: int) -> Output:
    lines = [line[: most // 100] for line in output["traceback"][-50:]]
    return {**output, "evalue": output["evalue"][: most // 100], "traceback": lines}


def _dropped(count: int, most: int) -> str:
    outputs = "1 output was" if count == 1 else f"{count:,} outputs were"
    return f"{outputs} left out: a run's may have {most:,} characters (outputs_limit)"
