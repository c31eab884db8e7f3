"""`nbtrail models show|search|history|compare`: looking into the registry."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from nbtrail.cli import for_programs, look, text

if TYPE_CHECKING:
    from nbtrail.entities import ModelChange, ModelVersion
    from nbtrail.registry import VersionComparison
    from nbtrail.store import Store

COLUMNS = ("MODEL", "VERSION", "STAGE", "ALIASES", "ALGORITHM", "RUN", "REGISTERED", "URI")


def row(v: ModelVersion) -> tuple[object, ...]:
    """Return the line of a version in a table."""
    return (
        v.name,
        v.version,
        v.stage,
        " ".join(v.aliases),
        v.algorithm or v.flavor,
        v.run_id and v.run_id[:8],
        text.moment(v.creation_timestamp),
        f"models:/{v.name}/{v.version}",
    )


def print_versions(store: Store, versions: Sequence[ModelVersion]) -> None:
    """Print versions as the REST API gives them."""
    from nbtrail.api.native.models import version_jsons

    for_programs.echo(version_jsons(store, versions))


@click.command(
    epilog=text.examples(
        "nbtrail models show wine",
        "nbtrail models show wine champion",
    )
)
@click.argument("name", type=look.MODEL)
@click.argument("version", required=False)
@for_programs.as_json
def show(name: str, version: str | None, as_json: bool) -> None:
    """Show the registered model NAME, or one VERSION of it and where that came from.

    VERSION is a number or an alias.
    """
    store = look.existing_store()
    if version is not None:
        _show_version(store, look.find_version(store, name, version), as_json)
        return
    model = store.registry.model(name)
    versions = store.registry.versions(name) if model.latest_version else []
    if as_json:
        from nbtrail.api.native.models import model_json

        for_programs.echo(model_json(store, model))
        return
    facts = {
        "Model": model.name,
        "Description": model.description,
        "Tags": _tags(model.tags),
        "Aliases": ", ".join(f"{alias} = {v}" for alias, v in model.aliases.items()),
        "Changed": text.moment(model.last_updated_timestamp),
    }
    click.echo(_facts(facts))
    if versions:
        click.echo("\n" + text.table(COLUMNS[1:], [row(one)[1:] for one in versions]))


def _show_version(store: Store, version: ModelVersion, as_json: bool) -> None:
    from nbtrail.registry.origins import origin_of

    if as_json:
        print_versions(store, [version])
        return
    origin = origin_of(store, version)
    cell = origin.cell
    facts = {
        "Version": f"{version.name} {version.version}",
        "Description": version.description,
        "Stage": version.stage,
        "Aliases": ", ".join(version.aliases),
        "Tags": _tags(version.tags),
        "Model": " ".join(filter(None, (version.flavor, version.algorithm))),
        "Size": "" if version.size is None else f"{version.size} bytes",
        "Source": version.source,
        "Run": " ".join(filter(None, (version.run_id, origin.run_name))),
        "Experiment": origin.experiment or "",
        "Notebook": origin.notebook or "",
        "Cell": "" if cell is None else f"[{cell.execution_count or ' '}] {cell.cell_id or ''}",
        "Data": ", ".join(f"{one.name} {one.digest}" for one in origin.datasets),
        "Commit": f"{origin.commit or ''}{' and changes' if origin.dirty else ''}",
    }
    click.echo(_facts(facts))
    if cell is not None:
        click.echo("\n" + "\n".join(f"    {text.line(line)}" for line in cell.source.splitlines()))


@click.command(
    epilog=text.examples(
        "nbtrail models search \"flavor = 'sklearn' and algorithm LIKE '%Forest%'\"",
        "nbtrail models search 'metrics.auc > 0.9' --order-by 'metrics.auc desc'",
        "nbtrail models search \"name = 'wine' and tags.checked IS NOT NULL\" --json",
    )
)
@click.argument("filter_string", metavar="FILTER", default="")
@click.option("--order-by", multiple=True, metavar="TERM", help="Such as 'metrics.auc desc'.")
@click.option("--limit", default=100, show_default=True, help="How many at most.")
@for_programs.as_json
def search(filter_string: str, order_by: tuple[str, ...], limit: int, as_json: bool) -> None:
    """List the versions that FILTER finds.

    It asks for name, version, stage, flavor, algorithm, columns, size, aliases, description,
    run_id, source, created_time and updated_time, for metrics.… and params.… of the source run
    and for tags.… of the version.
    """
    store = look.existing_store()
    found, more = store.registry.search.versions(filter_string, limit, order_by)
    if as_json:
        print_versions(store, found)
        return
    click.echo(text.table(COLUMNS, [row(v) for v in found]) if found else "No version is so.")
    if more:
        click.echo(f"There are more than {limit}: see --limit.", err=True)


@click.command(
    epilog=text.examples(
        "nbtrail models history wine",
        "nbtrail models history wine --version 3 --limit 20",
    )
)
@click.argument("name", type=look.MODEL)
@click.option("--version", help="Only what was done to this version, a number.")
@click.option("--limit", default=100, show_default=True, help="How many at most.")
@for_programs.as_json
def history(name: str, version: str | None, limit: int, as_json: bool) -> None:
    """Tell who changed what of the model NAME, when and why, the latest first.

    NAME may be a model that was deleted; what was done under an earlier name is told, too.
    """
    found = look.existing_store().registry.edits.history(name, version, limit)
    if as_json:
        for_programs.echo(found)
        return
    columns = ("WHEN", "WHO", "VERSION", "WHAT", "BEFORE", "AFTER", "WHY")
    click.echo(text.table(columns, [_told(one) for one in found]))


def _told(change: ModelChange) -> tuple[object, ...]:
    what = f"{change.action.replace('_', ' ')} {change.key or ''}".strip()
    values = (_value(change.before), _value(change.after))
    return text.moment(change.at), change.who, change.version, what, *values, change.reason


def _value(value: object) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, dict) and "source" in value:
        return str(value["source"])
    if isinstance(value, dict) and "versions" in value:
        return text.count(len(value["versions"]), "version")
    return json.dumps(value, ensure_ascii=False)


@click.command(
    epilog=text.examples(
        "nbtrail models compare wine 3 4",
        "nbtrail models compare wine champion 5 --all",
        "nbtrail models compare wine 3 1 --with rose",
    )
)
@click.argument("name", type=look.MODEL)
@click.argument("left")
@click.argument("right")
@click.option("--with", "other", type=look.MODEL, help="The model that RIGHT is a version of.")
@click.option("--all", "everything", is_flag=True, help="Show what is equal, too.")
@for_programs.as_json
def compare(
    name: str, left: str, right: str, other: str | None, everything: bool, as_json: bool
) -> None:
    """Compare two versions of the model NAME: LEFT and RIGHT are numbers or aliases.

    Signature, params, metrics, data, cells, environment, size and latency.
    """
    from nbtrail.registry import compare_versions

    store = look.existing_store()
    pair = look.find_version(store, name, left), look.find_version(store, other or name, right)
    found = compare_versions(name, pair[0].version, pair[1].version, right_name=other, store=store)
    if as_json:
        from nbtrail.api.native.registry import section_json

        for_programs.echo([section_json(one) for one in found.sections])
        return
    click.echo("\n\n".join(_compared(found, everything)))


def _compared(found: VersionComparison, everything: bool) -> Iterator[str]:
    sides = [f"{one.name} {one.version}" for one in (found.left, found.right)]
    for section in found.sections:
        title = click.style(section.title.capitalize(), bold=True)
        rows = [
            (one.key, one.left, one.right, one.change)
            for one in section.rows
            if everything or one.change != "same"
        ]
        note = section.note or ("" if rows else "the same")
        lines = [f"{title}{': ' * bool(note)}{note}"]
        if rows:
            lines.append(text.table(("", *sides, ""), rows))
        yield "\n".join(lines)


def _tags(tags: dict[str, str]) -> str:
    return ", ".join(f"{key} = {value}" for key, value in tags.items())


def _facts(facts: dict[str, str]) -> str:
    """Return what is known, a line each."""
    known = {key: value for key, value in facts.items() if value.strip()}
    width = max(map(len, known))
    return "\n".join(f"{key.ljust(width)}  {text.line(value)}" for key, value in known.items())


COMMANDS = (show, search, history, compare)
