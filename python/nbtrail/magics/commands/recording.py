"""Whether cells and models are recorded: on, off, status, autolog."""

from __future__ import annotations

from nbtrail import tracking
from nbtrail.autolog import switching
from nbtrail.autolog.options import BESIDES, options_of
from nbtrail.magics.command import Command
from nbtrail.magics.context import Context
from nbtrail.recorder.line_options import Words


def _on(context: Context, _: Words) -> None:
    context.settings.switch(context.recorder, on=True)
    print("nbtrail records from the next cell on.")


def _off(context: Context, _: Words) -> None:
    context.settings.switch(context.recorder, on=False)
    print("nbtrail is off. '%track on' turns it on again.")


def status(context: Context, _: Words) -> None:
    """Say what is being recorded, and where."""
    current = tracking.active_run()
    cells = context.recorder.cells
    print(f"nbtrail is {'on' if cells.enabled else 'off'}.")
    print(f"Store: {tracking.place.uri}")
    print(f"Cells on the session trail: {len(cells.session.executions)}")
    if current is None:
        print("Run: none yet. A metric, a fitted model or a log_… call opens one.")
    else:
        print(f"Run: {current.name} ({current.kind}, {current.run_id})")


def _autolog(_: Context, words: Words) -> None:
    """Turn autolog on or off, for all frameworks or for those that are named."""
    first, *rest = [*words.alone, ""]
    named = [word for word in (words.alone if first not in ("on", "off") else rest) if word]
    wanted = switching.known(named) or switching.WATCHED.keys()
    for framework in sorted(wanted):
        if first == "off":
            switching.stop(framework)
        else:
            switching.start(framework, options_of(framework) or BESIDES)
    on = [framework for framework in switching.WATCHED if options_of(framework)]
    print(f"Models are recorded of: {', '.join(on) or 'no framework'}.")


def _words_of_autolog(_: Context) -> list[str]:
    return ["on", "off", *switching.WATCHED]


COMMANDS = (
    Command("on", "record from the next cell on", _on),
    Command("off", "record nothing until '%track on'", _off),
    Command("status", "what is being recorded, and where", status),
    Command(
        "autolog [on | off] [FRAMEWORK ...]",
        "record the models that are fitted, or do not",
        _autolog,
        most=None,
        completes=_words_of_autolog,
    ),
)
