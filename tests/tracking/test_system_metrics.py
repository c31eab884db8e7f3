"""System metrics: on by default, on MLflow's names, by a thread that ends with the runs."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import nbtrail
from nbtrail import tracking
from nbtrail.errors import InvalidValue
from nbtrail.store import Store
from nbtrail.tracking import nvml, sampler, system_metrics
from nbtrail.tracking.machine import Machine
from store import scripts

KEYS = {
    "system/cpu_utilization_percentage",
    "system/system_memory_usage_megabytes",
    "system/system_memory_usage_percentage",
    "system/disk_usage_percentage",
    "system/disk_usage_megabytes",
    "system/disk_available_megabytes",
    "system/network_receive_megabytes",
    "system/network_transmit_megabytes",
}
CPU = "system/cpu_utilization_percentage"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sample often, and set nothing for other tests."""
    monkeypatch.setattr(system_metrics, "settings", system_metrics._Settings())
    nbtrail.set_system_metrics_sampling_interval(0.05)


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name == "nbtrail-system-metrics"]


def count(run: tracking.ActiveRun) -> int:
    return len(run.store.metrics.history(run.run_id, CPU))


def test_mlflows_names(store: Store) -> None:
    with nbtrail.start_run() as run:
        until(lambda: count(run) >= 3)
    metrics = run.data.metrics
    assert metrics.keys() == KEYS
    assert 0 <= metrics[CPU] <= 100
    assert 0 < metrics["system/system_memory_usage_percentage"] < 100
    assert metrics["system/disk_usage_megabytes"] > 0
    assert metrics["system/network_receive_megabytes"] >= 0
    history = store.metrics.history(run.run_id, CPU)
    assert [point.step for point in history] == list(range(len(history)))
    assert {point.execution for point in history} <= {None, 0}
    assert run.info.start_time <= history[0].timestamp


def test_a_resumed_run_goes_on_counting() -> None:
    with nbtrail.start_run() as run:
        until(lambda: count(run) > 1)
    before = count(run)
    with nbtrail.start_run(run_id=run.run_id):
        until(lambda: count(run) > before + 1)
    steps = [point.step for point in run.store.metrics.history(run.run_id, CPU)]
    assert steps == list(range(len(steps)))


def test_the_thread_ends_with_the_last_run() -> None:
    nbtrail.start_run()
    nbtrail.start_run(nested=True)
    time.sleep(sampler.SETTLED_S / 5)
    assert len(threads()) == 1
    nbtrail.end_run()
    assert len(threads()) == 1
    nbtrail.end_run()
    assert not threads()


def test_short_runs_share_a_thread_that_does_not_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    nbtrail.set_system_metrics_sampling_interval(None)
    monkeypatch.setattr(sampler, "SETTLED_S", 0.3)
    seen = set()
    for _ in range(5):
        with nbtrail.start_run() as run:
            seen.update(threads())
    assert len(seen) <= 2  # two, if they took longer than that
    until(lambda: not threads())
    assert not run.data.metrics


def test_short_runs_import_nothing_for_it() -> None:
    printed = scripts.run(
        """
        import sys, nbtrail
        from nbtrail.tracking import sampler
        with nbtrail.start_run():
            pass
        print("nbtrail.tracking.machine" in sys.modules)
        """
    )
    assert printed.stdout == "False\n"


