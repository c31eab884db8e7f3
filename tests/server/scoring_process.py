"""A small HTTP server in a process of its own: it tells the proxy's client what reached it."""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Handler(BaseHTTPRequestHandler):
    """Answers with the request's own headers, path and body."""

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        if self.headers["Authorization"] != f"Bearer {sys.argv[1]}":
            self.send_response(401)
            self.end_headers()
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        told = json.dumps({"path": self.path, "headers": headers, "body": body})
        if "same" in body:
            self.send_response(304)
            self.end_headers()
            return
        self.send_response(400 if "bad" in body else 200)
        self.send_header("Content-Type", "application/x-told")
        self.send_header("Set-Cookie", "planted=1")
        self.send_header("X-Token", sys.argv[1])
        self.end_headers()
        self.wfile.write(told.encode())

    def log_message(self, *_arguments: Any) -> None:
        """Keep quiet."""


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
