"""`nbtrail models card` and `convert`: what is done with one model's files."""

from __future__ import annotations

from pathlib import Path

import click

from nbtrail.cli import look, text


@click.command(
    epilog=text.examples(
        "nbtrail models card models:/wine/1",
        "nbtrail models card models:/wine@champion -o CARD.md",
        "nbtrail models card models:/wine/1 --edit",
    ),
)
@click.argument("uri")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write it into this file.")
@click.option("--edit", is_flag=True, help="Write the notes on it, in your editor.")
def card(uri: str, output: Path | None, edit: bool) -> None:
    """Show the card of a model: notes, signature, data, metrics, cells, verdict, environment."""
    from nbtrail.models import cards

    store = look.store_for_model(uri)
    if edit:
        written = click.edit(cards.notes(uri, store), extension=".md")
        if written is not None:
            cards.write_notes(uri, written.strip(), store)
    shown = cards.card(uri, store)
    if output is None:
        click.echo(shown, nl=False)
    else:
        output.write_text(shown, encoding="utf-8")


@click.command(
    epilog=text.examples(
        "nbtrail models convert models:/wine/1 --to onnx -o wine-onnx",
    ),
)
@click.argument("uri")
@click.option("--to", "form", type=click.Choice(["onnx"]), required=True, help="The format.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="The model directory to make.",
)
@click.option(
    "--tolerance",
    type=float,
    default=1e-4,
    show_default=True,
    help="By how much its predictions may differ, relative and absolute.",
)
def convert(uri: str, form: str, output: Path, tolerance: float) -> None:  # noqa: ARG001
    """Convert a model, and compare what both predict for its input example.

    Needs `pip install 'nbtrail[onnx]'`. Models of scikit-learn, XGBoost, LightGBM and PyTorch can
    be converted.
    """
    from nbtrail.models.convert import to_onnx

    made = to_onnx(uri, output, look.store_for_model(uri), tolerance)
    click.echo(f"{made.path}: the largest difference on {made.rows} rows is {made.difference:.3g}")
