"""A real nginx in front: of an endpoint's own port below a prefix, and of a Jupyter server."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from nbtrail import config, serving
from nbtrail.store import open_store
from server import jupyter_process

CONFIGURATION = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location /models/steps/ {{ proxy_pass http://127.0.0.1:{endpoint}/; }}
        location /user/ann/ {{
            proxy_pass {jupyter};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto $scheme;
        }}
    }}
}}
"""


def steps(go_on: str, n: int = 2) -> Iterator[int]:
    import time
    from pathlib import Path

    yield 0
    while not Path(go_on).exists():
        time.sleep(0.01)
    yield from range(1, n)


@contextmanager
def nginx(folder: Path, **ports: Any) -> Iterator[str]:
    """Run nginx; yield where it answers."""
    port = jupyter_process.free_port()
    (folder / "nginx.conf").write_text(CONFIGURATION.format(folder=folder, port=port, **ports))
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen([program, "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)


def post(url: str, token: str, body: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    return urllib.request.urlopen(request, timeout=90)


def get(url: str, token: str) -> Any:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=90) as answer:
        return json.load(answer)


def test_an_endpoint_behind_nginx_and_below_jupyterhubs_prefix(workdir: Path) -> None:
    store = open_store(workdir / config.STORE_NAME)
    steps.__module__ = "__main__"
    one = serving.deploy(steps, "steps", store=store)
    go_on = workdir / "go-on"
    # JupyterHub gives a user's server such a path, and its proxy passes it on as it is.
    try:
        with (
            jupyter_process.running(workdir, "/user/ann/") as server,
            nginx(workdir, endpoint=one.port, jupyter=server.url.removesuffix("/user/ann/")) as url,
        ):
            direct = f"{url}/models/steps"
            document = get(f"{direct}/openapi.json", one.token)
            assert document["servers"] == [{"url": "."}]
            with post(f"{direct}/predict", one.token, {"go_on": str(go_on)}) as answer:
                assert answer.readline() == b"data: 0\n"  # and nginx does not hold it back
                go_on.touch()
                assert answer.read() == b"\ndata: 1\n\n"
            with pytest.raises(urllib.error.HTTPError, match="401"):
                post(f"{direct}/predict", "wrong", {})

            (listed,) = jupyter_process.ask(f"{url}/user/ann/nbtrail/api/endpoints")["endpoints"]
            assert listed["url"] == "/user/ann/nbtrail/endpoints/steps/invocations"
            jupyters = f"{url}{listed['url']}"
            with post(jupyters, jupyter_process.TOKEN, {"instances": [{"go_on": str(go_on)}]}) as a:
                assert json.load(a) == {"predictions": [[0, 1]]}
            with pytest.raises(urllib.error.HTTPError, match="403"):
                post(jupyters, "wrong", {})
            told = jupyter_process.ask(f"{url}/user/ann/nbtrail/api/endpoints/steps/snippets")
            assert "/user/ann/nbtrail/endpoints/steps/predict" in told["curl"]
    finally:
        serving.stop("steps", store)
