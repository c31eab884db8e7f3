"""Requests a second and latencies, by wrk, which looks at each answer."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import NamedTuple

from benchmarks.serving.contestants import Asked

_SCRIPT = """
wrk.method = "POST"
wrk.body = [==[%s]==]
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer %s"
local threads = {}
wrong = 0
function setup(thread) table.insert(threads, thread) end
function response(status, headers, body)
  if status ~= 200 or body:gsub("%%s", "") ~= '%s' then wrong = wrong + 1 end
end
function done(summary, latency, requests)
  local e = summary.errors
  local bad = e.connect + e.read + e.write + e.timeout
  for _, thread in ipairs(threads) do bad = bad + thread:get("wrong") end
  io.write(string.format("told %%d %%d %%d %%d %%d\\n", summary.requests, summary.duration, bad,
    latency:percentile(50), latency:percentile(99)))
end
"""


class Measured(NamedTuple):
    """One round of one contestant."""

    rate: float  # requests a second
    p50: float  # ms
    p99: float  # ms


def measure(asked: Asked, body: str, expected: str, connections: int, seconds: int) -> Measured:
    """Let so many connections ask as fast as they are answered.

    Raises:
        RuntimeError: an answer was an error, or not `expected` (JSON without spaces).
    """
    script = Path.cwd() / "wrk.lua"
    script.write_text(_SCRIPT % (body, asked.token, expected))
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s"]
    said = subprocess.run(
        [*command, "-s", str(script), asked.url], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"^told (\d+) (\d+) (\d+) (\d+) (\d+)$", said, flags=re.MULTILINE)
    assert found, said
    requests, duration, wrong, p50, p99 = (int(one) for one in found.groups())
    if wrong or not requests:
        raise RuntimeError(f"{asked.url}: {wrong} of {requests} answers were wrong")
    return Measured(requests / duration * 1e6, p50 / 1000, p99 / 1000)
