"""Environments made by conda. No conda can be had of a package index: what stands in for it here
makes a real environment of Python's own, laid out as conda's are."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nbtrail import projects
from nbtrail.environments import activation
from nbtrail.errors import InvalidValue, StoreError
from nbtrail.projects.mlprojects import mlproject
from nbtrail.projects.mlprojects.requirements import conda_of
from nbtrail.store import Store
from projects.conftest import Write

CONDA = """#!{python}
import json, os, site, subprocess, sys, sysconfig
from pathlib import Path
import yaml

given = sys.argv[1:]
prefix, file = (Path(given[given.index(one) + 1]) for one in ("--prefix", "--file"))
asked = yaml.safe_load(file.read_text())
with open("{log}", "a") as log:
    words = [one for one in given if one not in (str(prefix), str(file))]
    told = [Path(sys.argv[0]).name, words, asked, os.environ["CONDA_ALWAYS_YES"]]
    log.write(json.dumps(told) + "\\n")
prefix.mkdir()
if "nothing-such" in asked["dependencies"]:
    sys.exit("error    libmamba Could not solve\\n  nothing-such does not exist")
subprocess.run([sys.executable, "-m", "venv", "--without-pip", prefix], check=True)
packages = next(prefix.glob("lib/python*/site-packages"))
(packages / "here.pth").write_text(sysconfig.get_path("purelib"))
facts = prefix / "conda-meta"
facts.mkdir()
version = "%d.%d.%d" % sys.version_info[:3]
(facts / f"python-{{version}}-0.json").write_text(json.dumps({{"version": version}}))
(facts / "state").write_text(json.dumps({{"env_vars": asked.get("variables", {{}})}}))
scripts = prefix / "etc" / "conda" / "activate.d"
scripts.mkdir(parents=True)
(scripts / "gdal.sh").write_text('echo noise; export GDAL_DATA="$CONDA_PREFIX/share of $SIZE"')
"""
LOOK = "import os, sys; print(os.environ['GDAL_DATA'], '|', sys.prefix, '|', sys.version_info[0])"
FILE = """
name: ignored
channels: [conda-forge]
dependencies: [python=3.12, gdal, pip, {pip: [tiny==1, nbtrail]}]
variables: {SIZE: $5}
"""


@pytest.fixture
def conda(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[list[object]]]:
    """Put the stand-in on the path; return what it has been asked for."""
    log, program = workdir / "conda.log", workdir / "bin" / "micromamba"
    program.parent.mkdir()
    program.write_text(CONDA.format(python=sys.executable, log=log))
    program.chmod(0o755)
    monkeypatch.setenv("MAMBA_EXE", str(program))
    monkeypatch.setenv("XDG_CACHE_HOME", str(workdir / "cache"))
    return lambda: [json.loads(line) for line in log.read_text().splitlines()]


def test_a_command_and_a_notebook_are_executed_inside(
    conda: Callable[[], list[list[object]]], write: Write, store: Store
) -> None:
    notebook = write(LOOK)
    (notebook.parent / "look.py").write_text(LOOK)
    (notebook.parent / "conda.yaml").write_text(FILE)
    ran = projects.run(notebook.parent, entry_point="look.py", env="conda", store=store)
    printed = Path(ran.info.artifact_uri, "output.log").read_text().split(" | ")
    assert (printed[0], printed[2]) == (f"{printed[1]}/share of $5", "3\n")
    assert ran.data.tags["mlflow.project.env"] == "conda"
    assert "nbtrail" in store.contexts.get(ran.info.run_id)["packages"]["packages"]
    assert store.contexts.get(ran.info.run_id)["packages"]["python"].startswith("3.")
    ran = projects.run(notebook, env="conda", store=store)
    executed = json.loads(Path(ran.info.artifact_uri, notebook.name).read_text())
    assert executed["cells"][1]["outputs"][0]["text"] == [" | ".join(printed)]
    asked = {
        "channels": ["conda-forge"],
        "dependencies": ["python=3.12", "gdal", "pip", {"pip": ["tiny==1"]}],
        "variables": {"SIZE": "$5"},
    }
    words = ["create", "--yes", "--prefix", "--file"]
    assert conda() == [["micromamba", words, asked, "true"]]  # the notebook's was there


def test_the_solver_is_heard_and_nothing_is_left(
    conda: Callable[[], list[list[object]]], workdir: Path, tiny: Path, store: Store
) -> None:
    (tiny / "environment.yml").write_text("dependencies: [nothing-such]")
    for _ in range(2):
        with pytest.raises(StoreError, match=r"micromamba says '.*nothing-such does not exist'"):
            projects.run(tiny, entry_point="train.py", env="conda", store=store)
    assert len(conda()) == 2
    assert [one.name for one in (workdir / "cache/nbtrail/environments").iterdir()] == ["locks"]


def test_conda_and_mamba_have_words_of_their_own(
    conda: Callable[[], list[list[object]]],
    workdir: Path,
    tiny: Path,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (workdir / "bin" / "conda").symlink_to(workdir / "bin" / "micromamba")
    monkeypatch.setenv("MAMBA_EXE", "/gone/mamba")
    monkeypatch.setenv("CONDA_EXE", str(workdir / "bin" / "conda"))
    (tiny / "conda.yaml").write_text("dependencies: [nothing-such]")
    with pytest.raises(StoreError, match="conda says"):
        projects.run(tiny, entry_point="train.py", env="conda", store=store)
    assert conda()[0][:2] == ["conda", ["env", "create", "--prefix", "--file"]]


def test_where_there_is_no_conda(tiny: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    (tiny / "conda.yaml").write_text("dependencies: [python]")
    monkeypatch.setenv("PATH", "/usr/sbin")
    for variable in ("MAMBA_EXE", "CONDA_EXE"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(InvalidValue, match=r"no conda here .* micromamba, .* --env uv"):
        projects.run(tiny, entry_point="train.py", env="conda", store=store)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("dependencies: [{b: [a]}]", "must be a text"),
        ("dependencies: [pip: [-e .]]", "'-e .', which is no package of an index"),
        ("dependencies: [pip: [-r none.txt]]", "no file 'none.txt'"),
        ("channels: a", "must be a list, not str"),
        ("variables: [a]", "must be names with values"),
    ],
)
def test_what_cannot_be_had(tiny: Path, file: str, said: str) -> None:
    (tiny / "conda.yaml").write_text(file)
    project = mlproject.load(tiny)
    with pytest.raises(Exception, match=said):
        conda_of(project)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("python_env: env.yaml", "conda makes no python_env: run the project with --env uv"),
        ("docker_env: {image: a}", "conda makes no docker_env: run the project with --env docker"),
        ("conda_env: [a]", "conda_env must be the name of a file"),
        ("name: a", "asks for nothing of conda"),
    ],
)
def test_projects_that_are_not_condas(workdir: Path, said: str, answer: str) -> None:
    (workdir / "MLproject").write_text(said)
    with pytest.raises(InvalidValue, match=answer):
        conda_of(mlproject.load(workdir))


def test_an_environment_of_uv_has_no_scripts(workdir: Path) -> None:
    assert activation.variables_of(workdir).keys() == {"PATH", "VIRTUAL_ENV"}
