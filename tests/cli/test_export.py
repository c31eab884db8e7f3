"""`nbtrail export run` and `nbtrail reproduce` of what it makes, as commands."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import nbtrail
from nbtrail import projects

from .conftest import Invoke


def test_a_run_is_exported_and_reproduces_elsewhere(invoke: Invoke, workdir: Path) -> None:
    (workdir / "main.py").write_text("print('made', 3)")
    run = projects.run(workdir, entry_point="main.py").info.run_id
    missing = invoke("export", "run", run)
    assert (missing.exit_code, "Missing option '-o'" in missing.stderr) == (2, True)
    named = invoke("export", "run", run, "-o", "bundle.tar")
    assert "'bundle.tar' must end in .zip." in named.stderr

    done = invoke("export", "run", run[:8], "-o", "bundle.zip")
    assert (done.exit_code, done.stderr) == (0, "")
    assert (
        done.stdout.splitlines()[1] == "`nbtrail reproduce bundle.zip` executes it, and compares."
    )
    there = invoke("export", "run", run, "-o", "bundle.zip")
    assert (there.exit_code, "is there already. --force replaces it." in there.stderr) == (2, True)
    assert invoke("export", "run", run, "-o", "bundle.zip", "--force").exit_code == 0
    with zipfile.ZipFile("bundle.zip") as bundle:
        names = [one for one in bundle.namelist() if one.startswith("project/")]
    assert sorted(names) == ["project/MLproject", "project/main.py", "project/python_env.yaml"]

    (workdir / "main.py").unlink()
    nbtrail.set_tracking_uri(str(workdir / "elsewhere"))
    found = invoke("reproduce", "bundle.zip", "--json")
    assert (found.exit_code, json.loads(found.stdout)["outcome"]) == (0, "identical")
    assert "made 3" in found.stderr
    assert "reproduced: identical" in invoke("runs", "list").stdout
    none = invoke("reproduce", "none.zip")
    assert (none.exit_code, none.stderr) == (2, "Error: There is no bundle 'none.zip'.\n")
