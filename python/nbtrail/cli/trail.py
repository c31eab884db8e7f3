"""`nbtrail trail`: what the cells of a run did, as a table or as a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nbtrail.cli import for_programs, look, text
from nbtrail.errors import InvalidValue

if TYPE_CHECKING:
    from nbtrail.entities import CellExecution, Run
    from nbtrail.store import Store
    from nbtrail.trail.notebook import Notebook
    from nbtrail.trail.slicing import Slice


@click.command(
    epilog=text.examples(
        "nbtrail trail 3f2a91c4",
        "nbtrail trail 3f2a91c4 -o restored.ipynb",
        "nbtrail trail 3f2a91c4 --every-execution -o story.ipynb",
        "nbtrail trail 3f2a91c4 --slice accuracy -o slim.ipynb",
    )
)
@click.argument("run", type=look.RUN)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write a notebook: the last execution of each cell, in the document's order.",
)
@click.option("--every-execution", is_flag=True, help="Write every execution, in order.")
@click.option("--slice", "metric", metavar="METRIC", help="Only the cells that a metric needs.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@for_programs.as_json
def trail(
    run: str,
    output: Path | None,
    every_execution: bool,
    metric: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Show the trail of RUN: its cells as they ran; or write it as a notebook.

    A slice re-runs in a fresh kernel to the same metric, as far as analysis can see: calls for
    effect, seeds and what might change the metric's inputs are kept. RUN is an id, or how one
    begins.
    """
    from nbtrail.trail import notebook, recorded

    _check(output, every_execution, metric, force)
    store = look.existing_store()
    found = look.find_run(store, run)
    executions = recorded.executions_of(store, found.info.run_id)
    cut = recorded.sliced(store, found, metric) if metric else None
    if cut:
        executions = cut.executions
        _warn_of_missing(cut)
    if as_json:
        _print_json(executions)
    elif output is None:
        click.echo(_table(executions))
        click.echo(_verdict(store, found))
    else:
        if cut:
            made = notebook.program(executions)
        elif every_execution:
            made = notebook.chronicle(executions)
        else:
            made = notebook.restored(executions, store.trails.document(found.info.run_id))
        _write(output, notebook.of_run(made, found.data.tags), force)


def _check(output: Path | None, every_execution: bool, metric: str | None, force: bool) -> None:
    if every_execution and metric:
        raise InvalidValue(
            "--every-execution and --slice are two different notebooks: ask for one."
        )
    if output is None and (every_execution or force):
        raise InvalidValue("A notebook is written to a file: say which one with -o FILE.ipynb.")
    if output is not None and output.suffix != ".ipynb":
        raise InvalidValue(f"'{output}' is no name for a notebook: it must end in .ipynb.")


def _warn_of_missing(cut: Slice) -> None:
    if cut.missing:
        names = ", ".join(cut.missing)
        click.echo(f"No recorded cell has bound {names}: the slice cannot do so.", err=True)


def _write(path: Path, made: Notebook, force: bool) -> None:
    import json

    from nbtrail.artifacts.new_file import new_file

    content = json.dumps(made, indent=1, ensure_ascii=False) + "\n"
    with new_file(path, force) as file:
        file.write_bytes(content.encode(errors="backslashreplace"))
    click.echo(f"Wrote {len(made['cells'])} cells to {text.line(path)}.")


def _print_json(executions: list[CellExecution]) -> None:

    for_programs.echo(executions)


def _table(executions: list[CellExecution]) -> str:
    from nbtrail.trail.text import first_line, place_of

    columns = ("CELL", "SOURCE", "STATUS", "DURATION", "RECORDED")
    rows = [
        (
            place_of(one),
            first_line(one.source),
            one.status,
            _duration(one.duration),
            ", ".join([*one.params, *one.metrics])
            or ("(read by others)" * (one.role == "prelude")),
        )
        for one in executions
    ]
    return text.table(columns, rows)


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds:.3g} s" if seconds >= 1 else f"{seconds * 1000:.3g} ms"


def _verdict(store: Store, run: Run) -> str:
    from nbtrail.store.trails import REPRODUCTION

    verdict = store.trails.verdict(run.info.run_id)
    outcome = run.data.tags.get(REPRODUCTION)
    lines = []
    if verdict is not None:
        lines.append(f"\nVerdict: {verdict.verdict}")
        lines += [f"- {text.line(finding.text)}" for finding in verdict.findings]
    if outcome is not None:
        lines.append(f"\nReproduced: {text.line(outcome)}")
    return "\n".join(lines)
