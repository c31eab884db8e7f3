"""Which metrics and params there are, so that a misspelt one is told and not just never found."""

from __future__ import annotations

import difflib
import logging
import re
import sqlite3
from dataclasses import replace

from nbtrail.errors import InvalidValue
from nbtrail.store.search.grammar import PARTS, Key

NO_ROW = -1
MOST_KNOWN = 5000
CLOSE = 0.8  # of difflib's ratio
HINT = 0.6
_WORD, _NUMBER = re.compile(r"[^\W_]+"), re.compile(r"\d+")

_log = logging.getLogger("nbtrail")
_told: set[str] = set()

_METRIC = (
    "select id from metric where key = ? "
    "and exists (select 1 from series where series.metric = metric.id and count > 0)"
)
_PARAM = "select 1 from param where key = ? limit 1"
_TAG = "select 1 from tag where key = ? limit 1"
_METRICS = (
    "select key from metric where exists "
    f"(select 1 from series where series.metric = metric.id and count > 0) limit {MOST_KNOWN}"
)
# One step of the index per key, however many runs have it.
_KEYS = (
    "with recursive known(key) as (select min(key) from {0} union all "
    "select (select min(key) from {0} where {0}.key > known.key) from known "
    f"where known.key is not null) select key from known where key is not null limit {MOST_KNOWN}"
)
_PARAMS, _TAGS = _KEYS.replace("{0}", "param"), _KEYS.replace("{0}", "tag")


class Names:
    """The keys of one store.

    Attributes:
        lenient: whether what is unknown is taken for absent.
    """

    def __init__(
        self, connection: sqlite3.Connection, *, lenient: bool = False, tells: bool = False
    ) -> None:
        self._connection = connection
        self.lenient = lenient
        self._tells = tells

    def to_order_by(self) -> Names:
        """Return the same keys for an order: there an unknown one is absent, which is told once.

        To look for the best run before the first has been measured is no mistake.
        """
        return Names(self._connection, lenient=True, tells=not self.lenient)

    def metric(self, key: Key) -> tuple[int, str]:
        """Return the row of a metric, and which column of its series is meant.

        ``loss.min`` is the lowest value of ``loss``, unless there is a metric of that name.

        Raises:
            InvalidValue: no run has it, and another's name is close.
        """
        row = None if key.part else self._row(key.name)
        if row is not None:
            return row, "last"
        whole, dot, part = key.name.rpartition(".")
        if dot and not key.quoted and part.lower() in PARTS:
            key = replace(key, name=whole, part=part.lower())
        row = self._row(key.name)
        if row is None:
            if dot and not key.quoted and not key.part and self._row(whole) is not None:
                self._refuse(key, f"'{whole}' has .{', .'.join(PARTS)}.")
            self._refuse_close(key, _METRICS)
        return NO_ROW if row is None else row, key.part or "last"

    def _row(self, name: str) -> int | None:
        row = self._connection.execute(_METRIC, (name,)).fetchone()
        return None if row is None else row[0]

    def param(self, key: Key) -> str:
        """Return the name of a param.

        Raises:
            InvalidValue: no run has it, and another's name is close.
        """
        if self._connection.execute(_PARAM, (key.name,)).fetchone() is None:
            self._refuse_close(key, _PARAMS)
        return key.name

    def of(self, name: str) -> str:
        """Return a hint if a metric or a param has this name."""
        if self._row(name) is not None:
            return f" Did you mean 'metrics.{name}'?"
        if self._connection.execute(_PARAM, (name,)).fetchone() is not None:
            return f" Did you mean 'params.{name}'?"
        return ""

    def tag(self, key: Key) -> str:
        """Return the name of a tag; one that no run has is absent, and a close one is told."""
        if not self.lenient and self._connection.execute(_TAG, (key.name,)).fetchone() is None:
            self._tell_related(key, [name for (name,) in self._connection.execute(_TAGS)])
        return key.name

    def _refuse_close(self, key: Key, known: str) -> None:
        if self.lenient and not self._tells:
            return
        if hint := self.of(key.name):  # a param that is taken for a metric, or the other way round
            self._refuse(key, hint.strip())
        names = [name for (name,) in self._connection.execute(known)]
        others = [name for name in names if not _is_meant_so(key.name, name)]
        cutoff = HINT if self._tells else CLOSE
        if close := _closest(key.name, others, cutoff):
            self._refuse(key, f"Did you mean '{close}'?")
        self._tell_related(key, names)

    def _refuse(self, key: Key, hint: str) -> None:
        trouble = f"No run has the {key.kind} '{key.name}' (character {key.at + 1}). {hint}"
        if not self.lenient:
            raise InvalidValue(trouble)
        if self._tells:
            _tell_once(f"nbtrail: the order says nothing: {trouble}")

    def _tell_related(self, key: Key, known: list[str]) -> None:
        """Say of a name that may be right, and that no run has yet, which one there is."""
        related = _closest(key.name, known, HINT) or _part_of(key.name, known)
        if related and not self.lenient:
            hint = f"There is '{related}'."
            _tell_once(f"nbtrail: no run has the {key.kind} '{key.name}' so far. {hint}")


def known(connection: sqlite3.Connection, kind: str) -> list[str]:
    """Return the metrics, params or tags that there are, `MOST_KNOWN` at most."""
    query = {"metric": _METRICS, "param": _PARAMS, "tag": _TAGS}[kind]
    return [name for (name,) in connection.execute(query)]


def _tell_once(message: str) -> None:
    if message not in _told:
        _told.add(message)
        _log.warning("%s", message)


def _closest(name: str, known: list[str], cutoff: float) -> str | None:
    """Return the name that is most like another one, whatever their letters' case."""
    by_lower = {one.lower(): one for one in known}
    found = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=cutoff)
    return by_lower[found[0]] if found else None


def _part_of(name: str, known: list[str]) -> str | None:
    """Return a name that has another one in it, or is in it."""
    lower = name.lower()
    found = (one for one in known if one.lower() in lower or lower in one.lower())
    return next(found, None)


def _is_meant_so(name: str, other: str) -> bool:
    """Return whether names are alike because they belong together: ``top1 top5``, ``acc acc_x``."""
    if _NUMBER.sub("0", name) == _NUMBER.sub("0", other):
        return True
    words, others = set(_WORD.findall(name)), set(_WORD.findall(other))
    return words < others or others < words
