"""`nbtrail doctor`: is the store sound?"""

from __future__ import annotations

import click

from nbtrail.cli import look, text


@click.command(
    epilog=text.examples(
        "nbtrail doctor",
        "nbtrail doctor --repair",
    )
)
@click.option("--repair", is_flag=True, help="Put right what can be.")
def doctor(repair: bool) -> None:
    """Look for what is wrong with the store.

    Reads the whole database and every artifact that is kept on this machine. Ends with status 1
    when something is wrong and stays so.
    """
    from nbtrail.errors import StoreError
    from nbtrail.tracking import maintenance

    try:
        findings = maintenance.examine(look.opened_store(), repair)
    except StoreError as error:
        findings = [maintenance.unusable(error)]
    for finding in findings:
        click.echo(f"{finding.area}: {text.line(finding.problem)}")
        click.echo(f"  {text.line(finding.advice)}")
    if not findings:
        click.echo("The store is sound.")
    if not all(finding.repaired for finding in findings):
        raise SystemExit(1)
