"""Model cards: what is known of a model, in Markdown, with the notes that people wrote.

The facts are gathered anew each time; the notes are the description of a model's version, and stay.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

from nbtrail.entities import ModelVersion, Run
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.models import environment, integrity, trails
from nbtrail.models.mlmodel import PYFUNC, MLmodel
from nbtrail.models.signatures.schema import ColSpec, ParamSpec, Schema
from nbtrail.models.uris import Located, locate
from nbtrail.store import Store, open_store
from nbtrail.trail.cells import title_of

_TICKS = re.compile("`+")
NO_NOTES = "_Nobody has written any yet._"


def card(uri: str | os.PathLike[str], store: Store | None = None) -> str:
    """Return the card of a model.

    Args:
        uri: see `nbtrail.load_model`.
        store: where to look the name up; by default the one that is found from here.

    Raises:
        NotFound: there is no such model.
    """
    found = locate(uri, store)
    version = _version(str(uri), _store(found, store))
    head = [
        f"# {_title(str(uri), found, version)}",
        _section("Notes", [(version.description if version else "") or NO_NOTES]),
    ]
    return "\n\n".join([*head, facts(uri, store)])


def facts(uri: str | os.PathLike[str], store: Store | None = None) -> str:
    """Return what a card tells below its title and notes: what is known without anybody's help.

    Raises:
        NotFound: there is no such model.
    """
    found = locate(uri, store)
    about = MLmodel.read(found.path)
    known = _store(found, store)
    run = _run(found, known)
    parts = [
        _section("Model", _model(about, found, _version(str(uri), known))),
        _section("Signature", _signature(about)),
        *(_of_run(run, known) if run and known else []),
        _section("Source", _source(found)),
        _section("Environment", _environment(found)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def write_notes(uri: str, text: str, store: Store | None = None) -> None:
    """Replace what people say of a version, the notes on its card.

    Raises:
        InvalidValue: the URI does not name a registered version, which has notes.
    """
    store = store or open_store(create=False)
    version = _version(uri, store)
    if version is None:
        raise InvalidValue(
            f"{uri} is no registered version: register it, and write notes of models:/name/1."
        )
    store.model_notes.update_version(version.name, version.version, description=text)


def notes(uri: str, store: Store | None = None) -> str:
    """Return what people say of a version; empty for what is not registered."""
    version = _version(uri, store or open_store(create=False))
    return version.description if version else ""


def _store(found: Located, store: Store | None) -> Store | None:
    if store is not None or found.logged is None:
        return store
    return open_store(create=False)


def _version(uri: str, store: Store | None) -> ModelVersion | None:
    """Return the registered version that a URI names; None for what is not registered."""
    _, is_model, rest = uri.partition("models:/")
    if not is_model or store is None:
        return None
    name, _, version = rest.partition("/")
    if "@" in name:
        name, _, alias = name.rpartition("@")
        version = store.registry.model(name).aliases.get(alias, "")
    return store.registry.version(name, version) if version else None


def _run(found: Located, store: Store | None) -> Run | None:
    if found.logged is None or store is None or not found.logged.source_run_id:
        return None
    try:
        return store.runs.get(found.logged.source_run_id)
    except NotFound:  # deleted for good
        return None


def _title(uri: str, found: Located, version: ModelVersion | None) -> str:
    if version is not None:
        return f"{version.name}, version {version.version}"
    return found.logged.name if found.logged else uri


def _section(title: str, lines: Iterable[str]) -> str:
    text = "\n".join(lines)
    return f"## {title}\n\n{text}" if text else ""


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> Iterator[str]:
    cells = [[_cell(value) for value in row] for row in rows]
    if cells:
        yield f"| {' | '.join(head)} |"
        yield f"| {' | '.join('---' for _ in head)} |"
        yield from (f"| {' | '.join(row)} |" for row in cells)


def _cell(value: object) -> str:
    """Return a value as a table can have it."""
    return " ".join(str(value).replace("|", "\\|").replace("<", "&lt;").split())


def _model(about: MLmodel, found: Located, version: ModelVersion | None) -> Iterator[str]:
    names = [name for name in about.flavors if name != PYFUNC] or [PYFUNC]
    facts = {
        "Flavor": ", ".join(names),
        "Created": (about.utc_time_created or "")[:19] + " UTC",
        "Size": f"{about.model_size_bytes} bytes" if about.model_size_bytes else None,
        "Aliases": ", ".join(version.aliases) if version else None,
        "Stage": version.stage if version else None,
        "Id": about.model_id,
        "Run": about.run_id,
        "Digests": "recorded" if integrity.recorded(found.path) else "none",
    }
    facts |= {f"Param {key}": value for key, value in _params(about).items()}
    yield from _table(("", ""), ((key, value) for key, value in facts.items() if value))


def _params(about: MLmodel) -> dict[str, str]:
    notes = (about.metadata or {}).get("nbtrail")
    params = notes.get("params") if isinstance(notes, dict) else None
    return params if isinstance(params, dict) else {}


def _signature(about: MLmodel) -> Iterator[str]:
    signature = about.signature
    if signature is None:
        yield "The model has no signature."
        return
    rows = [
        *_specs("input", signature.inputs),
        *_specs("output", signature.outputs),
        *(("param", spec.name, spec.dtype, _default(spec)) for spec in signature.params or []),
    ]
    yield from _table(("", "Name", "Type", ""), rows)


def _specs(role: str, schema: Schema | None) -> Iterator[tuple[object, ...]]:
    for spec in schema.inputs if schema else []:
        name = "" if spec.name is None else spec.name
        if isinstance(spec, ColSpec):
            yield role, name, spec.type, "" if spec.required else "optional"
        else:
            yield role, name, f"{spec.type} {spec.shape}", ""


def _default(spec: ParamSpec) -> str:
    return f"default {spec.default}"


def _of_run(run: Run, store: Store) -> Iterator[str]:
    """Yield the sections that say where the model came from."""
    run_id, data = run.info.run_id, run.data
    yield _section("Metrics", _table(("Metric", "Value"), sorted(data.metrics.items())))
    yield _section("Params", _table(("Param", "Value"), sorted(data.params.items())))
    datasets = [
        (one.dataset.name, one.dataset.digest, ", ".join(tag.value for tag in one.tags))
        for one in run.inputs.dataset_inputs
    ]
    yield _section("Data", _table(("Dataset", "Digest", "Used for"), datasets))
    cells = [
        (cell.execution_count or "", f"`{title_of(cell.source)[:80]}`", cell.status)
        for cell in store.trails.executions(run_id)
    ]
    yield _section("Cells", _table(("Cell", "Begins with", "Status"), cells))
    if (verdict := store.trails.verdict(run_id)) is not None:
        findings = [f"- {finding.text}" for finding in verdict.findings]
        yield _section(
            "Verdict", [f"**{verdict.verdict}**", *([""] if findings else []), *findings]
        )


def _source(found: Located) -> Iterator[str]:
    """Yield the cells that the function and what it reads came from."""
    for number, source in enumerate(trails.read(found.path), start=1):
        longest = max(map(len, _TICKS.findall(source)), default=0)
        fence = "`" * max(3, longest + 1)
        yield from ([f"Also as `{trails.FILE}`, beside the model."] if number == 1 else [])
        yield f"\n{fence}python\n{source.rstrip()}\n{fence}"


def _environment(found: Located) -> Iterator[str]:
    path = found.path / environment.REQUIREMENTS
    lines = path.read_text(encoding="utf-8").split("\n") if path.is_file() else []
    yield from (f"- {line}" for line in lines if line.strip())
