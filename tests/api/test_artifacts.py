"""The files of a run over HTTP."""

from __future__ import annotations

from contextlib import closing
from typing import Any
from urllib.parse import quote

import pytest

from nbtrail.api import Context, Request, Response, answer
from nbtrail.api.native import ROUTES
from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import RunFile
from nbtrail.store import Store

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
ODD = 'plots/<b> "q" 😀%2F é;.png'


@pytest.fixture
def run_id(store: Store, experiment_id: str) -> str:
    run = store.runs.create(experiment_id).info
    files = ArtifactRepository(run.artifact_uri)
    files.write(ODD, PNG)
    files.write("notes.html", b"<!doctype html><script>alert(1)</script>")
    store.files.note(run.run_id, [RunFile(ODD, execution=7), RunFile("big.bin", False, 9)])
    return run.run_id


def fetch(context: Context, run_id: str, path: str, **headers: str) -> Response:
    match = ROUTES.match("GET", f"runs/{run_id}/artifacts/content")
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    request = Request(match.arguments, f"path={quote(path)}", b"", given)
    return answer(match.route.handler, context, request)


def body_of(response: Response) -> bytes:
    """Return the whole body; the file is closed."""
    if isinstance(response.body, bytes):
        return response.body
    with closing(response.body) as pieces:
        return b"".join(iter(lambda: next(pieces, b""), b""))


def test_a_folder_is_listed(ask: Any, run_id: str) -> None:
    status, body = ask("GET", f"runs/{run_id}/artifacts")
    assert (status, body["path"], body["truncated"]) == (200, "", False)
    told = [(one["name"], one["kind"], one["size"], one["kept"]) for one in body["files"]]
    assert told == [
        ("plots", "folder", None, True),
        ("big.bin", "none", 9, False),
        ("notes.html", "html", 40, True),
    ]
    (one,) = ask("GET", f"runs/{run_id}/artifacts", "path=plots%2F")[1]["files"]
    assert (one["path"], one["kind"], one["execution"]) == (ODD, "image", 7)
    assert ask("GET", f"runs/{run_id}/artifacts", "path=none")[1]["files"] == []


def test_the_bytes_are_an_attachment_and_never_a_page(context: Context, run_id: str) -> None:
    page = fetch(context, run_id, "notes.html")
    picture = fetch(context, run_id, ODD)
    assert (page.status, page.content_type) == (200, "application/octet-stream")
    assert body_of(page) == b"<!doctype html><script>alert(1)</script>"
    assert (picture.content_type, body_of(picture)) == ("image/png", PNG)
    for headers in (page.headers, picture.headers):
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert headers["Content-Disposition"].startswith("attachment; ")
    assert picture.headers["Content-Disposition"] == (
        'attachment; filename="_b___q____2F___.png"; '
        "filename*=UTF-8''%3Cb%3E%20%22q%22%20%F0%9F%98%80%252F%20%C3%A9%3B.png"
    )


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=10-", 206, 10, 264),
        ("bytes=-4", 206, 260, 264),
        ("bytes=-9999", 206, 0, 264),
        ("bytes=0-9999", 206, 0, 264),
        ("bytes=0-1,3-4", 200, 0, 264),
        ("bytes=-", 200, 0, 264),
        ("bytes=5-4", 416, 0, 0),
        ("bytes=264-", 416, 0, 0),
        ("bytes=-0", 416, 0, 0),
        ("items=0-1", 200, 0, 264),
    ],
)
def test_a_range(
    context: Context, run_id: str, asked: str, status: int, start: int, end: int
) -> None:
    response = fetch(context, run_id, ODD, range=asked)
    assert response.status == status
    assert body_of(response) == PNG[start:end]
    told = {206: f"bytes {start}-{end - 1}/264", 416: "bytes */264"}
    assert response.headers.get("Content-Range") == told.get(status)


def test_what_has_not_changed_is_not_sent_again(context: Context, run_id: str) -> None:
    first = fetch(context, run_id, ODD)
    etag = first.headers["ETag"]
    assert body_of(first) == PNG
    assert fetch(context, run_id, ODD, if_none_match=f'"x", W/{etag}').status == 304
    for condition, length in ((etag, 2), ('"old"', len(PNG))):
        response = fetch(context, run_id, ODD, range="bytes=0-1", if_range=condition)
        assert len(body_of(response)) == length


def test_a_preview(ask: Any, run_id: str) -> None:
    path = f"runs/{run_id}/artifacts/preview"
    status, body = ask("GET", path, f"path={quote(ODD)}")
    assert (status, body["kind"], body["media_type"]) == (200, "image", "image/png")
    body = ask("GET", path, "path=notes.html&limit=5")[1]
    assert (body["kind"], body["text"][:15]) == ("html", "<!doctype html>")


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("nosuch", 404, "no artifact 'nosuch'"),
        ("big.bin", 404, "was not kept"),
        ("plots", 404, "that is not a file"),
        ("../../nbtrail.db", 400, "is not an artifact path"),
        ("/etc/passwd", 400, "is not an artifact path"),
        ("a\\b", 400, "is not an artifact path"),
        ("x" * 300, 400, "is not an artifact path"),
        ("", 400, "missing required field `path`"),
    ],
)
@pytest.mark.parametrize("route", ["content", "preview"])
def test_a_bad_path_is_one_sentence(
    ask: Any, run_id: str, route: str, path: str, status: int, message: str
) -> None:
    found, body = ask("GET", f"runs/{run_id}/artifacts/{route}", f"path={quote(path)}")
    assert found == status
    assert message in body["message"]


def test_a_link_out_of_the_folder_is_not_followed(ask: Any, store: Store, run_id: str) -> None:
    folder = ArtifactRepository(store.runs.get(run_id).info.artifact_uri).local_path()
    (folder / "link").symlink_to("/etc/passwd")
    status, body = ask("GET", f"runs/{run_id}/artifacts/content", "path=link")
    assert (status, "symbolic link" in body["message"]) == (400, True)
    assert "link" not in {one["name"] for one in ask("GET", f"runs/{run_id}/artifacts")[1]["files"]}
