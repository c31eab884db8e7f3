"""What overrules inference, for this run and those that follow: ignore, param, metric, rename."""

from __future__ import annotations

from collections.abc import Callable

from IPython.core.error import UsageError

from nbtrail.errors import did_you_mean
from nbtrail.magics.command import Command
from nbtrail.magics.context import Context
from nbtrail.recorder.line_options import Words
from nbtrail.store.keys import check_key
from nbtrail.trail.rules import Kind

KEPT = "This notebook remembers it."


def _saying(kind: Kind, what: str) -> Callable[[Context, Words], None]:
    def run(context: Context, words: Words) -> None:
        named = [name for word in words.alone for name in word.split(",") if name]
        if not named:
            raise UsageError("There is no name between the commas.")
        if kind != "ignore":
            _check_bound(context, named)
        rules = context.recorder.cells.rules
        rules.change(rules.own.saying(kind, named))
        context.recorder.runs.overrule(named)
        print(f"{', '.join(named)} {'is' if len(named) == 1 else 'are'} {what} from now on. {KEPT}")

    return run


def _rename(context: Context, words: Words) -> None:
    old, new = words.alone
    check_key(new, "param or metric")
    rules = context.recorder.cells.rules
    if rules.own.rename.get(old) != new:
        context.recorder.runs.rename(old, new)
    rules.change(rules.own.renaming(old, new))
    context.recorder.runs.overrule([])
    print(f"{old} is recorded as {new} from now on. {KEPT}")


def _check_bound(context: Context, names: list[str]) -> None:
    """Refuse what is surely a slip of the pen: a name that neither is there nor could come."""
    for name in names:
        if not name.isidentifier():
            close = did_you_mean(name, context.variables())
            raise UsageError(f"'{name}' is no name of a variable.{close}")


COMMANDS = (
    Command("ignore NAME ...", "neither a param nor a metric", _saying("ignore", "left out"),
            least=1, most=None, completes=Context.keys),
    Command("param NAME ...", "a param, whatever it stands for; so is what a config object holds",
            _saying("params", "recorded as a param"), least=1, most=None,
            completes=Context.variables),
    Command("metric NAME ...", "a metric, whatever it is called",
            _saying("metrics", "recorded as a metric"), least=1, most=None,
            completes=Context.variables),
    Command("rename OLD NEW", "the key under which a param or metric is recorded", _rename,
            least=2, most=2, completes=Context.keys),
)  # fmt: skip
