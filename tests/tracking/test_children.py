"""Child processes: what they inherit, whose runs they log to, which runs they end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import nbtrail
from nbtrail.entities import Run
from nbtrail.tracking.inheritance import VARIABLE, inherited
from store import scripts

WORKERS = """
import multiprocessing, sys
import nbtrail

def log(number):
    nbtrail.log_metric(f"shared{number}", number)
    nbtrail.log_param(f"shared{number}", number)

def own(number):
    with nbtrail.start_run(run_name=f"own{number}"):
        nbtrail.log_metric("own", number)
    log(number + 10)

def nested(number):
    with nbtrail.start_run(run_name=f"nested{number}", nested=True):
        nbtrail.log_metric("nested", number)

if __name__ == "__main__":
    nbtrail.set_tracking_uri("elsewhere")
    nbtrail.set_experiment("chosen")
    context = multiprocessing.get_context(sys.argv[1])
    turns = 2 if sys.argv[1] == "forkserver" else 1  # the server is older than the second run
    for turn in range(turns):
        with nbtrail.start_run(run_name=f"parent{turn}"), context.Pool(2) as pool:
            for work in (log, own, nested):
                pool.map(work, range(2))
            pool.close()
            pool.join()
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_pool_workers_log_to_the_run_of_the_parent(method: str, workdir: Path) -> None:
    (workdir / "workers.py").write_text(WORKERS)
    scripts.run(f"import sys, runpy; sys.argv = ['workers.py', {method!r}]\n{SCRIPT}")
    nbtrail.set_tracking_uri("elsewhere")
    nbtrail.set_experiment("chosen")
    found: dict[str, list[Run]] = {}
    for run in nbtrail.search_runs(output_format="list"):
        assert isinstance(run, Run)
        assert (run.info.status, run.info.error) == ("FINISHED", None)
        found.setdefault(run.info.run_name, []).append(run)
    parents = [found.pop(name)[0] for name in sorted(found) if name.startswith("parent")]
    shared = {f"shared{number}": float(number) for number in (0, 1, 10, 11)}
    assert [run.data.metrics for run in parents] == [shared] * len(parents)
    assert sorted(found) == ["nested0", "nested1", "own0", "own1"]
    assert {len(runs) for runs in found.values()} == {len(parents)}
    for name, runs in found.items():
        ids = {run.data.tags.get("mlflow.parentRunId") for run in runs}
        assert ids == ({None} if "own" in name else {run.info.run_id for run in parents})


SCRIPT = "import subprocess; subprocess.run([sys.executable, *sys.argv], check=True)"


def test_a_script_that_a_run_starts_logs_to_it(workdir: Path) -> None:
    (workdir / "below").mkdir()
    with nbtrail.start_run() as run:
        scripts.run("import nbtrail; nbtrail.log_metric('child', 1)")
        scripts.run("import os; os.chdir('/'); import nbtrail; nbtrail.log_metric('far', 1)")
        script = (
            "import nbtrail\nwith nbtrail.start_run(run_name='own'): nbtrail.log_metric('own', 1)"
        )
        scripts.run(script)
        assert run.info.status == "RUNNING"
    assert VARIABLE not in os.environ or '"run": null' in os.environ[VARIABLE]
    scripts.run("import nbtrail; nbtrail.log_metric('later', 1)")
    assert run.data.metrics == {"child": 1.0, "far": 1.0}
    assert len(nbtrail.search_runs()) == 3


def test_what_the_caller_of_a_child_says_weighs_more(workdir: Path) -> None:
    with nbtrail.start_run() as other:
        pass
    with nbtrail.start_run() as run:
        log = "import nbtrail; nbtrail.log_metric('child', 1)"
        scripts.run(log, NBTRAIL_RUN_ID=other.run_id)
        scripts.run(log, NBTRAIL_TRACKING_URI=str(workdir / "third"))
    assert other.data.metrics == {"child": 1.0}
    assert run.data.metrics == {}
    nbtrail.set_tracking_uri(workdir / "third")
    assert len(nbtrail.search_runs()) == 1


def test_a_child_that_records_elsewhere_has_a_run_of_its_own() -> None:
    with nbtrail.start_run() as run:
        script = "import nbtrail; nbtrail.set_tracking_uri('other'); nbtrail.log_metric('a', 1)"
        scripts.run(script)
    assert run.data.metrics == {}
    nbtrail.set_tracking_uri("other")
    assert len(nbtrail.search_runs()) == 1


@pytest.mark.parametrize("value", ["", "{", "[]", "null", '{"run": 3, "uri": 4}', '{"run": "x"}'])
def test_a_bequest_that_means_nothing_is_none(
    value: str, monkeypatch: pytest.MonkeyPatch, workdir: Path
) -> None:
    monkeypatch.setenv(VARIABLE, value)
    inherited.cache_clear()
    nbtrail.log_metric("a", 1)
    run = nbtrail.active_run()
    assert run is not None
    assert not run.foreign
    assert nbtrail.get_tracking_uri() == str(workdir / ".nbtrail")
    inherited.cache_clear()


def test_a_fork_does_not_end_the_run_of_its_parent() -> None:
    scripts.run(
        """
        import os, sys
        import nbtrail

        with nbtrail.start_run(run_name="parent") as run:
            nbtrail.log_metric("parent", 1)
            child = os.fork()
            if child:
                assert os.waitpid(child, 0)[1] == 0
                assert run.info.status == "RUNNING"
            else:
                nbtrail.log_metric("child", 1)
                assert nbtrail.active_run() is run
        if not child:
            sys.exit()
        assert run.info.status == "FINISHED"
        assert run.data.metrics == {"child": 1.0, "parent": 1.0}
        """
    )
