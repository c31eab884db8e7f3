"""`nbtrail models …`: looking into the registry and changing it."""

from __future__ import annotations

import json

import pytest

from cli.conftest import Invoke
from nbtrail.store import Store
from nbtrail.store.registry import VersionFacts


@pytest.fixture
def wine(store: Store) -> Store:
    facts = VersionFacts("sklearn", "RandomForestClassifier", "alcohol", 12)
    for number in (1, 2):
        store.registry.create_version("wine", f"/nowhere/{number}", facts=facts)
    return store


def lines(invoke: Invoke, *arguments: str) -> list[list[str]]:
    result = invoke("models", *arguments)
    assert result.exit_code == 0, result.output
    return [line.split() for line in result.stdout.splitlines()]


@pytest.mark.usefixtures("wine")
def test_a_models_life(invoke: Invoke) -> None:
    lines(invoke, "describe", "wine", "Red wine", "--why", "asked")
    lines(invoke, "describe", "wine", "The first", "--version", "1")
    lines(invoke, "tag", "wine", "team=blue", "never-")
    assert lines(invoke, "alias", "wine", "best", "1") == [
        ["models:/wine@best", "is", "version", "1."]
    ]
    lines(invoke, "tag", "wine", "checked=yes", "--version", "best")
    lines(invoke, "stage", "wine", "1", "staging")
    lines(invoke, "stage", "wine", "2", "Staging", "--archive-existing", "--why", "newer")
    assert lines(invoke, "copy", "wine", "@best", "rose") == [["models:/rose/1"]]
    lines(invoke, "rename", "rose", "pink")
    shown = lines(invoke, "show", "wine")
    assert ["Description", "Red", "wine"] in shown
    assert [line[:3] for line in shown if line[:1] == ["1"]] == [["1", "Archived", "best"]]
    shown = lines(invoke, "show", "wine", "best")
    assert ["Tags", "checked", "=", "yes"] in shown
    assert ["Model", "sklearn", "RandomForestClassifier"] in shown
    lines(invoke, "alias", "wine", "best", "--delete")
    lines(invoke, "delete", "wine", "1", "--yes", "--why", "old")
    found = invoke("models", "history", "wine").stdout
    assert [word in found for word in ("newer", "asked", "unalias best", "old")] == [True] * 4
    told = json.loads(invoke("models", "history", "wine", "--json", "--limit", "1").stdout)
    assert (told[0]["action"], told[0]["reason"]) == ("delete_version", "old")
    assert [row["version"] for row in json.loads(invoke("models", "list", "--json").stdout)] == [
        "1",
        "2",
    ]


@pytest.mark.usefixtures("wine")
def test_search_and_comparison(invoke: Invoke) -> None:
    found = lines(invoke, "search", "algorithm LIKE '%Forest%' and version > 1")
    assert [line[:2] for line in found[1:]] == [["wine", "2"]]
    assert invoke("models", "search", "size > 13").stdout == "No version is so.\n"
    compared = invoke("models", "compare", "wine", "1", "2", "--all").stdout
    assert "Size\n" in compared
    assert "Latency: not measured" in compared
    sections = json.loads(invoke("models", "compare", "wine", "1", "2", "--json").stdout)
    assert sections[-1]["title"] == "latency"


@pytest.mark.usefixtures("wine")
def test_deletion_asks_first(invoke: Invoke, store: Store) -> None:
    refused = invoke("models", "delete", "wine")
    assert (refused.exit_code, "with all its versions?" in refused.stdout) == (1, True)
    assert len(store.registry.versions("wine")) == 2
    assert invoke("models", "delete", "wine", "--yes").exit_code == 0
    assert store.registry.models() == []
    assert "delete model    2 versions" in invoke("models", "history", "wine").stdout


@pytest.mark.usefixtures("wine")
def test_what_was_deleted_comes_back(invoke: Invoke, store: Store) -> None:
    deleted = invoke("models", "delete", "wine", "1", "--yes").stdout
    assert deleted == "Deleted. To undo: nbtrail models restore wine 1\n"
    restored = invoke("models", "restore", "wine", "1", "--why", "served")
    assert restored.stdout == "models:/wine/1 is back.\n"
    assert len(store.registry.versions("wine")) == 2
    invoke("models", "delete", "wine", "--yes")
    assert invoke("models", "restore", "wine").stdout == "models:/wine is back.\n"
    assert len(store.registry.versions("wine")) == 2


@pytest.mark.usefixtures("wine")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show", "wime"), "Did you mean 'wine'?"),
        (("show", "wine", "7"), "no version 7; it has 1, 2."),
        (("show", "wine", "bets"), "no alias 'bets'"),
        (("stage", "wine", "1", "Producton"), "'Producton' is not one of"),
        (("tag", "wine", "x"), "write KEY=VALUE"),
        (("alias", "wine", "best"), "Give the version"),
        (("rename", "wine", "a/b"), "cannot name a model"),
        (("search", "flavour = 'x'"), "Did you mean 'flavor'?"),
        (("history", "wime"), "Did you mean 'wine'?"),
        (("compare", "wine", "1", "9"), "no version 9"),
        (("restore", "wine", "1"), "'wine' has version 1."),
        (("restore", "wine", "x"), "No version x of 'wine' was deleted"),
    ],
)
def test_a_mistake_is_one_sentence(
    invoke: Invoke, arguments: tuple[str, ...], message: str
) -> None:
    result = invoke("models", *arguments)
    assert (result.exit_code, message in result.output) == (2, True), result.output
