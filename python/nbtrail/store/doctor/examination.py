"""All checks, one after the other: a later one looks at what an earlier one has repaired."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from nbtrail.store.database import Database
from nbtrail.store.doctor import files, journals, points, registry, tables
from nbtrail.store.doctor.problem import Check, Finding, Problem


class Doctor:
    """Examines one store; callers drain the journals before."""

    def __init__(self, database: Database, directory: Path, journals: Path) -> None:
        self._database = database
        self._directory = directory
        self._journals = journals

    def examine(self, repair: bool = False) -> list[Finding]:
        """Return what is wrong; with `repair`, put right what can be.

        Pages that are damaged cannot be, and what refers to what is then not looked at.
        """
        damaged = [_told(problem) for problem in tables.pages(self._database)]
        if damaged:
            return damaged
        return [finding for check in self._checks() for finding in self._look(check, repair)]

    def _checks(self) -> Iterator[Check]:
        yield tables.references
        yield tables.definitions
        yield registry.history
        yield registry.triggers
        yield points.orphans
        yield points.series
        yield points.summaries
        yield partial(journals.lost, folder=self._journals)
        yield journals.abandoned
        yield partial(journals.damaged, folder=self._journals)
        yield lambda _: files.permissions(self._files())

    def _files(self) -> list[Path]:
        return [self._directory, self._journals, self._database.path]

    def _look(self, check: Check, repair: bool) -> list[Finding]:
        """Look in one snapshot; only what has to be repaired keeps other processes waiting."""
        with self._database.read() as connection:
            problems = list(check(connection))
        if not problems or not repair:
            return [_told(problem) for problem in problems]
        with self._database.write() as connection:
            return [_repaired(problem) for problem in list(check(connection))]


def _told(problem: Problem) -> Finding:
    can = problem.repair is not None
    advice = f"'nbtrail doctor --repair' {problem.advice}." if can else problem.advice
    return Finding(problem.area, problem.problem, advice)


def _repaired(problem: Problem) -> Finding:
    if problem.repair is None:
        return Finding(problem.area, problem.problem, problem.advice)
    problem.repair()
    return Finding(problem.area, problem.problem, f"Repaired: {problem.advice}.", repaired=True)
