"""`nbtrail sweep`: what it refuses and prints. The sweeps themselves are in tests/projects."""

from __future__ import annotations

import pytest

RANGE = ("-P", "x=0..1")


@pytest.fixture
def project(workdir):
    (workdir / "MLproject").write_text(
        "name: tiny\nentry_points:\n  main:\n"
        "    parameters:\n      x: {type: float, default: 1}\n      n: {type: int, default: 1}\n"
        '    command: "python train.py {x} {n}"\n'
        "  twice:\n    steps:\n      first: {run: main}\n"
    )
    (workdir / "train.py").write_text(
        "import sys, nbtrail\nnbtrail.log_metric('loss', float(sys.argv[1]))\n"
    )
    return workdir


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "A sweep needs a TARGET"),
        (("nowhere", *RANGE), "There is no notebook or directory 'nowhere'"),
        (("models:/a/1", *RANGE), "not 'models:/a/1': name a directory or a git address"),
        (("train.py", *RANGE), "'train.py' is neither a notebook nor a directory"),
        ((".", "-e", "mian", *RANGE), "Did you mean 'main'?"),
        ((".", "-e", "twice", *RANGE), "'twice' of tiny is a pipeline"),
        ((".",), "at least one parameter with several values"),
        ((".", "-P", "x"), "'x' is not of the form NAME=VALUES"),
        ((".", *RANGE, *RANGE), "'x' is given more than once"),
        ((".", "-P", "x=1..0"), "x=1..0 is reversed"),
        ((".", "-P", "x=a,b"), "Parameter 'x' must be float, got 'a'"),
        ((".", "-P", "n=0.5..2"), "'n' is int, its range has whole numbers"),
        ((".", "-P", "x=log:0..1"), "a log range has numbers above 0"),
        ((".", *RANGE, "--sampler", "gird"), "Did you mean 'grid'?"),
        ((".", *RANGE, "--sampler", "grid"), "A grid needs values that can be counted"),
        ((".", *RANGE, "--sampler", "cmaes"), "cmaes needs at least two ranges"),
        ((".", *RANGE, "--pruner", "mean"), "There is no pruner 'mean'. Did you mean 'median'?"),
        ((".", *RANGE, "--direction", "down"), "There is no direction 'down'"),
        ((".", *RANGE, "--metric", "a//b"), "a//b"),
        ((".", *RANGE, "--timeout", "soon"), "'soon' is no duration, such as 45s"),
        ((".", *RANGE, "--trials", "0"), "between 1 and 100,000 trials, not 0"),
        ((".", *RANGE, "--parallel", "0"), "At least one trial goes on at once"),
        ((".", *RANGE, "--seed", "-1"), "A seed is a whole number"),
        ((".", *RANGE, "--from-run", "abc"), "no nbtrail store"),
    ],
)
def test_a_mistake_is_told_before_anything_is_made(invoke, project, arguments, message):
    result = invoke("sweep", "--metric", "loss", "--direction", "min", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert not (project / ".nbtrail").exists()


def test_what_a_notebook_does_not_have_is_refused(invoke, notebooks, workdir):
    target = notebooks / "quickstart.ipynb"
    result = invoke("sweep", target, "-P", "CC=1,2", "--metric", "f1", "--direction", "max")
    assert result.exit_code == 2
    assert "has no parameter 'CC'. Did you mean 'C'?" in result.stderr
    assert not (workdir / ".nbtrail").exists()


def test_a_sweep_is_shown_when_it_is_done_and_later(invoke, project, store):
    space = ("-P", "x=2,1", "--sampler", "grid", "--metric", "loss", "--direction", "min")
    result = invoke("sweep", ".", *space, "--name", "best of two")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["TRIAL", "RUN", "loss", "x", "STATE"]
    assert [(row.split()[0], row.split()[-3:]) for row in lines[1:3]] == [
        ("2", ["1", "1", "finished"]),
        ("1", ["2", "2", "finished"]),
    ]
    assert lines[3] == ("Importance, by 2 finished trials: not known (needs 10 finished trials).")
    assert lines[4].startswith("Sweep best of two (")
    assert lines[4].endswith("): 2 finished.")

    assert invoke("sweep", "--show", "best of two").stdout.splitlines() == [*lines[:3], lines[4]]
    result = invoke("sweep", "--resume", "best of two")
    assert result.exit_code == 2
    assert "has all its trials: 2" in result.stderr
    result = invoke("sweep", "--resume", "best of two", ".", "--metric", "loss")
    assert "leave out TARGET, --metric" in result.stderr
    store.runs.create("0", "other")
    assert "is no sweep" in invoke("sweep", "--show", store.runs.search()[0][0].info.run_id).stderr
    assert "There is no sweep 'worst'" in invoke("sweep", "--show", "worst").stderr
