"""What a cell puts out, in nbformat's own shape and in order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nbtrail.tracking import failures

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

LIMIT = 5_000_000
"""Characters of one output that are kept; of a larger one, a note."""

OWN = "nbtrail"
"""Key in the metadata of what nbtrail itself displays: never part of a trail."""

Output = dict[str, Any]


class OutputCapture:
    """Collects the outputs of the running cell.

    A kernel's display machinery takes hooks; the terminal's has none, and its outputs are read
    from IPython's history, where the streams of both are.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._outputs: list[Output] = []
        self._clear_next = False
        self._by_display_id: dict[str, Output] = {}
        self._seen = {"stdout": 0, "stderr": 0}
        self._count = 0
        self._hooked: list[Any] = [
            part
            for part in (shell.display_pub, shell.displayhook)
            if hasattr(part, "register_hook")
        ]
        for part in self._hooked:
            part.register_hook(self._on_message)

    def remove(self) -> None:
        """Take the hooks out."""
        for part in self._hooked:
            part.unregister_hook(self._on_message)

    def start(self) -> None:
        """Begin a cell."""
        self._outputs, self._by_display_id, self._clear_next = [], {}, False
        self._seen = {"stdout": 0, "stderr": 0}
        # The displayhook knows the running cell's number, whenever IPython counts on.
        self._count = self._shell.displayhook.prompt_count

    def finish(self, result: ExecutionResult) -> list[Output]:
        """Return the outputs of the cell that has ended."""
        if not self._hooked:
            self._read_history()
        self._take_streams()
        error = result.error_in_exec or result.error_before_exec
        if error is not None:
            self._append(self._error(error))
        return [_bounded(output) for output in self._outputs]

    def _on_message(self, message: dict[str, Any]) -> dict[str, Any]:
        try:
            content = message["content"]
            kind = message["header"]["msg_type"]
            if OWN not in content.get("metadata", {}):
                self._take_streams()
                self._take_display(kind, content)
        except Exception:
            failures.report("an output")
        return message

    def _take_display(self, kind: str, content: dict[str, Any]) -> None:
        display_id = content.get("transient", {}).get("display_id")
        if kind == "update_display_data":
            if (shown := self._by_display_id.get(display_id)) is not None:
                shown |= {"data": content["data"], "metadata": content["metadata"]}
            return
        if kind == "clear_output":
            self._clear(content["wait"])
        if kind not in {"display_data", "execute_result"}:
            return
        output = {"output_type": kind, "data": content["data"], "metadata": content["metadata"]}
        if kind == "execute_result":
            output["execution_count"] = content["execution_count"]
        if display_id is not None:
            self._by_display_id[display_id] = output
        self._append(output)

    def _clear(self, wait: bool) -> None:
        """Forget what was put out, now or as soon as there is something else."""
        self._clear_next = wait
        if not wait:
            self._outputs.clear()

    def _append(self, output: Output) -> None:
        if self._clear_next:
            self._clear(wait=False)
        self._outputs.append(output)

    def _take_streams(self) -> None:
        """Append what was printed since the last look."""
        for name, kind in (("stdout", "out_stream"), ("stderr", "err_stream")):
            text = "".join(
                "".join(entry.bundle.get("stream", ()))
                for entry in self._history()
                if entry.output_type == kind
            )
            new = text[self._seen[name] :]
            if new:
                self._append({"output_type": "stream", "name": name, "text": new})
                self._seen[name] = len(text)

    def _read_history(self) -> None:
        for entry in self._history():
            if entry.output_type in {"display_data", "execute_result"}:
                output = {
                    "output_type": entry.output_type,
                    "data": dict(entry.bundle),
                    "metadata": {},
                }
                if entry.output_type == "execute_result":
                    output["execution_count"] = self._count
                self._outputs.append(output)

    def _history(self) -> list[Any]:
        outputs = getattr(self._shell.history_manager, "outputs", {})
        return list(outputs.get(self._count, ()))

    def _error(self, error: BaseException) -> Output:
        return {
            "output_type": "error",
            "ename": type(error).__name__,
            "evalue": failures.text_of(error),
            "traceback": [
                str(line) for line in getattr(self._shell, "_last_traceback", None) or ()
            ],
        }


def _bounded(output: Output) -> Output:
    try:
        size = len(json.dumps(output))
    except (TypeError, ValueError):
        return _note("an output that is not JSON was left out")
    if size <= LIMIT:
        return output
    return _note(f"an output of {size:,} characters was left out (limit {LIMIT:,})")


def _note(text: str) -> Output:
    return {"output_type": "stream", "name": "stderr", "text": f"[nbtrail: {text}]\n"}
