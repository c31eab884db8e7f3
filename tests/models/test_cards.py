"""Cards: what is known of a model, and the notes that stay."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from sklearn.pipeline import Pipeline

import nbtrail
from nbtrail.cli import main
from nbtrail.errors import InvalidValue
from nbtrail.models import cards, save_model
from nbtrail.store import Store

Wine = tuple[pd.DataFrame, Any]


@pytest.fixture
def version(classifier: Pipeline, wine: Wine, store: Store) -> str:
    """The URI of a registered version, with a run that says something."""
    with nbtrail.start_run():
        nbtrail.log_metric("auc", 0.97)
        nbtrail.log_param("note", "a | b")
        nbtrail.log_input(nbtrail.data.from_pandas(wine[0], name="cellar"), context="training")
        nbtrail.log_model(
            classifier, "wine", input_example=wine[0], params={"C": 1}, registered_model_name="wine"
        )
    return "models:/wine/1"


def test_the_card_says_what_is_known(version: str, store: Store) -> None:
    shown = cards.card(version)
    for line in (
        "# wine, version 1",
        "| Flavor | sklearn |",
        "| Param C | 1 |",
        "| input | alcohol | double |  |",
        "| auc | 0.97 |",
        "| note | a \\| b |",
        f"- pandas=={pd.__version__}",
        cards.NO_NOTES,
    ):
        assert line in shown.splitlines()
    assert "| cellar | " in shown
    assert "| training |" in shown


def test_notes_stay(version: str, store: Store) -> None:
    cards.write_notes(version, "Not for *red* wine.")
    store.model_notes.set_alias("wine", "champion", "1")
    shown = cards.card("models:/wine@champion")
    assert "## Notes\n\nNot for *red* wine.\n" in shown
    assert "| Aliases | champion |" in shown


def test_a_directory_has_a_card_without_notes(classifier: Pipeline, store: Store) -> None:
    save_model(classifier, "model")
    assert "The model has no signature." in cards.card("model")
    with pytest.raises(InvalidValue, match="no registered version"):
        cards.write_notes("model", "x", store)


def test_the_command(version: str, store: Store) -> None:
    done = CliRunner().invoke(main, ["models", "card", version])
    assert done.output.startswith("# wine, version 1\n"), done.output
    done = CliRunner().invoke(main, ["models", "convert", version, "--to", "tea", "-o", "x"])
    assert "'tea' is not 'onnx'" in done.output
