"""Which packages a project asks for, by the files that it has; what cannot be had is told."""

from pathlib import Path

import pytest

from nbtrail.environments.places import move
from nbtrail.environments.uv import Packages
from nbtrail.errors import NbtrailError
from nbtrail.projects.mlprojects import mlproject
from nbtrail.projects.mlprojects.requirements import packages_of

OURS = ("ipykernel", "msgspec")


def asked(folder: Path, **files: str) -> Packages:
    for name, text in files.items():
        path = folder / name.replace("_DOT_", ".").replace("_IN_", "/")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return packages_of(mlproject.load(folder))


def test_a_python_env_with_the_files_that_it_names(workdir: Path) -> None:
    found = asked(
        workdir,
        MLproject="python_env: env.yaml",
        env_DOT_yaml="python: '3.11'\nbuild_dependencies: [pip]\ndependencies: [-r more.txt, a>1]",
        more_DOT_txt="b==2  # why\n\n# nothing\n-r last.txt\nnbtrail",
        last_DOT_txt="c[x]==3; python_version > '3'",
    )
    lines = ("pip", "b==2", "c[x]==3; python_version > '3'", "a>1", *OURS)
    assert found == Packages(lines, "3.11")


def test_files_name_others_beside_them(workdir: Path) -> None:
    found = asked(
        workdir,
        MLproject="python_env: envs/env.yaml",
        envs_IN_env_DOT_yaml="dependencies: [-r base.txt]",
        envs_IN_base_DOT_txt="a\n-r ../more.txt",
        more_DOT_txt="b\n-r ./envs/last.txt",
        envs_IN_last_DOT_txt="c",
    )
    assert found == Packages(("a", "b", "c", *OURS))


def test_the_pip_part_of_a_conda_env(workdir: Path) -> None:
    env = "dependencies:\n- python=3.10\n- pip\n- pip: [mlflow>=2]"
    found = asked(workdir, MLproject="conda_env: conda.yaml", conda_DOT_yaml=env)
    assert found == Packages(("mlflow>=2", *OURS), "3.10")
    (workdir / "conda.yaml").write_text("dependencies: [numpy=1.2, python=3.10]")
    with pytest.raises(NbtrailError, match=r"only conda installs \(numpy=1\.2\)"):
        asked(workdir)


def test_without_a_file_of_its_own_a_project_has_those_of_others(workdir: Path) -> None:
    found = asked(workdir, pyproject_DOT_toml="[project]\nname='x'\ndependencies=['d>=4']")
    assert found == Packages(("d>=4", *OURS))
    assert asked(workdir, conda_DOT_yaml="dependencies: [pip: [f]]").lines[0] == "f"
    assert asked(workdir, requirements_DOT_txt="e").lines[0] == "e"
    assert asked(workdir, python_env_DOT_yaml="python: 3.12\ndependencies: [g]").python == "3.12"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "does not say which packages it needs"),
        (
            {"MLproject": "docker_env: {image: x}"},
            "cannot make a docker_env.* --env docker",
        ),
        ({"MLproject": "python_env: none.yaml"}, "no file 'none.yaml'"),
        ({"MLproject": "python_env: ../x.yaml"}, "not a file inside"),
        ({"MLproject": "python_env: [a]"}, "python_env must be the name of a file"),
        ({"MLproject": "python_env: x", "x": "dependencies: a"}, "of x must be a list, not str"),
        ({"MLproject": "python_env: x", "x": "dependencies: [a: 1]"}, "{'a': 1}' in .* be a text"),
        ({"MLproject": "python_env: x", "x": "a: 2024-13-41"}, "no valid YAML"),
        ({"MLproject": "conda_env: x", "x": "dependencies: 3"}, "of x must be a list, not int"),
        ({"MLproject": "conda_env: x", "x": "dependencies: [pip: [1]]"}, "'1' in the pip of x"),
        ({"MLproject": "conda_env: x", "x": "dependencies: [pip: a]"}, "must be a list, not str"),
        ({"MLproject": "conda_env: x", "x": "dependencies: [b: a]"}, "only conda installs"),
        ({"requirements_DOT_txt": "-r ../x.txt"}, "not a file inside"),
        ({"requirements_DOT_txt": "-r a/../../x.txt"}, "not a file inside"),
        ({"requirements_DOT_txt": "-r /etc/x.txt"}, "not a file inside"),
        ({"requirements_DOT_txt": "-r requirements.txt"}, "Too many requirements files"),
        ({"requirements_DOT_txt": "-e ."}, "'-e .', which is no package of an index"),
        ({"pyproject_DOT_toml": "["}, "no valid TOML"),
        ({"pyproject_DOT_toml": "[tool.ruff]"}, "no dependencies below"),
        ({"pyproject_DOT_toml": "project = 3"}, "no dependencies below"),
        ({"pyproject_DOT_toml": "[project]\ndynamic=['dependencies']"}, "no dependencies below"),
        ({"pyproject_DOT_toml": "[project]\ndependencies = 'a'"}, "must be a list, not str"),
    ],
)
def test_what_cannot_be_had(workdir: Path, files: dict[str, str], said: str) -> None:
    with pytest.raises(NbtrailError, match=said):
        asked(workdir, **files)


def test_an_environment_that_another_process_has_made_meanwhile_is_kept(workdir: Path) -> None:
    for name in ("fresh", "there"):
        (workdir / name / "bin").mkdir(parents=True)
    move(workdir / "fresh", workdir / "there")
    assert (workdir / "fresh").is_dir()
    move(workdir / "fresh", workdir / "new")
    assert (workdir / "new" / "bin").is_dir()
    with pytest.raises(FileNotFoundError):
        move(workdir / "fresh", workdir / "newer")
