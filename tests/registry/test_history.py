"""The registry's history: what it tells, and that it cannot be changed unseen."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from msgspec import to_builtins

import nbtrail
from nbtrail.errors import AlreadyExists, InvalidValue, NotFound
from nbtrail.models import MLmodel
from nbtrail.registry import history, register_model
from nbtrail.store import Store, chain, replay, schema
from store import scripts

CLIENT = nbtrail.Client


@pytest.fixture(autouse=True)
def models(store: Store) -> None:
    """Two models in the current directory."""
    for name in "ab":
        Path(name).mkdir()
        MLmodel(flavors={"python_function": {"loader_module": "x"}}).write(Path(name))


def told(store: Store, name: str) -> list[tuple[str, str | None, object, object]]:
    changes = store.registry.edits.history(name)
    return [(one.action, one.version, one.before, one.after) for one in reversed(changes)]


def problems(store: Store) -> list[str]:
    return [found.problem for found in store.doctor.examine() if found.area == "registry history"]


def test_each_change_is_told_with_what_was_before_and_why(store: Store) -> None:
    client = CLIENT()
    client.create_model_version("wine", "a", tags={"t": 1})
    client.create_model_version("wine", "b")
    client.set_registered_model_alias("wine", "best", "1")
    client.set_registered_model_alias("wine", "best", "2", reason="better on rosé")
    client.set_registered_model_alias("wine", "best", "2")  # as it is: no change
    client.transition_model_version_stage("wine", "1", "production")
    client.transition_model_version_stage("wine", "2", "Production", True)
    client.set_model_version_tag("wine", "1", "t", 2)
    client.delete_model_version_tag("wine", "1", "t")
    client.update_registered_model("wine", "Red")
    client.rename_registered_model("wine", "red")
    client.delete_model_version("red", "2")
    a, b = str(Path("a").absolute()), str(Path("b").absolute())
    made = {"source": a, "run_id": None, "description": "", "tags": {"t": "1"}}
    assert told(store, "red")[:4] == [
        ("create_model", None, None, None),
        ("create_version", "1", None, made),
        ("create_version", "2", None, made | {"source": b, "tags": {}}),
        ("alias", "1", None, "1"),
    ]
    assert told(store, "red")[4:-1] == [
        ("alias", "2", "1", "2"),
        ("stage", "1", "None", "Production"),
        ("stage", "1", "Production", "Archived"),
        ("stage", "2", "None", "Production"),
        ("tag", "1", "1", "2"),
        ("untag", "1", "2", None),
        ("describe", None, "", "Red"),
        ("rename", None, "wine", "red"),
    ]
    last, *_ = client.get_model_history("red")
    assert (last.action, last.before["aliases"], last.who) == (
        "delete_version",
        ["best"],
        client.get_model_history("red")[-1].who,
    )
    assert [one.reason for one in history("red") if one.reason] == ["better on rosé"]
    assert problems(store) == []


def test_a_number_does_not_come_back_and_a_deleted_model_has_a_history(store: Store) -> None:
    client = CLIENT()
    for _ in range(2):
        client.create_model_version("wine", "a")
    client.delete_model_version("wine", "2")
    assert client.create_model_version("wine", "a").version == "3"
    client.delete_registered_model("wine", reason="never used")
    with pytest.raises(NotFound):
        client.get_registered_model("wine")
    assert history("wine")[0].reason == "never used"
    with pytest.raises(NotFound, match="Did you mean 'wine'"):
        history("wime")


def test_what_was_deleted_comes_back_as_it_was(store: Store) -> None:
    client, edits = CLIENT(), store.registry.edits
    client.create_registered_model("wine", {"team": "blue"}, "Red")
    for number in "12":
        client.create_model_version("wine", "a", tags={"n": number}, description=number)
    client.set_registered_model_alias("wine", "best", "1")
    client.transition_model_version_stage("wine", "1", "Staging")
    one, model = client.get_model_version("wine", "1"), client.get_registered_model("wine")
    keep = ("last_updated_timestamp", "latest_versions", "creation_timestamp")

    def same(a: object, b: object) -> None:
        dicts = [{k: v for k, v in to_builtins(x).items() if k not in keep[:2]} for x in (a, b)]
        assert dicts[0] == dicts[1]

    client.delete_model_version("wine", "1")
    same(client.restore_model_version("wine", "1"), one)
    with pytest.raises(AlreadyExists):
        edits.restore_version("wine", "1")
    with pytest.raises(NotFound, match="No version 7 of 'wine' was deleted"):
        edits.restore_version("wine", "7")
    client.delete_model_version("wine", "2")
    client.delete_registered_model("wine")
    again = client.restore_registered_model("wine")
    assert (again.description, again.tags, again.aliases) == ("Red", model.tags, {"best": "1"})
    same(client.get_model_version("wine", "1"), one)
    same(edits.restore_version("wine", "2"), client.get_model_version("wine", "2"))
    assert client.create_model_version("wine", "a").version == "3"
    with pytest.raises(AlreadyExists):
        edits.restore("wine")
    with pytest.raises(NotFound, match="No model 'beer' was deleted"):
        edits.restore("beer")
    assert problems(store) == []


def test_a_name_that_is_taken_changes_nothing(store: Store) -> None:
    client = CLIENT()
    client.create_registered_model("a", {"k": 1}, "A")
    client.create_model_version("b", "b")
    before = len(told(store, "a")), len(told(store, "b"))
    for change in (
        lambda: client.create_registered_model("a"),
        lambda: client.rename_registered_model("a", "b"),
    ):
        with pytest.raises(AlreadyExists):
            change()
    assert (len(told(store, "a")), len(told(store, "b"))) == before


@pytest.mark.parametrize("name", ["a/b", "a:b", "", "  ", ".", "..", "x" * 501, "a\nb", "\ud800"])
def test_a_bad_name_leaves_nothing(name: str, store: Store) -> None:
    client = CLIENT()
    client.create_registered_model("good")
    for change in (
        lambda: client.create_registered_model(name),
        lambda: client.create_model_version(name, "a"),
        lambda: client.rename_registered_model("good", name),
        lambda: register_model("/nowhere", name, store),
    ):
        with pytest.raises(InvalidValue):
            change()
    assert [one.name for one in client.search_registered_models()] == ["good"]
    assert len(told(store, "good")) == 1


def test_what_is_refused_half_way_leaves_nothing(store: Store) -> None:
    client = CLIENT()
    with pytest.raises(InvalidValue):
        client.create_model_version("wine", "a", tags={"good": 1, "": 2})
    with pytest.raises(InvalidValue):
        client.create_model_version("wine", "a", reason="x" * 10_001)
    with pytest.raises(NotFound):
        register_model("/nowhere/at/all", "wine", store)
    assert client.search_registered_models() == []
    with pytest.raises(NotFound):
        history("wine")


@pytest.mark.parametrize(
    "statement",
    [
        "update model_change set who = 'nobody'",
        "delete from model_change",
        "insert or replace into model_change select * from model_change where id = 1",
        "insert into model_change (at, who, action, name, previous, hash) "
        "values (0, 'me', 'tag', 'wine', '', '')",
    ],
)
def test_the_history_refuses_changes(statement: str, store: Store) -> None:
    CLIENT().create_model_version("wine", "a")
    connection = sqlite3.connect(store.database_path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("update model_change set after = '\"9\"' where id = 2", "entry 2 (create_version of"),
        ("update model_change set reason = 'x' where id = 3", "entry 3"),
        ("delete from model_change where id = 2", "entries 2 to 2 are missing"),
        ("delete from model_change where id = 3", "version 2 of the model 'wine' is not in it"),
        ("update model_change set previous = '' where id = 3", "entry 3 does not follow"),
    ],
)
def test_doctor_says_where_the_chain_breaks(statement: str, problem: str, store: Store) -> None:
    for _ in range(2):
        CLIENT().create_model_version("wine", "a")
    with sqlite3.connect(store.database_path) as connection:
        for trigger in chain.TRIGGERS:
            connection.execute(f"drop trigger {trigger}")
        connection.execute(statement)
    connection.close()
    found = problems(store)
    assert problem in found[0]
    assert "nothing guards it any more" in found[-1]
    store.doctor.examine(repair=True)
    # What is not told any more is told once more, as found; a broken chain stays one.
    assert [problem in one for one in problems(store)] == [True] * ("version 2" not in problem)


AROUND = {
    "update model_version set stage = 'Production' where version = 1": (
        "the stage of version 1 of the model 'wine' is 'Production', and by its history 'None'"
    ),
    "update model_version set source = '/evil' where version = 2": "is '/evil', and by its history",
    "update model_version_tag set value = 'no'": (
        "the tag 'checked' of version 1 of the model 'wine' is 'no', and by its history 'yes'"
    ),
    "delete from model_version_tag": "is none, and by its history 'yes'",
    "update model_alias set version = 1": "the alias 'best' of the model 'wine' is '1'",
    "update registered_model set description = 'x'": "the description of the model 'wine' is 'x'",
    "insert into registered_model (name, created, updated) values ('x', 0, 0)": (
        "the model 'x' is not in it"
    ),
    "insert into model_version select name, 9, source, run, model_id, description, status, "
    "created, updated, stage, flavor, algorithm, columns, size from model_version "
    "where version = 1": "version 9 of the model 'wine' is not in it",
    "delete from model_version where version = 3": "version 3 of the model 'wine' is gone",
    "insert into registered_model_tag values ('wine', 'k', 'v')": "the tag 'k' of the model 'wine'",
}


@pytest.mark.parametrize("statement", AROUND)
def test_doctor_finds_what_was_changed_around_the_history(statement: str, store: Store) -> None:
    client = CLIENT()
    for tags in ({"checked": "yes"}, {}, {}):
        client.create_model_version("wine", "a", tags=tags)
    client.set_registered_model_alias("wine", "best", "2")
    with sqlite3.connect(store.database_path) as connection:
        connection.execute(statement)
    connection.close()
    (found,) = problems(store)
    assert AROUND[statement] in found
    store.doctor.examine(repair=True)
    assert problems(store) == []
    last, *_ = history("x" if found.startswith("the model 'x'") else "wine")
    assert (last.action, last.reason) == (
        "found",
        "found by doctor: it was changed around the history",
    )


def test_an_older_stores_history_begins_with_what_is_there(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:10])
        patch.setattr(schema, "VERSION", 10)
        schema.migrate(connection)
    connection.execute("insert into registered_model values ('wine', 'Red', 1, 2)")
    connection.execute(
        "insert into model_version values "
        "('wine', 4, '/a', null, null, '', 'READY', 1, 2, 'Staging')"
    )
    connection.execute("insert into model_alias values ('wine', 'best', 4)")
    schema.migrate(connection)
    found = chain.of(connection, "wine")
    assert [(one.action, one.version, one.after) for one in reversed(found)] == [
        ("begin", None, {"description": "Red"}),
        ("begin", "4", {"source": "/a", "stage": "Staging"}),
        ("begin", "4", "4"),
    ]
    assert list(chain.breaks(connection)) == []
    assert list(replay.differences(connection)) == []
    assert connection.execute("select last_version from registered_model").fetchone()[0] == 4
    connection.close()


WRITER = """
    import os, sys
    from nbtrail.store import open_store
    from nbtrail.store.chain import By
    store = open_store()
    sys.stdin.readline()
    who = f"writer {os.environ['WORKER']}"
    for number in range(5):
        made = store.registry.create_version("wine", f"/{who}/{number}", by=By(who=who))
        store.model_notes.set_alias("wine", "champion", made.version, by=By(who=who))
"""


def test_sixteen_writers(store: Store) -> None:
    scripts.finish(scripts.start_all(WRITER, 16), "go\n")
    versions = store.registry.versions("wine")
    assert [one.version for one in versions] == [str(number) for number in range(1, 81)]
    assert len({one.source for one in versions}) == 80
    (alias,) = store.registry.model("wine").aliases.items()
    changes = store.registry.edits.history("wine")
    assert len(changes) == 1 + 2 * 80
    moves = [one for one in changes if one.action == "alias"]
    assert alias == ("champion", moves[0].after)
    assert [one.before for one in moves[:-1]] == [one.after for one in moves[1:]]
    assert problems(store) == []


def test_names_may_be_odd(store: Store) -> None:
    name: str = "é 😀 \"q\" 'x' %2F --" + "x" * 300
    CLIENT().create_model_version(name, "a")
    assert store.registry.edits.history(name)[0].name == name
