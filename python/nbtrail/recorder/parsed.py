"""The syntax trees that IPython makes of cells: nobody has to parse them again.

Beside saving time, that lets another thread analyse them: two threads must not parse at once in
Python before 3.11.8 and 3.12.2 (gh-106905), and the user's is parsing all the time.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nbtrail.tracking.failures import never_raises

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

THREADS_MAY_PARSE = sys.version_info >= (3, 12, 2) or (3, 11, 8) <= sys.version_info < (3, 12)
Take = Callable[[str, list[ast.stmt]], None]


class ParsedCells:
    """Calls `take` with the source and the statements of what IPython parses, before it runs."""

    def __init__(self, shell: InteractiveShell, take: Take) -> None:
        self._compiler = shell.compile
        self._parse = parse = shell.compile.ast_parse
        guarded = never_raises("a cell's names")(take)

        def ast_parse(source: Any, *args: Any, **kwargs: Any) -> Any:
            tree = parse(source, *args, **kwargs)
            guarded(source, list(tree.body))  # type: ignore[attr-defined]
            return tree

        self._patched = self._compiler.ast_parse = ast_parse  # type: ignore[method-assign]

    def remove(self) -> None:
        """Take no notice any more."""
        if self._compiler.ast_parse is self._patched:
            self._compiler.ast_parse = self._parse  # type: ignore[method-assign]
