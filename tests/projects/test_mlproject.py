"""`MLproject` files: what is read, which commands come out, and what is refused how."""

import shlex
from pathlib import Path

import pytest

from nbtrail.errors import InvalidValue, NotFound
from nbtrail.projects import mlproject
from nbtrail.projects.mlproject import EntryPoint, ProjectParameter

WINE = Path(__file__).parent / "examples" / "wine"


def line(**given: object) -> list[str]:
    project = mlproject.load(WINE)
    point = project.entry_point("main")
    return shlex.split(
        mlproject.command_line(point, mlproject.values(point, given, project.directory))
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
        ({"l1_ratio": 1, "a b": 1}, "'a b' is not a name"),
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
    ],
)
def test_files_that_are_refused(workdir: Path, text: str, said: str) -> None:
    written(workdir, text)
    with pytest.raises(InvalidValue, match=said):
        main_of(workdir)


def test_an_empty_file_is_a_project_with_nothing_to_run(workdir: Path) -> None:
    with pytest.raises(NotFound, match=r"no entry point 'main'.*It has: none"):
        mlproject.load(written(workdir, "")).entry_point("main")
