"""What a notebook says of names: kept in its metadata, so that it holds in the next session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from nbtrail.recorder.document import LARGEST
from nbtrail.tracking.failures import never_raises, tell_once
from nbtrail.trail.rules import Rules

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

TARGET = "nbtrail.rules"
"""Comm by which the rules go to and fro: ``{"rules": {...}}``, as the metadata has them.

The kernel opens it, which also says that the recorder is there. The front end answers with what
the notebook has now, and writes into it what comes later. Its answer may have waited behind cells
that changed the rules: then they are sent once more.

Beside the rules comes ``"on": bool``, whether cells are captured; it comes alone when they are no
more, or again. A front end that was loaded anew meets an old comm: it is told with the answer to
what it says first.
"""


class _Metadata(msgspec.Struct):
    nbtrail: dict[str, Any] = {}


class _File(msgspec.Struct):
    """What is read of a notebook file."""

    metadata: _Metadata


class NotebookRules:
    """The rules of the notebook of one kernel.

    Attributes:
        everywhere: those of the user's configuration, which the notebook's own overrule.
        own: the notebook's.
        on: whether the recorder captures cells.
    """

    def __init__(self, path: str | None) -> None:
        self.everywhere = Rules()
        self.own = _rules_of(_read(Path(path))) if path else Rules()
        self.on = True
        self._comm: Any = None
        self._changed = False

    @property
    def current(self) -> Rules:
        """What holds now."""
        return self.everywhere.and_then(self.own)

    def change(self, rules: Rules) -> None:
        """Make these the notebook's rules, and have the front end write them into it."""
        self.own, self._changed = rules, True
        self._send(self._message())

    def turn(self, *, on: bool) -> None:
        """Have the front end know that the recorder captures cells from now on, or does not."""
        if on != self.on:
            self.on = on
            self._send({"on": on})

    def announce(self, shell: InteractiveShell) -> None:
        """Tell the front end that its notebook's rules are wanted, where there can be one."""
        kernel = getattr(shell, "kernel", None)
        if kernel is not None and not _is_from_a_script(kernel.get_parent("shell")):
            self._open()

    @never_raises("the rules of the notebook")
    def _open(self) -> None:
        from comm import create_comm

        self._comm = create_comm(target_name=TARGET, data=self._message())
        self._comm.on_msg(self._on_message)

    @never_raises("the rules of the notebook")
    def stop(self) -> None:
        """Say that nothing will come any more."""
        if self._comm is not None:
            self._comm.close()

    @never_raises("the rules of the notebook")
    def _send(self, message: dict[str, Any]) -> None:
        if self._comm is not None:
            self._comm.send(message)

    def _message(self) -> dict[str, Any]:
        return {"rules": msgspec.to_builtins(self.own), "on": self.on}

    def _on_message(self, message: dict[str, Any]) -> None:
        if self._changed:
            self._send(self._message())
        else:
            self.own = _rules_of(message["content"]["data"].get("rules"))
            self._send({"on": self.on})


def _is_from_a_script(request: dict[str, Any]) -> bool:
    """Tell whether papermill, nbconvert and the like had a cell executed: they know no comms.

    They would warn of it. A front end says which cell it is.
    """
    is_cell = request.get("msg_type") == "execute_request" and not request["content"].get("silent")
    return is_cell and "cellId" not in request.get("metadata", {})


def _read(path: Path) -> dict[str, Any]:
    """Return what a notebook file's metadata has of nbtrail's."""
    try:
        if path.stat().st_size > LARGEST:
            return {}
        return msgspec.json.decode(path.read_bytes(), type=_File).metadata.nbtrail
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return {}


def _rules_of(metadata: object) -> Rules:
    """Return the rules in a notebook's metadata; none, which is told, if it makes no sense."""
    try:
        return msgspec.convert(metadata or {}, Rules)
    except msgspec.ValidationError as error:
        tell_once(f"nbtrail: the notebook's metadata.nbtrail is left out: {error}.")
        return Rules()
