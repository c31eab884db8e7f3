"""Registered models and their versions, found by the same filters as runs (see search/).

There are few of them next to runs, so that a page is found by how many rows are to be skipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral

from nbtrail.entities import ModelVersion, RegisteredModel
from nbtrail.errors import InvalidValue
from nbtrail.store.database import Database
from nbtrail.store.keys import is_text, shown
from nbtrail.store.registry import Registry
from nbtrail.store.search import orders, tokens
from nbtrail.store.search.conditions import Compiler
from nbtrail.store.search.fragments import Fragment
from nbtrail.store.search.grammar import parse_filter
from nbtrail.store.search.names import Names
from nbtrail.store.search.subjects import MODEL, VERSION, Subject

MOST_MODELS, MOST_VERSIONS = 1000, 200_000
_NO_ROW = "''"  # the rows of these tables have names, and no numbers


class ModelSearch:
    """Searches of one store's registry."""

    def __init__(self, database: Database, registry: Registry) -> None:
        self._database = database
        self._registry = registry

    def versions(
        self,
        filter_string: str | None = None,
        max_results: int = 10_000,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> tuple[list[ModelVersion], str | None]:
        """Return a page of the versions that a filter finds, and the token of the next page.

        Args:
            filter_string: such as ``flavor = 'sklearn' and metrics.auc > 0.9``: metrics and
                params are those of the run that made the version, tags are its own.
            max_results: how many at most.
            order_by: such as ``metrics.auc desc``; without it, the latest changed are first.
            page_token: of the page before.

        Raises:
            InvalidValue: the filter, the order or the token is not understood.
        """
        _check_size(max_results, MOST_VERSIONS)
        columns = "model_version.name, model_version.version"
        ties = "model_version.updated desc, model_version.name, model_version.version desc"
        asked = (filter_string or "", list(order_by or ()))
        rows, token = self._page(VERSION, columns, ties, asked, max_results, page_token)
        return self._registry.select((name, number) for name, number in rows), token

    def models(
        self,
        filter_string: str | None = None,
        max_results: int = 100,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> tuple[list[RegisteredModel], str | None]:
        """Return a page of the models that a filter finds, by name, and the next one's token.

        Raises:
            InvalidValue: the filter, the order or the token is not understood.
        """
        _check_size(max_results, MOST_MODELS)
        asked = (filter_string or "", list(order_by or ()))
        name = "registered_model.name"
        rows, token = self._page(MODEL, name, name, asked, max_results, page_token)
        return self._registry.named([row[0] for row in rows]), token

    def _page(
        self,
        subject: Subject,
        columns: str,
        ties: str,
        asked: tuple[str, list[str]],
        limit: int,
        token: str | None,
    ) -> tuple[list[tuple[str, int]], str | None]:
        if not all(map(is_text, (asked[0], *asked[1]))):
            raise InvalidValue("A filter or an order is a text, and this one is none.")
        question = (subject.table, *asked)
        skipped = int(tokens.read(question, token, 1)[0] or 0) if token else 0
        with self._database.read() as connection:
            compiler = Compiler(subject, Names(connection), "", _NO_ROW)
            statement = _statement(compiler, columns, ties, *asked)
            statement += Fragment(" limit ? offset ?", (limit + 1, skipped))
            rows = connection.execute(statement.sql, statement.values).fetchall()
        more = tokens.write(question, (skipped + limit,)) if len(rows) > limit else None
        return [tuple(row) for row in rows[:limit]], more


def _statement(
    compiler: Compiler, columns: str, ties: str, said: str, order_by: Sequence[str]
) -> Fragment:
    keys = [orders.sort_key(term, compiler) for term in orders.parse(order_by)]
    statement = Fragment(f"select {columns} from {compiler.subject.table}")
    if condition := parse_filter(said):
        statement += " where " + compiler.condition(condition)
    statement += " order by "
    for key in keys:
        statement += key.column + f" {'desc' if key.descending else 'asc'} nulls last, "
    return statement + ties


def _check_size(max_results: int, most: int) -> None:
    if not isinstance(max_results, Integral) or not 0 < max_results <= most:
        raise InvalidValue(f"max_results must be from 1 to {most}, not {shown(max_results)}.")
