"""What `nbtrail` offers: by MLflow's names of modules too, and to editors and type checkers."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import nbtrail

PACKAGE = Path(nbtrail.__file__).parent


@pytest.mark.parametrize("name", sorted(nbtrail._MLFLOWS_MODULES))
def test_mlflows_modules_can_be_imported(name: str) -> None:
    try:
        real = importlib.import_module(nbtrail._MLFLOWS_MODULES[name])
    except ImportError:
        with pytest.raises(ImportError):
            importlib.import_module(f"nbtrail.{name}")
        return
    before = real.__spec__
    assert importlib.import_module(f"nbtrail.{name}") is real
    assert real.__spec__ is before


def test_imports_as_mlflows_documentation_writes_them() -> None:
    code = """
        from nbtrail.exceptions import MlflowException, RestException
        from nbtrail.entities.run import Run
        from nbtrail.entities.run_status import RunStatus
        from nbtrail.store.entities import PagedList
        import nbtrail.client, nbtrail.errors, nbtrail.version
        assert nbtrail.client.MlflowClient is nbtrail.MlflowClient
        assert nbtrail.exceptions is nbtrail.errors
        assert nbtrail.version.VERSION == nbtrail.__version__
    """
    program = "\n".join(line.strip() for line in code.splitlines())
    subprocess.run([sys.executable, "-c", program], check=True)


def test_what_is_not_there_cannot_be_imported() -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("nbtrail.nothing")


def test_the_stub_says_what_there_is() -> None:
    names = set()
    for node in ast.parse((PACKAGE / "__init__.pyi").read_text()).body:
        match node:
            case ast.ImportFrom(module=module, names=imported):
                for alias in imported:
                    names.add(alias.asname)
                    if module == "nbtrail":
                        importlib.import_module(f"nbtrail.{alias.name}")
                    elif (known := nbtrail._MODULE_OF.get(alias.name)) is not None:
                        assert known == module, alias.name
            case ast.FunctionDef(name=name):
                names.add(name)
    assert set(nbtrail.__all__) <= names


def test_type_checkers_are_told_that_there_are_types() -> None:
    assert (PACKAGE / "py.typed").is_file()
