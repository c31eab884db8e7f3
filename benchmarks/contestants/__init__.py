"""Those who do the same work: one module each, with the same functions.

`start()` begins a run, `log(key, value, step)` and `param(key, value)` record, `finish()` ends the
run and returns when all of it is stored, `points()` counts what the store holds, and
`prepare_batch(metrics, params)` returns a call that records both at once. None of them is told to
do less than it does when nothing is configured.
"""
