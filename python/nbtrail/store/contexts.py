"""Where and how a run ran: one JSON document a kind.

Equal documents are kept once, and so are equal sets of them: a run that starts where others ran
costs one number.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from typing import Any

import msgspec

from nbtrail.errors import InvalidValue, NotFound
from nbtrail.store.database import Database
from nbtrail.store.keys import TAG_LIMIT, check_key, check_text

DOCUMENT_LIMIT = 8 << 20  # bytes


class Document(msgspec.Struct, frozen=True):
    """A JSON document as it is kept: its content, and the hash of that."""

    content: bytes
    digest: str

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Document:
        """Encode a document; equal ones become equal bytes.

        Raises:
            InvalidValue: it has what JSON has not, or is larger than `DOCUMENT_LIMIT`.
        """
        try:
            content = msgspec.json.encode(document, order="sorted")
        except (TypeError, ValueError, RecursionError) as error:
            raise InvalidValue(f"A context document must be JSON: {error}.") from None
        if len(content) > DOCUMENT_LIMIT:
            raise InvalidValue(
                f"A context document has {len(content)} bytes; {DOCUMENT_LIMIT} are allowed."
            )
        return cls(content, hashlib.sha256(content).hexdigest())


class Context(msgspec.Struct, frozen=True):
    """Documents by kind, and tags that come with them; made once, kept for many runs."""

    documents: dict[str, Document]
    tags: dict[str, str]
    digest: str

    @classmethod
    def of(
        cls, documents: Mapping[str, Document], tags: Mapping[str, str] | None = None
    ) -> Context:
        """Put documents and tags together.

        Raises:
            InvalidValue: a kind or a tag is not allowed.
        """
        for kind in documents:
            check_key(kind, "context")
        for key, value in (tags or {}).items():
            check_text(value, TAG_LIMIT, f"value of tag '{check_key(key, 'tag')}'")
        return cls(dict(documents), dict(tags or {}), _digest(_digests_of(documents)))


class Contexts:
    """The context documents of one store's runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, run_id: str, context: Context) -> None:
        """Keep the context of a run; a document of a kind that is there is replaced.

        Tags that the run has already stay as they are.

        Raises:
            NotFound: there is no such run.
        """
        with self._database.write() as connection:
            run, before = _run(connection, run_id)
            digest, digests = context.digest, _digests_of(context.documents)
            if before is not None:
                digests = _stored_digests(connection, before) | digests
                digest = _digest(digests)
            kept = _kept(connection, digest) or _keep(
                connection, digest, digests, context.documents
            )
            connection.execute("update run set context = ? where id = ?", (kept, run))
            connection.executemany(
                "insert or ignore into tag values (?, ?, ?)",
                [(run, key, value) for key, value in context.tags.items()],
            )

    def get(self, run_id: str) -> dict[str, dict[str, Any]]:
        """Return the documents of a run by kind; none if it has none.

        Raises:
            NotFound: there is no such run.
        """
        with self._database.read() as connection:
            _, context = _run(connection, run_id)
            rows = connection.execute(
                "select kind, content from context_document join blob using (digest) "
                "where context = ? order by kind",
                (context,),
            ).fetchall()
        return {kind: msgspec.json.decode(content) for kind, content in rows}


def _run(connection: sqlite3.Connection, run_id: str) -> tuple[int, int | None]:
    """Return the row of a run, and of the context that it has."""
    row = connection.execute("select id, context from run where uuid = ?", (run_id,)).fetchone()
    if row is None:
        raise NotFound(f"There is no run '{run_id}' in this store.")
    return row[0], row[1]


def _stored_digests(connection: sqlite3.Connection, context: int) -> dict[str, str]:
    rows = connection.execute(
        "select kind, digest from context_document where context = ?", (context,)
    )
    return dict(map(tuple, rows))


def _digests_of(documents: Mapping[str, Document]) -> dict[str, str]:
    return {kind: document.digest for kind, document in documents.items()}


def _digest(digests: Mapping[str, str]) -> str:
    """Return the hash of a set of documents, from theirs by kind."""
    text = "".join(f"{kind}\n{digest}\n" for kind, digest in sorted(digests.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def _kept(connection: sqlite3.Connection, digest: str) -> int | None:
    """Return the row of a set of documents, None if it is new."""
    row = connection.execute("select id from context where digest = ?", (digest,)).fetchone()
    return row[0] if row else None


def _keep(
    connection: sqlite3.Connection,
    digest: str,
    digests: Mapping[str, str],
    documents: Mapping[str, Document],
) -> int:
    """Insert a set of documents; those of `digests` that are not in `documents` are there."""
    row = connection.execute("insert into context (digest) values (?) returning id", (digest,))
    context: int = row.fetchone()[0]
    connection.executemany(
        "insert or ignore into blob values (?, ?)",
        [(document.digest, document.content) for document in documents.values()],
    )
    connection.executemany(
        "insert into context_document values (?, ?, ?)",
        [(context, kind, own) for kind, own in digests.items()],
    )
    return context
