"""`MLproject` files: what is read, which commands come out, and what is refused how."""

import shlex
import subprocess
from pathlib import Path

import pytest

from nbtrail.errors import InvalidValue, NotFound
from nbtrail.projects.mlprojects import mlproject
from nbtrail.projects.mlprojects.mlproject import EntryPoint, ProjectParameter

WINE = Path(__file__).parent / "examples" / "wine"


def line(**given: object) -> list[str]:
    project = mlproject.load(WINE)
    point = project.entry_point("main")
    found = mlproject.values(point, given, project.directory)
    return shlex.split(
        mlproject.command_line(point, {name: str(value) for name, value in found.items()})
    )


def main_of(folder: Path) -> str:
    point = mlproject.load(folder).entry_point("main")
    return mlproject.command_line(point, mlproject.values(point, {}, folder))


def written(folder: Path, text: str) -> Path:
    (folder / "MLproject").write_text(text)
    return folder


def test_a_file_is_read() -> None:
    project = mlproject.load(WINE)
    assert (project.name, project.environment) == ("wine", ("python_env", "python_env.yaml"))
    assert project.entry_points["main"].parameters == {
        "alpha": ProjectParameter("alpha", "float", "0.5"),
        "l1_ratio": ProjectParameter("l1_ratio", "float"),
        "data": ProjectParameter("data", "path", "wine.csv"),
    }
    assert project.entry_points["report"].notebook == "report.ipynb"


def test_defaults_belong_to_the_project_and_given_paths_to_whoever_gives_them(
    workdir: Path,
) -> None:
    assert line(l1_ratio=0.1)[-1] == str(WINE / "wine.csv")
    (workdir / "mine.csv").touch()
    assert line(l1_ratio=0.1, data="mine.csv")[-1] == str(workdir / "mine.csv")


@pytest.mark.parametrize("hostile", ["$(touch x)", "; rm -rf .", "a'b\"c", "{alpha}", "new\nline"])
def test_every_value_is_one_word(hostile: str) -> None:
    words = line(l1_ratio=0.1, note=hostile)
    assert words[-2:] == ["--note", hostile]


def test_the_commands_of_public_projects_run_unchanged(workdir: Path) -> None:
    text = r"""entry_points:
      main:
        parameters:
          steps: {type: str, default: all}
          learning-rate: {type: float, default: 1e-3}
          hydra_options: {description: others, type: str, default: ''}
        command: |
          printf '%s\n' main.steps=\'{steps}\' $(echo {hydra_options}) {learning-rate} ${{PWD}} {{}}
    """
    point = mlproject.load(written(workdir, text)).entry_point("main")
    hostile = "'; touch x; $(touch x) {steps}"
    for given, options, extra in (
        ({}, [], []),
        ({"hydra_options": "a=1 b=2"}, ["a=1", "b=2"], []),
        ({"note": hostile, "model.lr": 1}, [], ["--note", hostile, "--model.lr", "1"]),
    ):
        values = {name: str(one) for name, one in mlproject.values(point, given, workdir).items()}
        command = ["bash", "-c", mlproject.command_line(point, values)]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        words = ["main.steps='all'", *options, "1e-3", str(workdir), "{}", *extra]
        assert told.splitlines() == words
    assert not (workdir / "x").exists()


def test_a_notebook_gets_what_is_not_declared_as_it_is() -> None:
    point = mlproject.load(WINE).entry_point("report")
    given = {"top": 4, "sizes": [64, 32]}
    assert mlproject.values(point, given, WINE) == {"top": "4", "sizes": [64, 32]}


def test_a_path_may_be_an_address(workdir: Path) -> None:
    for name in ("a b.csv", "part:1"):
        (workdir / name).touch()
    point = EntryPoint("main", {"data": ProjectParameter("data", "path")})
    for given, found in {
        "s3://bucket/a.csv": "s3://bucket/a.csv",
        (workdir / "a b.csv").as_uri(): str(workdir / "a b.csv"),
        "file:a%20b.csv": str(workdir / "a b.csv"),
        "part:1": str(workdir / "part:1"),
    }.items():
        assert mlproject.values(point, {"data": given}, workdir) == {"data": found}


def test_a_package_called_mlproject_is_no_file_of_that_name(workdir: Path) -> None:
    (workdir / "mlProject").mkdir()
    (workdir / "{a}.py").touch()
    point = mlproject.load(workdir).entry_point("{a}.py")
    assert mlproject.command_line(point, {}) == "python '{a}.py'"
    written(workdir, "name: 2026")
    assert mlproject.load(workdir).name == "2026"


