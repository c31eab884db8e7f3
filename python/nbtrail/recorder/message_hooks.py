"""Hooks for the messages by which a kernel shows outputs, whichever thread makes them."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

Message = dict[str, Any]
Hook = Callable[[Message], Message]


class MessageHooks:
    """One hook at all places where outputs become messages; none in a terminal.

    Displays are made into messages in the thread that displays, and their publishers have hooks
    for each thread. Streams are collected, and sent by one thread.
    """

    def __init__(self, shell: InteractiveShell, hook: Hook) -> None:
        self._hook = hook
        parts = (shell.display_pub, shell.displayhook)
        self._publishers: list[Any] = [part for part in parts if hasattr(part, "register_hook")]
        self._before = [_hook_all_threads(part, hook) for part in self._publishers]
        streams: tuple[Any, ...] = (sys.stdout, sys.stderr)
        self._streams = [one for one in streams if hasattr(one, "pub_thread")]
        for stream in self._streams:
            stream.pub_thread.schedule(partial(stream.register_hook, hook))

    def __bool__(self) -> bool:
        return bool(self._publishers)

    def flush(self) -> None:
        """Have what was printed sent, and thereby hooked."""
        for stream in self._streams:
            if getattr(stream, "_buffers", True):
                stream.flush()

    def remove(self) -> None:
        """Take the hooks out."""
        for part, before in zip(self._publishers, self._before, strict=True):
            part.unregister_hook(self._hook)
            if before is not None:
                before.hooks = part._hooks
                part._thread_local = before
        for stream in self._streams:
            stream.pub_thread.schedule(partial(stream.unregister_hook, self._hook))


class _EveryThread(threading.local):
    """The hooks of a publisher; a thread that has none of its own has ours."""

    def __init__(self, hook: Hook) -> None:
        self.hooks = [hook]


def _hook_all_threads(part: Any, hook: Hook) -> Any:
    """Hook into a publisher; return what it kept its hooks in."""
    before = getattr(part, "_thread_local", None)
    if not isinstance(before, threading.local):
        part.register_hook(hook)
        return None
    everywhere = _EveryThread(hook)
    everywhere.hooks = [*part._hooks, hook]
    part._thread_local = everywhere
    return before
