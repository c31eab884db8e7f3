"""A job goes on when its server dies, and the next server shows and stops it."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from nbtrail.projects.background import jobs
from nbtrail.store import Store, locks

WAIT = (
    "import time\nfrom pathlib import Path\nPath('here-{0}').touch()\n"
    "while not Path('go-{0}').exists(): time.sleep(0.05)"
)
CELLS = ["n = 0", WAIT.format(1), WAIT.format(2), "'never'"]


@pytest.fixture
def notebook(jp_root_dir: Path) -> Path:
    """Write a notebook of which two cells wait for a file each."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = new_notebook(metadata={"kernelspec": kernel})
    made.cells = [new_code_cell(source, id=f"c{n}") for n, source in enumerate(CELLS)]
    path = jp_root_dir / "work" / "wait.ipynb"
    path.parent.mkdir()
    nbformat.write(made, path)
    return path


@pytest.fixture
def other_server(jp_root_dir: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run a server of its own over the same directory."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"),
        *(f"--port={port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1"),
        *(f"--ServerApp.root_dir={jp_root_dir}", "--IdentityProvider.token=other"),
        '--ServerApp.jpserver_extensions={"nbtrail": True}',
    ]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        yield process, f"http://127.0.0.1:{port}/nbtrail/api/"
        process.kill()


@pytest.fixture
def nothing_left(server_store: Store) -> Iterator[None]:
    """Stop what runs, and wait for the end of the supervisor."""
    yield
    for job in server_store.jobs.list(["queued", "running"]):
        server_store.jobs.stop(job.job_id)
    wait_for(lambda: locks.take(jobs.folder(server_store) / jobs.LOCK))


def wait_for(condition: Callable[[], Any], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (found := condition()) is not None:
            return found
        time.sleep(0.05)
    raise TimeoutError(condition)


def send(url: str, body: object) -> Any:
    headers = {"Authorization": "Bearer other", "Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with suppress(OSError), urllib.request.urlopen(request) as response:  # it may be starting yet
        return response.status, json.load(response)


@pytest.mark.usefixtures("nothing_left")
async def test_a_job_outlives_its_server(
    fetch: Any, notebook: Path, other_server: tuple[subprocess.Popen[bytes], str]
) -> None:
    process, url = other_server
    launch = {"notebook": "work/wait.ipynb", "grid": [{"n": 0}, {"n": 1}], "parallel": 1}
    status, made = wait_for(lambda: send(f"{url}jobs", launch))
    assert (status, made["job"]["state"]) == (202, "queued")
    await until(notebook.with_name("here-1").exists)
    process.kill()
    process.wait()

    [job] = (await asked(fetch, "jobs?state=running"))["jobs"]
    assert (job["job_id"], job["notebook"], job["cells_done"]) == ("1", "work/wait.ipynb", 2)
    notebook.with_name("go-1").touch()
    await until(notebook.with_name("here-2").exists)
    first, second = (await asked(fetch, "jobs/1"))["runs"]
    assert (first["state"], first["cells_done"], first["cells_total"]) == ("running", 3, 5)
    assert (first["cell"], second["state"]) == ("import time …", "queued")

    stopped = await fetch("nbtrail/api/jobs/1/stop", method="POST", body="")
    assert (stopped.code, json.loads(stopped.body)["job"]["stopping"]) == (202, True)
    while (found := await asked(fetch, "jobs/1"))["job"]["ended"] is None:
        await asyncio.sleep(0.1)
    assert [(one["state"], one["run_id"]) for one in found["runs"]] == [
        ("stopped", first["run_id"]), ("stopped", None)
    ]  # fmt: skip
    run = (await asked(fetch, f"runs/{first['run_id']}"))["run"]
    assert (run["info"]["status"], run["tags"]["nbtrail.job"]) == ("KILLED", "1")
    executed = nbformat.read(f"{run['info']['artifact_uri']}/wait.ipynb", as_version=4)
    statuses = [cell.metadata.papermill.status for cell in executed.cells]
    assert statuses == ["completed", "completed", "completed", "failed", "pending"]
    log = await asked(fetch, "jobs/1/log")
    assert (log["ended"], log["text"].endswith("[1/2] stopped\n")) == (True, True)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.05)


async def asked(fetch: Any, path: str) -> Any:
    response = await fetch(f"nbtrail/api/{path}")
    assert response.code == 200, response.body
    return json.loads(response.body)


async def test_the_root_is_the_servers(fetch: Any, notebook: Path) -> None:
    (notebook.parent / "out.ipynb").symlink_to("/etc/hostname")
    found = await asked(fetch, "notebooks")
    assert [one["path"] for one in found["notebooks"]] == ["work/wait.ipynb"]
    form = await asked(fetch, "notebooks/parameters?path=work%2Fwait.ipynb")
    assert [one["name"] for one in form["parameters"]] == ["n"]
    refused = await fetch("nbtrail/api/notebooks/parameters?path=work%2Fout.ipynb")
    assert refused.code == 400
