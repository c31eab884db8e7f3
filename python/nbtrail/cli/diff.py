"""`nbtrail diff`: what is different between two runs."""

from __future__ import annotations

import click

from nbtrail.cli import for_programs, look, text

_COLOURS = {"added": "green", "removed": "red", "changed": "yellow", "place": "cyan"}


@click.command(
    epilog=text.examples(
        "nbtrail diff 3f2a91c4 77d0be12",
        "nbtrail diff 3f2a91c4 77d0be12 --json | jq .metrics",
    )
)
@click.argument("a", type=look.RUN)
@click.argument("b", type=look.RUN)
@for_programs.as_json
def diff(a: str, b: str, as_json: bool) -> None:
    """Show how run B differs from run A: params, metrics, cells, packages, data, git.

    Cells are matched by their id, then by what is in them. A and B are ids, or how they begin.
    """
    from nbtrail.trail.diff import compare_runs
    from nbtrail.trail.text import diff_text

    store = look.existing_store()
    found = compare_runs(store, look.find_run(store, a), look.find_run(store, b))
    if as_json:
        from nbtrail.api.native.comparison import diff_json

        for_programs.echo(diff_json(found))
    else:
        click.echo(diff_text(found, _paint))


def _paint(kind: str, shown: str) -> str:
    """Colour a text; click takes that out again where the output is no terminal."""
    return click.style(shown, fg=_COLOURS.get(kind), bold=kind == "title")
