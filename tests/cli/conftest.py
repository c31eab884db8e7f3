"""The commands, called in this process."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from nbtrail.cli import main

Invoke = Callable[..., Result]


@pytest.fixture
def invoke() -> Invoke:
    """Call `nbtrail` with arguments; no command lets an exception out."""

    def _invoke(*arguments: object) -> Result:
        result = CliRunner().invoke(main, [str(argument) for argument in arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return _invoke