@pytest.mark.parametrize(
    ("called", "environment", "argument", "expected"),
    [
        (None, {}, None, True),
        (None, {}, False, False),
        (None, {"NBTRAIL_SYSTEM_METRICS": "false"}, None, False),
        (None, {"NBTRAIL_SYSTEM_METRICS": "false"}, True, True),
        (None, {"NBTRAIL_SYSTEM_METRICS": "On"}, None, True),
        (None, {"MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING": "0"}, None, False),
        ("disable", {}, None, False),
        ("disable", {}, True, True),
        ("disable", {"NBTRAIL_SYSTEM_METRICS": "1"}, None, False),
        ("enable", {"NBTRAIL_SYSTEM_METRICS": "0"}, None, True),
    ],
)
def test_whether(
    called: str | None,
    environment: dict[str, str],
    argument: bool | None,
    expected: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    if called:
        getattr(nbtrail, f"{called}_system_metrics_logging")()
    with nbtrail.start_run(log_system_metrics=argument) as run:
        assert (run in sampler._sampler._runs) == expected


def test_how_often(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    nbtrail.set_system_metrics_sampling_interval(None)
    assert system_metrics._interval() == 10
    monkeypatch.setenv("MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL", "7")
    assert system_metrics._interval() == 7
    for wrong in ("often", "-1", "nan", "inf"):
        monkeypatch.setenv("NBTRAIL_SYSTEM_METRICS_INTERVAL", wrong)
        assert system_metrics._interval() == 10
        assert f"'{wrong}' is no interval of system metrics" in caplog.text
    monkeypatch.setenv("NBTRAIL_SYSTEM_METRICS", "perhaps")
    assert system_metrics._enabled()
    assert "'perhaps' says neither true nor false" in caplog.text


@pytest.mark.parametrize("interval", [0, -1, float("nan"), float("inf"), "5"])
def test_an_interval_is_a_positive_number(interval: Any) -> None:
    with pytest.raises(InvalidValue, match="a positive number of seconds, not"):
        nbtrail.set_system_metrics_sampling_interval(interval)


def test_a_run_of_another_process_is_left_to_it(store: Store) -> None:
    run = tracking.adopt_run(store.runs.create("0").info.run_id)
    assert run not in sampler._sampler._runs


def test_an_implicit_run_is_sampled_while_its_cells_run(store: Store) -> None:
    run = tracking.create_run("implicit")
    tracking.process.runs.append(run)
    session = store.trails.start_session(1, None, None).session_id
    tracking.process.execution = store.trails.begin(session, 0, "a", "train()", 1)
    until(lambda: count(run) > 1)
    tracking.process.execution = None
    time.sleep(0.1)
    between = count(run)
    time.sleep(0.3)
    assert count(run) == between
    assert run.logged_in is None
    tracking.process.forget(run)
    until(lambda: run not in sampler._sampler._runs)


def test_a_child_after_a_fork_samples_its_own_runs_only(store: Store) -> None:
    def child() -> None:
        assert not threads()
        assert not sampler._sampler._runs
        with nbtrail.start_run(run_name="child") as own:
            until(lambda: count(own) >= 1)

    with nbtrail.start_run(run_name="parent") as run:
        until(lambda: count(run) >= 1)
        scripts.in_child(child)
        before = count(run)
        until(lambda: count(run) > before)
    steps = [point.step for point in store.metrics.history(run.run_id, CPU)]
    assert steps == list(range(len(steps)))


def test_a_script_that_leaves_its_run_open_ends_in_peace(store: Store) -> None:
    scripts.run(
        """
        import nbtrail, time
        nbtrail.set_system_metrics_sampling_interval(0.05)
        nbtrail.start_run()
        time.sleep(0.5)
        """
    )
    store.drain()
    (run,) = store.runs.search()[0]
    assert run.info.status == "FINISHED"
    assert run.data.metrics.keys() == KEYS


def test_a_failing_store_is_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with nbtrail.start_run() as run:
        monkeypatch.setattr(run.store.metrics, "log", lambda *_: (_ for _ in ()).throw(OSError(28)))
        until(lambda: "system metrics" in caplog.text)
        time.sleep(0.3)
    assert caplog.text.count("could not record system metrics") == 1


def test_what_a_machine_does_not_tell_is_left_out(
    monkeypatch: pytest.MonkeyPatch, workdir: Path
) -> None:
    monkeypatch.setattr("psutil.net_io_counters", lambda: None)
    machine = Machine(workdir / "gone")
    assert {f"system/{key}" for key in machine.read()} == {
        key for key in KEYS if "network" not in key and "disk" not in key
    }


class Nvml(SimpleNamespace):
    """The driver's library, as `pynvml` gives it on a machine with two GPUs."""

    class NVMLError(Exception):
        """It cannot say."""

    def nvmlInit(self) -> None:
        pass

    def nvmlDeviceGetCount(self) -> int:
        return 2

    def nvmlDeviceGetHandleByIndex(self, number: int) -> int:
        return number

    def nvmlDeviceGetName(self, handle: int) -> bytes | str:
        return [b"A100", "H100"][handle]

    def nvmlSystemGetDriverVersion(self) -> str:
        return "550.1"

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> SimpleNamespace:
        return SimpleNamespace(used=20e9, total=80e9)

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> SimpleNamespace:
        if handle == 1:
            raise self.NVMLError
        return SimpleNamespace(gpu=75)

    def nvmlDeviceGetPowerUsage(self, handle: int) -> int:
        return 100_000

    def nvmlDeviceGetEnforcedPowerLimit(self, handle: int) -> int:
        return 400_000


def test_gpus(monkeypatch: pytest.MonkeyPatch, workdir: Path) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", Nvml())
    nvml._gpus.cache_clear()
    read = {key: value for key, value in Machine(workdir).read().items() if "gpu" in key}
    both = {
        "memory_usage_percentage": 25.0,
        "memory_usage_megabytes": 20_000.0,
        "power_usage_watts": 100.0,
        "power_usage_percentage": 25.0,
    }
    assert read == {
        **{f"gpu_{gpu}_{name}": value for gpu in (0, 1) for name, value in both.items()},
        "gpu_0_utilization_percentage": 75,
    }
    assert [gpu.description() for gpu in nvml.gpus()] == [
        {"name": name, "memory_bytes": 80e9, "driver": "550.1"} for name in ("A100", "H100")
    ]
    nvml._gpus.cache_clear()


def test_a_machine_of_several_and_rarer_points(store: Store) -> None:
    nbtrail.set_system_metrics_sampling_interval(0.05)
    nbtrail.set_system_metrics_node_id("node-1")
    nbtrail.set_system_metrics_samples_before_logging(2)
    with nbtrail.start_run() as run:
        assert sampler._sampler._runs[run]._interval == 0.1
        until(lambda: bool(run.data.metrics))
        nbtrail.log_metric("loss", 1)
    keys = run.data.metrics.keys() - {"loss"}
    assert keys
    assert all(key.startswith("system/node-1/") for key in keys)


def test_a_machine_has_a_name_and_samples_are_counted() -> None:
    for wrong in (0, -1, 1.5, "2"):
        with pytest.raises(InvalidValue, match="a positive integer, not"):
            nbtrail.set_system_metrics_samples_before_logging(wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="metric name"):
        nbtrail.set_system_metrics_node_id("a//b")
    nbtrail.set_system_metrics_node_id(None)
    nbtrail.set_system_metrics_samples_before_logging(None)
