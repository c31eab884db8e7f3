"""Endpoints as they are used: real worker processes, real sockets."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

import nbtrail
from nbtrail.entities import Endpoint
from nbtrail.errors import EndpointError, InvalidState, InvalidValue, NotFound
from nbtrail.models import log_model, save_model
from nbtrail.registry import register_model
from nbtrail.serving import deploy, get_endpoint, list_endpoints, log_path, stop
from nbtrail.serving.supervision.liveness import as_it_is, change, worker_lock
from nbtrail.store import Store

DEPLOY = """
import sys
from nbtrail.serving import deploy
from nbtrail.store import open_store
endpoint = deploy(sys.argv[1], "wine", store=open_store(sys.argv[2]))
loaded = {name.partition(".")[0] for name in sys.modules}
print(loaded & {"sklearn", "skops", "pandas", "numpy", "cloudpickle", "uvicorn", "starlette"})
"""

SERVE = """
import sys
from nbtrail.serving import serve
from nbtrail.store import open_store
serve({"wine": sys.argv[1]}, store=open_store(sys.argv[2]),
      on_ready=lambda endpoint: print(endpoint.port, flush=True))
print("done")
"""


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def state(name: str, store: Store) -> str:
    return get_endpoint(name, store).state


def row_of(wine: Any) -> dict[str, Any]:
    return {"dataframe_split": wine.rows.head(4).to_dict(orient="split")}


def test_a_registered_model_answers_over_http(endpoints: Store, wine: Any, call: Any) -> None:
    with nbtrail.start_run():
        info = log_model(wine.estimator, "wine", input_example=wine.rows)
    register_model(info.model_uri, "wine")
    endpoint = deploy("models:/wine/1", "wine")
    assert (endpoint.state, endpoint.host, endpoint.model_uri) == (
        *("ready", "127.0.0.1"),
        "models:/wine/1",
    )
    expected = {"predictions": wine.estimator.predict(wine.rows.head(4)).tolist()}
    assert call(endpoint, "/invocations", row_of(wine)) == (200, expected)
    assert call(endpoint, "/ping") == (200, "OK")
    assert call(endpoint, "/ping", token="wrong")[0] == 401
    assert list_endpoints(endpoints) == [endpoint]

    assert stop("wine").state == "stopped"
    assert state("wine", endpoints) == "stopped"
    with pytest.raises(OSError, match="refused"):
        call(endpoint, "/ping")
    assert stop("wine").state == "stopped"


def test_the_parent_loads_no_model(endpoints: Store, wine: Any, call: Any) -> None:
    command = [sys.executable, "-c", DEPLOY, str(wine.directory), endpoints.uri]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
    endpoint = get_endpoint("wine", endpoints)  # it outlives who started it
    assert call(endpoint, "/invocations", row_of(wine))[0] == 200


def test_the_token_is_in_the_row_and_nowhere_else(endpoints: Store, echo: Path) -> None:
    endpoint = deploy(echo, "wine", store=endpoints)
    process = Path(f"/proc/{endpoint.pid}")
    seen = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    log = log_path(endpoints, "wine")
    assert len(endpoint.token) > 40
    assert endpoint.token.encode() not in seen + log.read_bytes()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700


def test_a_live_name_is_replaced_without_a_gap(endpoints: Store, echo: Path, call: Any) -> None:
    old = deploy(echo, "wine", store=endpoints)
    failed: list[Any] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            row = endpoints.endpoints.get("wine")
            assert row is not None
            if (answer := call(row, "/invocations", {"inputs": [1.5]}))[0] != 200:
                failed.append(answer)

    asking = threading.Thread(target=ask)
    asking.start()
    new = deploy(echo, "wine", store=endpoints)
    over.set()
    asking.join()
    assert failed == []
    assert (new.pid, new.port, new.token) == (old.pid, old.port, old.token)
    assert (old.revision, new.revision) == (1, 2)
    assert list_endpoints(endpoints) == [new]


def test_another_port_is_another_process(endpoints: Store, echo: Path, call: Any) -> None:
    old = deploy(echo, "wine", store=endpoints)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    new = deploy(echo, "wine", port, store=endpoints)
    assert (new.port, new.pid != old.pid) == (port, True)
    assert call(new, "/ping") == (200, "OK")
    with pytest.raises(OSError, match="refused"):
        call(old, "/ping")


def break_model(model: Path, directory: Path) -> Path:
    """Copy the model without what it is loaded from."""
    directory.mkdir()
    shutil.copy(model / "MLmodel", directory)
    return directory


def test_a_model_that_does_not_load(endpoints: Store, wine: Any, tmp_path: Path) -> None:
    broken = break_model(wine.directory, tmp_path / "broken")
    with pytest.raises(EndpointError, match=r"did not start: FileNotFoundError.*model\.skops"):
        deploy(broken, "wine", store=endpoints)
    endpoint = get_endpoint("wine", endpoints)
    assert endpoint.state == "failed"
    assert "model.skops" in str(endpoint.error)


USERS_MODULE = """
from sklearn.dummy import DummyClassifier
class Guess(DummyClassifier): pass
"""


def test_the_users_modules_serve_the_model_and_replace_none(
    endpoints: Store, workdir: Path, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workdir / "guesses_of_a_user.py").write_text(USERS_MODULE)
    (workdir / "http.py").write_text("raise ImportError('not what uvicorn wants')")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "path", [*sys.path, str(workdir)])
        guess = importlib.import_module("guesses_of_a_user").Guess(strategy="most_frequent")
        trusted = ["guesses_of_a_user.Guess"]
        save_model(guess.fit([[0.0], [1.0]], [7, 7]), "model", skops_trusted_types=trusted)
    endpoint = deploy("model", "guess", store=endpoints)
    assert call(endpoint, "/invocations", {"inputs": [[1.0]]}) == (200, {"predictions": [7]})


def test_a_failed_replacement_leaves_the_old_one(
    endpoints: Store, echo: Path, call: Any, tmp_path: Path
) -> None:
    old = deploy(echo, "wine", store=endpoints)
    with pytest.raises(EndpointError, match="did not start"):
        deploy(break_model(echo, tmp_path / "broken"), "wine", store=endpoints)
    (now,) = list_endpoints(endpoints)
    assert (now.pid, now.revision, now.state) == (old.pid, 1, "ready")
    assert "did not take its place" in str(now.error)
    assert call(old, "/ping") == (200, "OK")


def test_a_worker_that_is_too_slow_is_ended(endpoints: Store, echo: Path) -> None:
    with pytest.raises(EndpointError, match=r"not ready after 0\.1 s"):
        deploy(echo, "wine", store=endpoints, timeout=0.1)
    assert state("wine", endpoints) == "failed"
    assert list(log_path(endpoints, "wine").parent.glob("wine.*.lock")) == []


def test_a_killed_worker_is_seen(endpoints: Store, echo: Path) -> None:
    endpoint = deploy(echo, "wine", store=endpoints)
    assert endpoint.pid is not None
    os.kill(endpoint.pid, signal.SIGKILL)
    until(lambda: state("wine", endpoints) == "failed")
    assert "deploy it again" in str(get_endpoint("wine", endpoints).error)
    assert state("wine", endpoints) == "failed"
    assert deploy(echo, "wine", store=endpoints).state == "ready"


def test_a_worker_that_is_terminated_says_so(endpoints: Store, echo: Path) -> None:
    endpoint = deploy(echo, "wine", store=endpoints)
    assert endpoint.pid is not None
    os.kill(endpoint.pid, signal.SIGTERM)
    until(lambda: state("wine", endpoints) == "stopped")
    until(lambda: not worker_lock(endpoints, "wine", endpoint.pid or 0).exists())


def test_another_process_with_the_pid_is_not_the_worker(endpoints: Store) -> None:
    row = Endpoint("wine", "models:/wine/1", "127.0.0.1", 1, os.getpid(), "t", "ready", 0)
    endpoints.endpoints.put(row)
    assert state("wine", endpoints) == "failed"
    assert stop("wine", endpoints).state == "stopped"  # and this process lives


@pytest.mark.parametrize("told", ["starting", "ready"])
def test_what_is_told_holds_while_somebody_changes_it(endpoints: Store, told: Any) -> None:
    row = Endpoint("wine", "models:/wine/1", "127.0.0.1", None, None, "", told, 0)
    endpoints.endpoints.put(row)
    with change(endpoints, "wine"):
        assert state("wine", endpoints) == told
        with pytest.raises(InvalidState, match="by another process"):
            stop("wine", endpoints)
    assert state("wine", endpoints) == "failed"


def test_an_endpoint_that_changed_since_it_was_read_is_told_as_it_is_now(endpoints: Store) -> None:
    row = Endpoint("wine", "models:/wine/1", "127.0.0.1", None, None, "", "ready", 0)
    endpoints.endpoints.put(msgspec.structs.replace(row, state="stopped"))
    assert as_it_is(endpoints, row).state == "stopped"


@pytest.mark.parametrize("name", ["", "a/b", "../x", "a.b", "a b", "-x", "é", "x" * 101])
def test_a_bad_name_starts_nothing(name: str, endpoints: Store, echo: Path) -> None:
    with pytest.raises(InvalidValue, match="cannot name an endpoint"):
        deploy(echo, name, store=endpoints)
    assert list_endpoints(endpoints) == []


def test_an_unknown_model_starts_nothing(endpoints: Store, tmp_path: Path) -> None:
    (tmp_path / "MLmodel").write_text("flavors: {}")
    with pytest.raises(NotFound, match="no registered model"):
        deploy("models:/wine/1", "wine", store=endpoints)
    with pytest.raises(InvalidValue, match="cannot be served"):
        deploy(tmp_path, "wine", store=endpoints)
    assert list_endpoints(endpoints) == []


def test_a_bad_port_starts_nothing(endpoints: Store, echo: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(InvalidState, match="is in use"),
    ):
        deploy(echo, "wine", taken.getsockname()[1], store=endpoints)
    with pytest.raises(InvalidValue, match="not a port"):
        deploy(echo, "wine", 70000, store=endpoints)
    with pytest.raises(InvalidValue, match="Nothing can listen"):
        deploy(echo, "wine", host="192.0.2.1", store=endpoints)
    assert list_endpoints(endpoints) == []


def test_an_unknown_endpoint_is_named_with_the_closest(endpoints: Store) -> None:
    row = Endpoint("wine", "models:/wine/1", "127.0.0.1", 1, None, "t", "stopped", 0)
    endpoints.endpoints.put(msgspec.structs.replace(row))
    for find in (get_endpoint, stop):
        with pytest.raises(NotFound, match="Did you mean 'wine'"):
            find("wime", endpoints)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_stops_what_it_serves(
    number: signal.Signals, endpoints: Store, echo: Path, call: Any
) -> None:
    command = [sys.executable, "-c", SERVE, str(echo), endpoints.uri]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert call(get_endpoint("wine", endpoints), "/ping") == (200, "OK")
        process.send_signal(number)
        assert process.stdout.read() == "done\n"
    assert process.returncode == 0
    assert state("wine", endpoints) == "stopped"


def test_serve_ends_when_it_is_stopped_from_elsewhere(endpoints: Store, echo: Path) -> None:
    command = [sys.executable, "-c", SERVE, str(echo), endpoints.uri]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        stop("wine", endpoints)
        assert process.stdout.read() == "done\n"
    assert process.returncode == 0
