"""Loading into and unloading from an IPython shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbtrail import autolog
from nbtrail.display import html
from nbtrail.magics.endpoint import EndpointMagics
from nbtrail.magics.track import TrackMagics
from nbtrail.recorder import Recorder

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_recorders: dict[int, Recorder] = {}


def load(shell: InteractiveShell) -> None:
    """Turn recorder and autolog on, register the magics; a second call changes nothing.

    ``c.NbTrail.auto = False`` in IPython's configuration keeps quiet until ``%track on``.
    """
    if id(shell) in _recorders:
        return
    recorder = _recorders[id(shell)] = Recorder(shell)
    magics = TrackMagics(shell, recorder)
    shell.register_magics(magics)
    serving = EndpointMagics(shell)
    shell.register_magics(serving)
    for one, name in ((magics, "track"), (serving, "endpoint")):
        for key in (f"%{name}", f"%%{name}"):
            shell.set_hook("complete_command", one.complete, str_key=key)  # type: ignore[no-untyped-call]
    recorder.install()
    magics.read_project()
    magics.apply_to(recorder)
    html.register(shell)


def unload(shell: InteractiveShell) -> None:
    """Turn the recorder off and end the run that is open."""
    recorder = _recorders.pop(id(shell), None)
    if recorder is not None:
        autolog.switch(disable=True)
        recorder.remove()
        html.unregister(shell)
        for kind in ("line", "cell"):
            for name in ("track", "endpoint"):
                shell.magics_manager.magics[kind].pop(name, None)
