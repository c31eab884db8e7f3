"""What begins and ends runs, and what is written on them: start, end, note, tag."""

from __future__ import annotations

from IPython.core.error import UsageError

from nbtrail import tracking
from nbtrail.magics.command import Command, whole_line
from nbtrail.magics.context import Context
from nbtrail.recorder.cell_magic import CELL_OPTIONS, run_options
from nbtrail.recorder.line_options import Words, pairs


def _start(context: Context, words: Words) -> None:
    options = run_options(words)
    current = tracking.active_run()
    explicit = current is not None and current.kind == "explicit" and not current.borrowed
    if current is not None and explicit and not options.nested:
        current.end()
        print(f"nbtrail ended the run {current.name}.")
    run = context.recorder.runs.start(options)
    print(f"nbtrail started the run {run.name}. '%track end' ends it.")


def _end(_: Context, __: Words) -> None:
    current = tracking.active_run()
    if current is None:
        raise UsageError("There is no run to end. '%track start' starts one.")
    if current.borrowed:
        raise UsageError(f"'nbtrail run' started the run {current.name}, and will end it.")
    current.end()
    print(f"nbtrail ended the run {current.name}.")


def _note(context: Context, words: Words) -> None:
    info = context.run().info
    text = " ".join(words.alone)
    context.store().edits.set_note(info.run_id, text)
    print(f"Noted on {info.run_name}." if text else f"Took the note of {info.run_name} away.")


def _tag(context: Context, words: Words) -> None:
    info = context.run().info
    tags = pairs(words.alone)
    context.store().runs.set_tags(info.run_id, tags)
    print(f"Tagged {info.run_name}: {', '.join(tags)}.")


COMMANDS = (
    Command(
        "start [NAME] [-e EXPERIMENT] [-t KEY=VALUE] [-p NAMES] [-m NAMES] [--nested] [--no-files]",
        "start a run; it lasts until '%track end'",
        _start,
        CELL_OPTIONS,
        most=None,
    ),
    Command("end", "end the current run", _end),
    Command("note [TEXT]", "write a note on the run; without a text, take it away", _note,
            most=None, read=whole_line),
    Command("tag KEY=VALUE ...", "set tags of the run", _tag, least=1, most=None),
)  # fmt: skip
