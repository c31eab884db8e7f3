"""What cells put out, in nbformat's own shape and in order, as the front end has it.

A message says by its parent which cell it belongs to: a thread, a task or a callback may print and
display while another cell runs, or when none does, and a later cell may update a display. A
terminal has no messages; there IPython's history is read.
"""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from IPython.utils.capture import CapturedIO, capture_output

from nbtrail import tracking
from nbtrail.autolog import patching
from nbtrail.recorder.cell_outputs import Limits, Output, OutputList, Room
from nbtrail.recorder.message_hooks import MessageHooks
from nbtrail.tracking import failures
from nbtrail.trail.notebook import CAPTURED

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

    from nbtrail.recorder.session import Execution

OWN = "nbtrail"
"""Key in the metadata of what nbtrail itself displays: never part of a trail."""

__all__ = ["OWN", "Output", "OutputCapture"]

MOST_CELLS = 200  # that may still put something out
MOST_DISPLAYS = 2000  # that may still be updated
SOON = 0.3  # seconds until what came late is written


class OutputCapture:
    """Collects the outputs of cells, during and after their execution.

    Attributes:
        limits: how much is kept.
        told: what was left out of the last cell's outputs.
        on_late: called soon after a cell that has ended has put something out; see `tell_late`.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self.limits = Limits()
        self.told: list[str] = []
        self.on_late: Callable[[], None] = lambda: None
        self._shell = shell
        self._pid = os.getpid()
        self._lock, self._telling = threading.RLock(), threading.Lock()
        self._cells: dict[str, OutputList] = {}
        self._current = self._cells[self._request()] = OutputList(None, self.limits)
        self._displays: dict[str, list[tuple[OutputList, Output]]] = {}
        self._captured: list[CapturedIO] = []
        self._in_history = 0
        self._room: Room | None = None
        self._run_id: str | None = None
        self._timer: threading.Timer | None = None
        self._late_ones: set[OutputList] = set()
        self._hooks = MessageHooks(shell, self._on_message)
        shell.events.callbacks["post_execute"].insert(0, self._mark)  # before figures are shown
        hook = patching.Hook(after=lambda captured, _: self._captured.append(captured))
        patching.wrap("outputs", capture_output, "__enter__", hook)

    def remove(self) -> None:
        """Take the hooks out."""
        self._hooks.remove()
        self._shell.events.unregister("post_execute", self._mark)
        patching.unwrap_all("outputs")

    # A cell

    def start(self, execution: Execution) -> None:
        """Begin a cell."""
        with self._lock:
            self._captured.clear()
            self._current = self._cells[self._request()] = self._cell_of(execution)
            while len(self._cells) > MOST_CELLS:
                del self._cells[next(iter(self._cells))]

    def _cell_of(self, execution: Execution) -> OutputList:
        """Return a new cell, or the one that has loaded the recorder."""
        begun = self._cells.get(self._request())
        if begun is None or begun.execution is not None:
            self._in_history = len(self._history())
            return OutputList(execution, self.limits)
        begun.execution = execution
        return begun

    def finish(self, result: ExecutionResult) -> list[Output]:
        """Return the outputs of the cell that has ended."""
        self._hooks.flush()
        with self._lock:
            cell = self._current
            if not self._hooks:
                self._read_history(cell)
            for output in self._out_of_sight():
                cell.show(output)
            error = result.error_in_exec or result.error_before_exec
            if error is not None:
                cell.fail(self._error(error))
            cell.ended = True
            outputs = cell.outputs(self._room_of_run()) if cell else []
            self.told = cell.told
            return outputs

    def tell_late(self, tell: Callable[[Execution, list[Output]], None]) -> None:
        """Tell of each cell that has put something out since it ended, with all its outputs."""
        with self._telling:  # in one order, whichever threads tell
            for execution, outputs in self._take_late():
                tell(execution, outputs)

    def _take_late(self) -> list[tuple[Execution, list[Output]]]:
        with self._lock:
            changed, self._late_ones = self._late_ones, set()
            return [
                (cell.execution, cell.outputs(self._room_of_run()))
                for cell in changed
                if cell.execution
            ]

    def _room_of_run(self) -> Room:
        """Return what is left for the current run; what a run's first cell put out is its own."""
        active = tracking.active_run()
        run_id = active.run_id if active else None
        if self._room is None or self._run_id not in {run_id, None}:
            self._room = Room(self.limits.outputs)
        self._run_id = run_id
        return self._room

    def _request(self) -> str:
        """Return the id of the request that the running cell answers."""
        header = getattr(self._shell.display_pub, "parent_header", {})
        return str(header.get("msg_id", ""))

    def _mark(self) -> None:
        with self._lock:
            self._current.mark()

    # Messages

    def _on_message(self, message: dict[str, Any]) -> dict[str, Any]:
        """Take a message in; in a process that was forked there is nobody to take it."""
        if os.getpid() == self._pid:
            try:
                with self._lock:
                    self._take(message)
            except Exception:
                failures.report("an output")
        return message

    def _take(self, message: dict[str, Any]) -> None:
        content, kind = message["content"], message["header"]["msg_type"]
        if OWN in content.get("metadata", {}):
            return
        display_id = content.get("transient", {}).get("display_id")
        if display_id is not None:
            self._update(display_id, content)
        cell = self._cells.get(message.get("parent_header", {}).get("msg_id", ""))
        if cell is not None and kind != "update_display_data":
            self._add(cell, kind, content, display_id)

    def _add(
        self, cell: OutputList, kind: str, content: dict[str, Any], display_id: str | None
    ) -> None:
        if kind == "stream":
            cell.print(content["name"], content["text"])
        elif kind == "clear_output":
            cell.clear(content["wait"])
        elif kind in {"display_data", "execute_result"}:
            output = {"output_type": kind, **_parts(content)}
            if kind == "execute_result":
                output["execution_count"] = content["execution_count"]
            cell.show(output)
            if display_id is not None:
                self._remember(display_id, cell, output)
        self._changed(cell)

    def _remember(self, display_id: str, cell: OutputList, output: Output) -> None:
        self._displays.setdefault(display_id, []).append((cell, output))
        while len(self._displays) > MOST_DISPLAYS:
            del self._displays[next(iter(self._displays))]

    def _update(self, display_id: str, content: dict[str, Any]) -> None:
        """Change what was displayed under an id, in whichever cells."""
        for cell, output in self._displays.get(display_id, ()):
            output.update(_parts(content))
            self._changed(cell)

    def _changed(self, cell: OutputList) -> None:
        if not cell.ended or cell.execution is None:
            return
        self._late_ones.add(cell)
        if self._timer is None:
            self._timer = threading.Timer(SOON, self._late)
            self._timer.start()

    def _late(self) -> None:
        self._timer = None
        self.on_late()

    # What no message tells

    def _out_of_sight(self) -> Iterator[Output]:
        """Yield what the running cell has put out and kept from being shown."""
        for captured in self._captured:
            for name, text in (("stdout", captured.stdout), ("stderr", captured.stderr)):
                if text:
                    yield _hidden({"text/plain": text}, {}, name)
            for shown in captured.outputs:
                yield _hidden(shown.data, shown.metadata, "display")

    def _history(self) -> Sequence[Any]:
        """Return what IPython has kept of the running cell's outputs, and others' of its number."""
        # The displayhook knows the running cell's number, whenever IPython counts on.
        outputs = getattr(self._shell.history_manager, "outputs", {})
        return outputs.get(self._shell.displayhook.prompt_count, ())  # type: ignore[no-any-return]

    def _read_history(self, cell: OutputList) -> None:
        for entry in self._history()[self._in_history :]:
            if entry.output_type in {"out_stream", "err_stream"}:
                name = "stdout" if entry.output_type == "out_stream" else "stderr"
                cell.print(name, "".join(entry.bundle["stream"]))
                continue
            output = {"output_type": entry.output_type, **_parts({"data": entry.bundle})}
            if entry.output_type == "execute_result":
                output["execution_count"] = self._shell.displayhook.prompt_count
            cell.show(output)

    def _error(self, error: BaseException) -> Output:
        return {
            "output_type": "error",
            "ename": type(error).__name__,
            "evalue": failures.text_of(error),
            "traceback": [
                str(line) for line in getattr(self._shell, "_last_traceback", None) or ()
            ],
        }


def _parts(content: Mapping[str, Any]) -> Output:
    return {"data": _printable(content["data"]), "metadata": dict(content.get("metadata") or {})}


def _hidden(data: Mapping[str, Any], metadata: Mapping[str, Any] | None, what: str) -> Output:
    return {
        "output_type": "display_data",
        "data": _printable(data),
        "metadata": {**(metadata or {}), CAPTURED: what},
    }


def _printable(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a bundle with its images as text, as a kernel sends them."""
    found = {}
    for kind, value in data.items():
        text = base64.b64encode(value).decode() if isinstance(value, bytes) else value
        with suppress(TypeError, ValueError, RecursionError):  # what JSON has no form for
            if not isinstance(text, str):
                json.dumps(text)
            found[kind] = text
    return found
