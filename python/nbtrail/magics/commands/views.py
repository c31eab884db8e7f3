"""What shows runs: list, show, compare, diff, why, check."""

from __future__ import annotations

from collections.abc import Iterator

from IPython.core.error import UsageError
from IPython.display import display

from nbtrail.display import html
from nbtrail.display.diff import diff, why
from nbtrail.display.table import number_text, run_table, table_text, time_text
from nbtrail.entities import Run
from nbtrail.magics.command import Command, as_written
from nbtrail.magics.context import Context
from nbtrail.recorder.cell_magic import EXPERIMENT
from nbtrail.recorder.line_options import Option, Words
from nbtrail.recorder.quiet_line import check_text
from nbtrail.store.edits import NOTE

COUNT = Option(("-n",), "a number")


def _list(context: Context, words: Words) -> None:
    store = context.store()
    named = words.one(EXPERIMENT)
    ids = [store.experiments.named(named).experiment_id] if named else None
    filter_string = " ".join(words.alone)
    count = _count(words.one(COUNT) or "20")
    runs, more = store.runs.search(ids, filter_string, max_results=count)
    if not runs:
        print("No run is like that." if named or filter_string else "No runs yet.")
        return
    table = run_table(runs)
    _show(table_text(table), html.table_html(table))
    if more:
        print(f"… and older ones: '%track list -n {2 * count}', or nbtrail.runs().")


def _count(given: str) -> int:
    if not given.isdecimal() or not int(given):
        raise UsageError(f"'-n' needs a number from 1 after it, not '{given}'.")
    return min(int(given), 10_000)


def _show_run(context: Context, words: Words) -> None:
    run = context.run(*words.alone)
    _show("\n".join(_lines(run)), html.run_html(run))


def _lines(run: Run) -> Iterator[str]:
    """Yield what a terminal shows of a run."""
    info, data = run.info, run.data
    yield f"{info.run_name}  {info.status}  {time_text(info.start_time)}  {info.run_id}"
    for title, text in (("error", info.error), ("note", data.tags.get(NOTE))):
        if text:
            yield f"{title}: {text}"
    yield from (f"  {key} = {number_text(value)}" for key, value in data.metrics.items())
    yield from (f"  {key} = {value}" for key, value in data.params.items())


def _compare(context: Context, words: Words) -> None:
    from nbtrail.display.comparison import compare

    runs = [context.run(given) for given in words.alone]
    _display(compare(*runs) if len(runs) > 1 else compare(context.run(), *runs))


def _diff(context: Context, words: Words) -> None:
    first, *second = (context.run(given) for given in words.alone)
    _display(diff(first, *(second or [context.run()])))


def _why(context: Context, words: Words) -> None:
    metric, *given = words.alone
    _display(why(context.run(*given), metric))


def _check(context: Context, words: Words) -> None:
    check = None if words.alone else context.recorder.runs.check()
    if check is not None:
        print(check_text(check))
        return
    run = context.run(*words.alone)
    verdict = context.store().trails.verdict(run.info.run_id)
    if verdict is None:
        raise UsageError(f"The run {run.info.run_name} did not come from the cells of a notebook.")
    print(f"{run.info.run_name}: {verdict.verdict}")
    for finding in verdict.findings:
        print(f"- {finding.text}")


def _show(text: str, html_text: str) -> None:
    _display({"text/plain": text, "text/html": html_text}, raw=True)


def _display(shown: object, raw: bool = False) -> None:
    display(shown, raw=raw)  # type: ignore[no-untyped-call]


COMMANDS = (
    Command("list [FILTER] [-e EXPERIMENT] [-n COUNT]", "the latest runs of this store", _list,
            (EXPERIMENT, COUNT), most=None, read=as_written),
    Command("show [RUN]", "what a run has recorded", _show_run, most=1,
            completes=Context.run_names),
    Command("compare RUN ...", "params and metrics of runs side by side", _compare, least=1,
            most=None, completes=Context.run_names),
    Command("diff RUN [RUN]", "what differs between two runs, or from the current one", _diff,
            least=1, most=2, completes=Context.run_names),
    Command("why METRIC [RUN]", "the cells that led to a metric", _why, least=1, most=2,
            completes=Context.metrics),
    Command("check [RUN]", "would the notebook, run from top to bottom, give the same?", _check,
            most=1, completes=Context.run_names),
)  # fmt: skip