def test_scripts_and_notebooks_need_no_file(workdir: Path) -> None:
    for name in ("a b.py", "go.sh", "book.ipynb"):
        (workdir / name).touch()
    project = mlproject.load(workdir)
    assert project.entry_point("a b.py") == EntryPoint("a b.py", command="python 'a b.py'")
    assert project.entry_point("go.sh").command == "bash go.sh"
    assert project.entry_point("book.ipynb").notebook == "book.ipynb"
    with pytest.raises(NotFound, match=r"no entry point 'go\.py'.*It has: a b\.py, book"):
        project.entry_point("go.py")
    with pytest.raises(NotFound):
        project.entry_point("../conftest.py")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "needs a value for l1_ratio"),
        ({"l1_ration": 1}, r"needs a value for l1_ratio.*Did you mean 'l1_ratio'\?"),
        ({"l1_ratio": "x"}, "'l1_ratio' must be float, got 'x'"),
        ({"l1_ratio": 1, "data": "none.csv"}, "there is no .*none.csv"),
        ({"l1_ratio": 1, "note": "a\0b"}, "'note' has a null character"),
        ({"l1_ratio": 1, "data": ""}, "'data' must be a path, got ''"),
        ({"l1_ratio": 1, "data": "x" * 5000}, "there is no .*xxx"),
        ({"l1_ratio": 1, "data": "file:///none.csv"}, r"there is no /none\.csv"),
        ({"l1_ratio": 1, "a b": 1}, "'a b' is not a name"),
        ({"l1_ratio": 1, "-x;": 1}, "'-x;' is not a name"),
    ],
)
def test_parameters_that_are_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidValue, match=said):
        line(**given)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("entry_points: [", "no valid YAML"),
        ("- a\n- b", "names with values, not list"),
        ("entry_points:\n  main: {}", "must have a command or a notebook"),
        ("entry_points:\n  main: {command: a, notebook: b}", "must have a command or a notebook"),
        ("entry_points:\n  main: {notebook: ../b.ipynb}", "not inside the project"),
        ("entry_points:\n  main: {command: 'a {b}'}", "place for 'b', which is none"),
        ("entry_points:\n  main: {command: 'a {b.c}', parameters: {b: {default: 1}}}", "'b.c'"),
        ("entry_points:\n  main: {command: 'a {'}", "cannot be read"),
        ("entry_points:\n  main: {command: 'a }'}", "cannot be read.*written twice"),
        ("entry_points:\n  main: {command: 'a {}'}", "place for '', which is none"),
        ("entry_points:\n  main: {command: 'a {0}'}", "place for '0', which is none"),
        ("entry_points:\n  main: {command: 'a ${HOME}'}", "'HOME', .* written twice"),
        (
            "entry_points:\n  main: {command: 'a {b:d}', parameters: {b: {default: 1}}}",
            "alone, {b}",
        ),
        (
            "entry_points:\n  main: {command: 'a {b!r}', parameters: {b: {default: 1}}}",
            "alone, {b}",
        ),
        ("entry_points:\n  main: {command: 'a {b:{b}}', parameters: {b: {default: 1}}}", "form"),
        ("entry_points:\n  main: {command: [a, b]}", "command of 'main' must be a text, not list"),
        ("entry_points:\n  main: {command: ' '}", "must have a command or a notebook"),
        ('entry_points:\n  main: {command: "a\\0"}', "null character"),
        ("entry_points:\n  main: {notebook: 3}", "notebook of 'main' must be a text, not int"),
        ("entry_points: {main: {parameters: [a], command: a}}", "must be names with values"),
        ("entry_points: {main: python a.py}", "such as 'command: python train.py', not str"),
        ("entry_points: {main: {parameters: {a: 3}, command: a}}", "such as {type: .*, not int"),
        ("entry_points: 2024-13-41", "no valid YAML: month"),
        ("name: [a]", "name must be a text, not list"),
        ("\ufeff\x01", "no valid YAML"),
    ],
)
def test_files_that_are_refused(workdir: Path, text: str, said: str) -> None:
    written(workdir, text)
    with pytest.raises(InvalidValue, match=said):
        main_of(workdir)


def test_a_file_that_is_no_text_is_refused(workdir: Path) -> None:
    (workdir / "MLproject").write_bytes(b"name: \xff")
    with pytest.raises(InvalidValue, match="no valid YAML: 'utf-8' codec"):
        mlproject.load(workdir)


def test_an_empty_file_is_a_project_with_nothing_to_run(workdir: Path) -> None:
    with pytest.raises(NotFound, match=r"no entry point 'main'.*It has: none"):
        mlproject.load(written(workdir, "")).entry_point("main")
