"""The context of runs: found without asking, kept once, never in the way of the user's code."""

from __future__ import annotations

import logging
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

import nbtrail
from nbtrail.errors import InvalidState, NotFound
from nbtrail.store import Store
from nbtrail.tracking import context
from nbtrail.tracking.context import packages, provider, recording
from nbtrail.tracking.context.packages import installed
from nbtrail.tracking.context.program import folder, printable, script
from store import scripts

KINDS = {"hardware", "packages", "program", "system"}


@pytest.fixture(autouse=True)
def afresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Know nothing yet, as a new process."""
    fresh = recording._Recording()
    monkeypatch.setattr(recording, "_recording", fresh)
    yield
    fresh.settle()


def test_every_run_has_a_context(workdir: Path) -> None:
    with nbtrail.start_run() as run:
        pass
    found = nbtrail.get_run_context(run.run_id)
    assert found.keys() == KINDS
    assert found["program"] == {
        "notebook": None,
        "script": None,
        "directory": str(workdir),
        "kernel": None,
    }
    assert found["system"]["python"]["executable"] == sys.executable
    assert found["system"]["os"]["system"] == os.uname().sysname
    assert found["system"]["user"] == run.data.tags["mlflow.user"]
    assert found["hardware"]["memory_bytes"] == psutil.virtual_memory().total
    assert found["hardware"]["cpu"]["threads"] == os.cpu_count()
    assert found["packages"]["packages"]["psutil"] == psutil.__version__


def test_that_of_the_current_run() -> None:
    with pytest.raises(InvalidState, match="No run is active"):
        nbtrail.get_run_context()
    with nbtrail.start_run():
        assert nbtrail.get_run_context().keys() == KINDS
        with pytest.raises(NotFound, match="no run 'x'"):
            nbtrail.get_run_context("x")


def test_runs_share_what_is_equal(store: Store) -> None:
    for _ in range(3):
        with nbtrail.start_run():
            pass
    with store._database.read() as connection:
        counts = [
            connection.execute(f"select count(*) from {table}").fetchone()[0]
            for table in ("run", "context", "blob")
        ]
    assert counts == [3, 1, len(KINDS)]


def test_while_answers_are_fresh_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with nbtrail.start_run():
        pass
    monkeypatch.setattr(threading.Thread, "start", lambda *_: pytest.fail("no thread is needed"))
    with nbtrail.start_run(log_system_metrics=False) as run:
        assert run.store.contexts.get(run.run_id).keys() == KINDS


class Plugin:
    """A provider as another package would have it."""

    name = "slurm"
    lifetime = math.inf

    def __init__(self, job: str = "7", error: Exception | None = None) -> None:
        self.job = job
        self.error = error
        self.asked = 0

    def document(self) -> Mapping[str, Any] | None:
        self.asked += 1
        if self.error:
            raise self.error
        return {"job": self.job}

    def tags(self) -> Mapping[str, str]:
        return {"slurm.job": self.job, "mlflow.user": "nobody"}


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> Plugin:
    plugin = Plugin()
    monkeypatch.setattr(provider, "plugins", lambda: [plugin])
    return plugin


def test_a_plugin_adds_a_document_and_tags(plugin: Plugin) -> None:
    for tags, job in (({}, "7"), ({"slurm.job": "mine"}, "mine")):
        with nbtrail.start_run(tags=tags) as run:
            pass
        assert nbtrail.get_run_context(run.run_id)["slurm"] == {"job": "7"}
        assert run.data.tags["slurm.job"] == job
        assert run.data.tags["mlflow.user"] != "nobody"
    assert plugin.asked == 1


def test_a_plugin_is_asked_again_when_its_answer_is_old(plugin: Plugin) -> None:
    plugin.lifetime = 0
    for job in "12":
        plugin.job = job
        with nbtrail.start_run() as run:
            pass
        assert nbtrail.get_run_context(run.run_id)["slurm"] == {"job": job}


@pytest.mark.parametrize("error", [ValueError("no slurm"), RecursionError("deep")])
def test_a_failing_plugin_is_told_once(
    plugin: Plugin, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    plugin.error = error
    for _ in range(2):
        with nbtrail.start_run() as run:
            pass
        assert nbtrail.get_run_context(run.run_id).keys() == KINDS
    assert [r.message for r in caplog.records if r.levelno == logging.WARNING] == [
        f"nbtrail could not record the run context 'slurm' ({type(error).__name__}: {error})"
    ]
    assert plugin.asked == 1


def test_a_plugin_that_says_nonsense_is_left_out(
    plugin: Plugin, caplog: pytest.LogCaptureFixture
) -> None:
    plugin.job = "\udcff"
    with nbtrail.start_run() as run:
        pass
    assert nbtrail.get_run_context(run.run_id).keys() == KINDS
    assert "must be JSON" in caplog.text


def test_a_plugin_that_hangs_does_not_hold_up_every_run(
    plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = threading.Event()
    monkeypatch.setattr(plugin, "document", lambda: goes_on.wait(30) and None)
    monkeypatch.setattr(recording._recording, "_patience", 0.5)
    for _ in range(3):
        with nbtrail.start_run() as run:
            pass
    assert not recording._recording._patience  # it was waited for once
    goes_on.set()
    assert recording._recording._thread is not None
    recording._recording._thread.join()
    assert nbtrail.get_run_context(run.run_id).keys() == KINDS


def test_plugins_are_found_by_entry_point(workdir: Path) -> None:
    info = workdir / "slurm_context-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: slurm-context\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[nbtrail.run_context_provider]\nslurm = slurm_context:Slurm\n"
        "broken = slurm_context:Nothing\nodd = slurm_context:Odd\n"
    )
    (workdir / "slurm_context.py").write_text(
        "class Slurm:\n    name, lifetime = 'slurm', 1e9\n"
        "    def document(self): return {'job': 7}\n    def tags(self): return {}\n"
        "class Odd: name = '../odd'\n"
    )
    printed = scripts.run(
        """
        import nbtrail
        with nbtrail.start_run() as run:
            pass
        found = nbtrail.get_run_context(run.run_id)
        print(found["slurm"], found["packages"]["packages"]["slurm-context"], "odd" in found)
        """,
        PYTHONPATH=str(workdir),
    )
    assert printed.stdout == "{'job': 7} 1.0 False\n"
    assert "the run context of the plugin 'broken'" in printed.stderr
    assert "the run context of the plugin 'odd'" in printed.stderr


def test_packages_by_the_names_of_their_folders(workdir: Path) -> None:
    for name in (
        "a/Foo_Bar-1.0.dist-info",
        "a/torch-2.5.0+cu121.dist-info",
        "a/debian-1.2-py3.11.egg-info",
        "a/nameonly.egg-info",
        "a/odd\n-1.dist-info",
        "a/notes.txt",
        "b/foo.bar-9.9.dist-info",
    ):
        Path(name).mkdir(parents=True)
    assert installed(["a", "b", "nowhere", "a/notes.txt/x"]) == {
        "debian": "1.2",
        "foo-bar": "1.0",
        "torch": "2.5.0+cu121",
    }
    assert packages.Packages().lifetime < 60  # a cell may install something


def test_the_program_is_the_users(workdir: Path) -> None:
    assert (script(), folder()) == (None, workdir)  # pytest is a tool
    Path("project").mkdir()
    Path("project/train.py").write_text(
        "from nbtrail.tracking.context.program import folder, script\nprint(script(), folder())"
    )
    ran = subprocess.run(
        [sys.executable, "project/train.py"], capture_output=True, text=True, check=True
    )
    assert ran.stdout == f"{workdir}/project/train.py {workdir}/project\n"
    assert printable(os.fsdecode(b"caf\xe9")) == "caf\\xe9"


def test_a_tool_behind_a_link_is_not_the_users_script(
    workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = workdir / "environment/bin/tool"
    tool.parent.mkdir(parents=True)
    tool.touch()
    (workdir / "linked").symlink_to(workdir / "environment")
    monkeypatch.setattr(sys, "prefix", str(workdir / "environment"))
    own = str(workdir / "linked/bin/tool")
    monkeypatch.setattr(sys.modules["__main__"], "__file__", own, raising=False)
    assert script() is None


def test_a_notebook_whose_name_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", os.fsdecode(b"/caf\xe9.ipynb"))
    monkeypatch.setenv("LOGNAME", os.fsdecode(b"ren\xe9"))
    context.user.cache_clear()
    with nbtrail.start_run() as run:
        pass
    context.user.cache_clear()
    assert nbtrail.get_run_context(run.run_id)["program"]["notebook"] == "/caf\\xe9.ipynb"
    assert (run.info.notebook, run.info.user_id) == ("/caf\\xe9.ipynb", "ren\\xe9")
    assert run.data.tags["mlflow.source.name"] == "caf\\xe9.ipynb"


def test_a_child_after_a_fork_finds_its_own(
    store: Store, plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def child() -> None:
        with nbtrail.start_run(run_name="child"):
            pass

    plugin.lifetime = 0
    monkeypatch.setattr(plugin, "document", lambda: time.sleep(0.2))
    nbtrail.start_run(run_name="open")  # its context is on its way
    scripts.in_child(child)
    nbtrail.end_run()
    for run in store.runs.search()[0]:
        assert store.contexts.get(run.info.run_id).keys() == KINDS


def test_a_store_that_is_gone_is_told_and_no_more(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    context.record(store, "no-such-run")
    context.settle()
    assert "could not record the context of a run (NotFound" in caplog.text


def test_a_short_script_keeps_it_without_ending_its_run() -> None:
    scripts.run("import nbtrail; nbtrail.log_metric('loss', 1.0)")
    (run,) = nbtrail.search_runs(output_format="list")
    assert nbtrail.get_run_context(run.info.run_id).keys() == KINDS


def test_a_plugin_that_hangs_costs_no_run_what_others_say(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    goes_on = threading.Event()
    hangs, answers = Plugin(), Plugin()
    hangs.name = "hangs"
    monkeypatch.setattr(hangs, "document", lambda: goes_on.wait(30) and None)
    monkeypatch.setattr(provider, "plugins", lambda: [hangs, answers])
    monkeypatch.setattr(recording, "PLUGIN_PATIENCE_S", 0.05)
    for _ in range(3):
        with nbtrail.start_run() as run:
            pass
        assert nbtrail.get_run_context(run.run_id).keys() == {*KINDS, "slurm"}
    goes_on.set()
    assert caplog.text.count("no answer from the run context 'hangs'") == 1
