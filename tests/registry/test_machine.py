"""The registry against a model of it, through whatever comes in whatever order."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from nbtrail.store import Store, chain, replay

NAMES = st.sampled_from("abc")
ALIASES = st.sampled_from(["x", "y"])
STAGES = st.sampled_from(["None", "Staging", "Production", "Archived"])


class RegistryMachine(RuleBasedStateMachine):
    """`known` has, by model, the stages of versions by number, the aliases, the last number."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.store = Store(Path(self.folder.name) / "store")
        self.known: dict[str, dict[str, Any]] = {}

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def pick(self, data: st.DataObject, *, with_versions: bool = False) -> str | None:
        names = [n for n, m in self.known.items() if m["stages"] or not with_versions]
        return data.draw(st.sampled_from(sorted(names))) if names else None

    @rule(name=NAMES)
    def register(self, name: str) -> None:
        model = self.known.setdefault(name, {"stages": {}, "aliases": {}, "last": 0})
        model["last"] += 1
        model["stages"][model["last"]] = "None"
        made = self.store.registry.create_version(name, "/a")
        assert made.version == str(model["last"])

    @precondition(lambda self: any(m["stages"] for m in self.known.values()))
    @rule(data=st.data(), alias=ALIASES)
    def name_one(self, data: st.DataObject, alias: str) -> None:
        name = self.pick(data, with_versions=True)
        assert name
        number = data.draw(st.sampled_from(sorted(self.known[name]["stages"])))
        self.store.model_notes.set_alias(name, alias, str(number))
        self.known[name]["aliases"][alias] = str(number)

    @precondition(lambda self: any(m["stages"] for m in self.known.values()))
    @rule(data=st.data(), stage=STAGES, archive=st.booleans())
    def move(self, data: st.DataObject, stage: str, archive: bool) -> None:
        name = self.pick(data, with_versions=True)
        assert name
        stages = self.known[name]["stages"]
        number = data.draw(st.sampled_from(sorted(stages)))
        archive = archive and stage in {"Staging", "Production"}
        self.store.model_notes.update_version(
            name, str(number), stage=stage, archive_existing=archive
        )
        for other in stages:
            if archive and stages[other] == stage:
                stages[other] = "Archived"
        stages[number] = stage

    @precondition(lambda self: any(m["stages"] for m in self.known.values()))
    @rule(data=st.data())
    def delete_version(self, data: st.DataObject) -> None:
        name = self.pick(data, with_versions=True)
        assert name
        model = self.known[name]
        number = data.draw(st.sampled_from(sorted(model["stages"])))
        self.store.registry.edits.delete_version(name, str(number))
        stage = model["stages"].pop(number)
        named = {a: v for a, v in model["aliases"].items() if v == str(number)}
        model["aliases"] = {a: v for a, v in model["aliases"].items() if v != str(number)}
        if data.draw(st.booleans()):
            self.store.registry.edits.restore_version(name, str(number))
            model["stages"][number] = stage
            model["aliases"] |= named

    @precondition(lambda self: self.known)
    @rule(data=st.data(), new_name=NAMES)
    def rename(self, data: st.DataObject, new_name: str) -> None:
        name = self.pick(data)
        assert name
        if new_name not in self.known:
            self.store.registry.edits.rename(name, new_name)
            self.known[new_name] = self.known.pop(name)

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        name = self.pick(data)
        assert name
        self.store.registry.edits.delete(name)
        if data.draw(st.booleans()):
            self.store.registry.edits.restore(name)
        else:
            del self.known[name]

    @invariant()
    def the_store_has_what_is_known(self) -> None:
        found = {model.name: model for model in self.store.registry.models()}
        assert set(found) == set(self.known)
        for name, model in self.known.items():
            assert found[name].aliases == model["aliases"]
            stages = {}
            if model["stages"]:
                versions = self.store.registry.versions(name)
                stages = {int(one.version): one.current_stage for one in versions}
            assert stages == model["stages"]

    @invariant()
    def the_chain_holds(self) -> None:
        with self.store._database.read() as connection:
            assert list(chain.breaks(connection)) == []
            assert list(replay.differences(connection)) == []


TestRegistry = RegistryMachine.TestCase
TestRegistry.settings = settings(max_examples=8, stateful_step_count=12, deadline=None)
