"""Which packages a model needs: ``python -m nbtrail.models.probe DIRECTORY`` loads it and looks.

The last line that it writes is a JSON list of distributions. What nbtrail itself loads, and what
the packages found need on their own account, is left out.
"""

from __future__ import annotations

import json
import re
import sys
from importlib import metadata
from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9._-]+")


def main() -> None:
    """Load the model in the directory that the command line names."""
    sys.path[:] = [*json.load(sys.stdin), ""]
    from nbtrail.models import loading

    before = set(sys.modules)
    directory = Path(sys.argv[1])
    loading.open_directory(directory)
    loaded = _roots(set(sys.modules) - before)
    print(json.dumps(needed(loaded) + (["nbtrail"] if _uses_nbtrail(directory) else [])))


def _roots(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules} - set(sys.stdlib_module_names)


def _uses_nbtrail(directory: Path) -> bool:
    """Say whether a pickle or a source refers to nbtrail, which was loaded before it was."""
    files = (path for path in directory.rglob("*") if path.suffix in {".pkl", ".py"})
    return any(b"nbtrail" in path.read_bytes() for path in files)


def needed(modules: set[str]) -> list[str]:
    """Return the distributions of modules, without those that others among them bring along."""
    owners = metadata.packages_distributions()
    found = {owner for module in modules for owner in owners.get(module, [])}
    brought = {_canonical(one) for name in found for one in _requires(name)}
    return sorted(name for name in found if _canonical(name) not in brought)


def _requires(distribution: str) -> set[str]:
    lines = metadata.distribution(distribution).requires or []
    plain = (line for line in lines if "extra ==" not in line)
    return {match[0] for line in plain if (match := _NAME.match(line))}


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main()
