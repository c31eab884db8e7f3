"""What the documents say is so: their commands run, their targets and names exist."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import nbtrail
from nbtrail import serving
from nbtrail.cli import main
from nbtrail.store import Store

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
DOCUMENTS = README + (ROOT / "CONTRIBUTING.md").read_text()
TOUR = README.partition("## Five minutes")[2].partition("## Where it is kept")[0]


def blocks(text: str, *languages: str) -> list[tuple[str, str]]:
    """Return the language and the source of each fenced block."""
    found = re.findall(r"^```(\w+)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    return [(language, source) for language, source in found if language in languages]


def commands(text: str) -> Iterator[str]:
    """Yield every `nbtrail …` of the blocks and of the running text."""
    for _, source in blocks(text, "bash"):
        yield from re.findall(r"^nbtrail .*$", source, flags=re.MULTILINE)
    yield from re.findall(r"`(nbtrail [^`]+)`", text)


@pytest.fixture
def nothing_left_running(store: Store) -> Iterator[None]:
    yield
    for endpoint in serving.list_endpoints(store):
        serving.stop(endpoint.name, store)


@pytest.mark.usefixtures("nothing_left_running")
def test_the_tour_runs_as_it_is_written(workdir: Path, notebooks: Path) -> None:
    shutil.copytree(notebooks, workdir / "notebooks")
    bin_directory = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{bin_directory}{os.pathsep}{os.environ['PATH']}"}
    output = ""
    for language, source in blocks(TOUR, "bash", "python"):
        shell = ["bash", "-euc"] if language == "bash" else [sys.executable, "-c"]
        ran = subprocess.run(
            [*shell, source], env=environment, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, f"{source}\n{ran.stdout}\n{ran.stderr}"
        output += ran.stdout
    assert "{'predictions': [0, 0, 0]}\n[0 0 0]" in output  # the endpoint, the model


@pytest.mark.parametrize("line", sorted(set(commands(DOCUMENTS))))
def test_every_command_in_the_documents_can_be_parsed(
    line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    command: click.Command = main
    words = shlex.split(line, comments=True)[1:]
    while isinstance(command, click.Group) and words[0] in command.commands:
        command = command.commands[words.pop(0)]
    with suppress(click.exceptions.Exit):  # --help
        command.make_context(command.name, words)


def test_the_help_in_the_readme_is_what_the_command_prints() -> None:
    printed = CliRunner().invoke(main, ["--help"], prog_name="nbtrail", terminal_width=78).output
    assert f"$ nbtrail --help\n{printed}```" in README


def test_every_make_target_in_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", DOCUMENTS, flags=re.MULTILINE))
    assert {"demo", "lab", "test"} <= named <= targets


def test_every_name_of_the_api_in_the_documents_exists() -> None:
    named = set(re.findall(r"\bnbtrail\.([a-z_]+)\(", DOCUMENTS))
    assert named
    assert named <= set(nbtrail.__all__)


def test_every_file_that_a_document_links_to_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", DOCUMENTS)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_readme_leads_to_every_document() -> None:
    documents = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}
    assert documents <= set(re.findall(r"\]\(([^)#:]+)\)", README))
