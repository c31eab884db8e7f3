"""Autolog as in a script: on for one test, and all of it off after that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import nbtrail


@pytest.fixture
def autologging() -> Iterator[None]:
    nbtrail.autolog()
    yield
    nbtrail.autolog(disable=True)
