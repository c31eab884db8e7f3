"""Trials on a real Jupyter server, by its kernels."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from artifacts.servers import LOCALHOST, free_port, running
from nbtrail.errors import InvalidState, InvalidValue
from nbtrail.projects.backends import Assignment, made
from nbtrail.projects.backends.jupyter import Server
from nbtrail.projects.processes import kill_tree
from nbtrail.store import Store
from projects.trials import assert_is_stopped, begun, next_event, order, wait_until

SECRET = "a-token"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, port = tmp_path_factory.mktemp("jupyter"), free_port()
    options = {
        "ServerApp.ip": LOCALHOST,
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.base_url": "/user/ada/",
        "ServerApp.root_dir": folder,
        "ServerApp.jpserver_extensions": "{'nbtrail': False}",
        "IdentityProvider.token": SECRET,
    }
    given = [f"--{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", *given]
    with running(command, port, folder / "server.log"):
        yield f"http://{LOCALHOST}:{port}/user/ada/"


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_TOKEN", SECRET)


def test_a_trial_is_stopped_and_no_kernel_is_left(url: str, held: Path, store: Store) -> None:
    backend = made({"name": "jupyter", "url": url})
    backend.reach()
    server = Server(url)
    with closing(backend.pool(Assignment(store, str(held), None, 2, held / "log"))) as pool:
        assert_is_stopped(pool, held, store)
        assert len(server.ask("GET", "kernels")) == 1
        pool.begin(2, order(2))
        command = begun(held, 2)
        wait_until(lambda: pool.events(0.1) or pool.running[2])  # it has told of its run
        [relay] = pool._members  # type: ignore[attr-defined]
        kill_tree(relay.process.pid)
        event = next_event(pool)
        assert (event.trial, event.died) == (2, True)
        assert not command.is_running()  # else it would go on beside its second attempt
        assert [one["id"] for one in server.ask("GET", "kernels")] == []
        assert store.runs.info(str(event.told.run_id)).status == "KILLED"
    assert server.ask("GET", "kernels") == []


def test_a_server_that_refuses(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidState, match=r"no kernel 'python4'\. Did you mean 'python3'\?"):
        made({"name": "jupyter", "url": url, "kernel": "python4"}).reach()
    with pytest.raises(InvalidState, match=r"does not do as asked \(kernelspecs\): .*refused"):
        made({"name": "jupyter", "url": f"http://{LOCALHOST}:1"}).reach()
    monkeypatch.setenv("JUPYTER_TOKEN", "another")
    with pytest.raises(InvalidState, match=r"does not do as asked \(kernelspecs\): .*403"):
        made({"name": "jupyter", "url": url}).reach()
    with pytest.raises(InvalidValue, match="it needs an address"):
        made({"name": "jupyter", "url": "file:///etc"})
    with pytest.raises(InvalidValue, match="set JUPYTER_TOKEN"):
        made({"name": "jupyter", "url": f"{url}?token=x"})
