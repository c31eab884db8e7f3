"""The house: rooms import downwards only, and no file outgrows its subject."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "python" / "nbtrail"
LONGEST_FILE = 400  # lines

TIERS = (
    ("entities", "errors", "config", "startup", "version", "watching"),
    ("store", "artifacts", "data"),
    ("tracking", "trail", "environments"),
    ("models",),
    ("registry", "autolog", "display", "interchange"),
    ("recorder", "projects", "serving"),
    ("api",),
    ("magics", "cli", "server"),
    ("nbtrail", "__main__"),  # the public API (__init__.py), and `python -m nbtrail`
)
TIER = {room: number for number, rooms in enumerate(TIERS, start=1) for room in rooms}


def room_of(module: str) -> str:
    """Return the room of ``nbtrail.<room>…``; the package itself is the topmost."""
    return module.split(".")[1] if "." in module else "nbtrail"


def module_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(source: str, module: str, is_package: bool) -> Iterator[str]:
    """Yield every module of nbtrail that `source` imports, wherever in it that stands."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=name, names=names, level=level):
                base = absolute(name, level, module, is_package)
                # `from nbtrail import store` names a room, not something in the public API.
                yield from (f"{base}.{a.name}" if base == "nbtrail" else base for a in names)
            case (
                ast.Call(func=ast.Name("import_module" | "__import__"))
                | ast.Call(func=ast.Attribute(attr="import_module"))
            ):
                yield from (a.value for a in node.args if isinstance(a, ast.Constant))


def absolute(name: str | None, level: int, module: str, is_package: bool) -> str:
    if level == 0:
        return name or ""
    parents = module.split(".")
    parents = parents[: len(parents) - level + is_package]
    return ".".join([*parents, *([name] if name else [])])


def wrong_arrows(source: str, module: str, is_package: bool = False) -> list[str]:
    """Return `room -> room` for each import that does not point to a lower tier."""
    here = room_of(module)
    found = []
    for imported in imports(source, module, is_package):
        if imported.split(".")[0] != "nbtrail":
            continue
        there = room_of(imported)
        if there not in TIER:  # `from nbtrail import start_run`
            there = "nbtrail"
        if there != here and TIER[there] >= TIER[here]:
            found.append(f"{module} ({here}) -> {imported} ({there})")
    return found


def python_files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def test_every_room_has_a_tier() -> None:
    assert {room_of(module_of(path)) for path in python_files()} <= TIER.keys()


def test_rooms_import_downwards_only() -> None:
    wrong = [
        arrow
        for path in python_files()
        for arrow in wrong_arrows(path.read_text(), module_of(path), path.name == "__init__.py")
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("nbtrail.store.runs", "from nbtrail.tracking import fluent"),
        ("nbtrail.store.runs", "import nbtrail.artifacts"),
        ("nbtrail.store.runs", "from ..artifacts import local"),
        ("nbtrail.store.runs", "from .. import cli"),
        ("nbtrail.store.runs", "from nbtrail import start_run"),
        ("nbtrail.store.runs", "import nbtrail"),
        ("nbtrail.store.runs", "def late():\n    from nbtrail.api import routes"),
        ("nbtrail.store.runs", "if TYPE_CHECKING:\n    from nbtrail.tracking import Run"),
        ("nbtrail.store.runs", "importlib.import_module('nbtrail.cli')"),
        ("nbtrail.config", "from nbtrail.errors import NbtrailError"),
    ],
)
def test_a_wrong_arrow_is_seen(module: str, source: str) -> None:
    assert wrong_arrows(source, module)


def test_a_right_arrow_is_left_alone() -> None:
    source = "from nbtrail.store import Store\nfrom . import runs\nfrom ..errors import NotFound"
    assert not wrong_arrows(source, "nbtrail.tracking.fluent")


def test_no_file_outgrows_its_subject() -> None:
    front_end = (ROOT / "labextension").glob("src/**/*.ts*")
    tests = (ROOT / "tests").rglob("*.py")
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines())
        for path in [*python_files(), *front_end, *tests]
    }
    assert not {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE}
