"""Autolog as in a script: on for one test, and all of it off after that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import nbtrail
from nbtrail.tracking import failures


@pytest.fixture
def autologging() -> Iterator[None]:
    nbtrail.autolog()
    yield
    nbtrail.autolog(disable=True)


@pytest.fixture(autouse=True)
def told_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another test was told of is told again."""
    monkeypatch.setattr(failures, "_told", set())
