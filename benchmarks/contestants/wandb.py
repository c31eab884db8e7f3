"""Weights & Biases, offline: a process beside that writes a log."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import wandb
from wandb.proto.wandb_internal_pb2 import Record

BLOCK, HEADER = 32 * 1024, struct.Struct("<IHB")
FULL, LAST = 1, 4

_run: Any = None


def start() -> None:
    global _run  # noqa: PLW0603
    _run = wandb.init(project="bench", mode="offline")


def log(key: str, value: float, step: int) -> None:
    _run.log({key: value}, step=step)


def param(key: str, value: object) -> None:
    _run.config[key] = value


def finish() -> None:
    global _run  # noqa: PLW0603
    if _run is not None:
        _run.finish()
    _run = None


def points() -> int:
    """Count the values in the history records of every run's file."""
    files = Path("wandb").glob("offline-run-*/*.wandb")
    items = (item for f in files for r in _records(f) for item in Record.FromString(r).history.item)
    return sum(not "".join(item.nested_key or item.key).startswith("_") for item in items)


def _records(file: Path) -> Iterator[bytes]:
    """Yield what is in a file of LevelDB's log format, after its own header of 7 bytes."""
    data, place, record = file.read_bytes(), HEADER.size, b""
    while place + HEADER.size <= len(data):
        left = BLOCK - place % BLOCK
        if left < HEADER.size:
            place += left
            continue
        _, length, kind = HEADER.unpack_from(data, place)
        place += HEADER.size + length
        record += data[place - length : place]
        if not kind or place > len(data):
            return
        if kind in {FULL, LAST}:
            yield record
            record = b""


def prepare_batch(metrics: dict[str, float], params: dict[str, str]) -> Callable[[], None]:
    def work() -> None:
        _run.config.update(params)
        _run.log(metrics, step=0)
        finish()

    return work
