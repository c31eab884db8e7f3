"""Filters and orders of runs and experiments, and their pages.

A filter is MLflow's, and more::

    metrics.accuracy > 0.9 and params.model = 'ridge'
    not (tags.team IN ('blue', 'red') or status = 'FAILED')
    metrics.loss.min < 0.1            the lowest value, not the last; also .max, .count, .last
    metrics.val_loss < metrics.train_loss
    params.depth >= 5                 a number is compared with what the param spells
    start_time > -7d                  also '2026-11-01', now, today, yesterday (see times.py)
    datasets.name = 'wine' and datasets.context = 'train'
    params.dropout IS NULL

Operators are ``= != < <= > >= LIKE ILIKE IN``, ``NOT IN``, ``IS [NOT] NULL``; ``AND``, ``OR``,
``NOT`` and parentheses combine. Odd keys go between back-ticks or double quotes. A comparison
with what a run does not have, or with a NaN, is false.

From text to rows: grammar.py parses, conditions.py and orders.py make SQL of what was said, with
the help of subjects.py (what there is) and names.py (what it is called here), and pages.py chooses
the plan and asks. Every value is bound.
"""

from nbtrail.store.search.pages import MOST_RESULTS, Question, matches, page

__all__ = ["MOST_RESULTS", "Question", "matches", "page"]
