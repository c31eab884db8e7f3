"""Trials over a real sshd of this machine."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from artifacts.servers import LOCALHOST, Sshd, ssh_server
from nbtrail import projects
from nbtrail.errors import InvalidState, InvalidValue
from nbtrail.projects.backends import Assignment, made
from nbtrail.projects.processes import kill_tree
from nbtrail.store import Store
from projects.trials import assert_is_stopped, begun, next_event, order, wait_until


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with ssh_server(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture
def far(sshd: Sshd, workdir: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Return options of the server, with a Python that has the nbtrail of these tests."""
    # ssh looks for its files in the home directory of the user database, whatever HOME says.
    known_hosts = f"UserKnownHostsFile={sshd.home}/.ssh/known_hosts"
    script(workdir / "bin" / "ssh", f'{shutil.which("ssh")} -F none -o {known_hosts} "$@"')
    monkeypatch.setenv("PATH", f"{workdir / 'bin'}:{os.environ['PATH']}")
    paths = ":".join(sys.path)
    python = script(workdir / "python", f'env PYTHONPATH="{paths}" {sys.executable} "$@"')
    key = str(sshd.home / ".ssh" / "id_ed25519")
    return {"name": "ssh", "host": LOCALHOST, "port": sshd.port, "key": key, "python": str(python)}


def script(file: Path, command: str) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\nexec {command}\n")
    file.chmod(0o755)
    return file


def test_a_trial_is_stopped_and_one_whose_connection_ends_has_died(
    far: dict[str, object], held: Path, store: Store
) -> None:
    backend = made(far)
    assert backend.reach() == os.cpu_count()
    with closing(backend.pool(Assignment(store, str(held), None, 2, held / "log"))) as pool:
        assert_is_stopped(pool, held, store)
        pool.begin(2, order(2))
        command = begun(held, 2)
        [connection] = pool._members  # type: ignore[attr-defined]
        kill_tree(connection.process.pid)
        event = next_event(pool)
        assert (event.trial, event.died) == (2, True)
        wait_until(lambda: not command.is_running())


@pytest.mark.full
def test_a_sweep_over_ssh_as_the_project_says(
    far: dict[str, object], tiny: Path, store: Store
) -> None:
    own = {name: value for name, value in far.items() if name != "name"}
    file = tiny / "MLproject"
    file.write_text(f"{file.read_text()}backend:\n  ssh: {own}\n")
    found = projects.sweep(
        tiny,
        {"x": "1,2"},
        metric="loss",
        direction="min",
        sampler="grid",
        backend="ssh",
        parallel=1,
        store=store,
    )
    assert [(one.value, one.state) for one in found.trials] == [(1, "finished"), (2, "finished")]
    variables = store.runs.get(found.trials[0].run_id).data.tags
    assert variables["mlflow.parentRunId"] == found.run.info.run_id


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"host": "-oProxyCommand=touch x"}, "'-oProxyCommand=touch x' is no host"),
        ({"host": "a@-oProxyCommand=x"}, "is no host, such as gpu1"),
        ({"host": "gpu1; touch x"}, "is no host"),
        ({"host": "gpu1\n"}, "is no host"),
        ({"host": "gpu1", "user": "-x"}, "'-x' is no user"),
        ({"host": "$(touch x)@gpu1"}, "is no user"),
        ({"host": "gpu1", "key": "nowhere"}, "there is no key nowhere"),
        ({}, "it needs a host"),
    ],
)
def test_nothing_becomes_an_option_of_ssh(options: dict[str, str], told: str) -> None:
    with pytest.raises(InvalidValue) as error:
        made({"name": "ssh", **options})
    assert told in str(error.value)


def test_a_machine_that_cannot_execute_trials(far: dict[str, object], sshd: Sshd) -> None:
    with pytest.raises(InvalidState, match=r"cannot execute trials: .*/no/python.*\.$"):
        made(far | {"python": "/no/python"}).reach()
    with pytest.raises(InvalidState, match=r"cannot be reached by ssh: .* refused\.$"):
        made(far | {"port": 1}).reach()
    with pytest.raises(InvalidState, match=r"cannot be reached by ssh: .*Permission denied"):
        made(far | {"key": str(sshd.home / "host_key")}).reach()
