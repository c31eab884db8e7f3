"""The subcommands of ``%track``, by subject."""

from nbtrail.magics.commands import proof, recording, rules, runs, sweeps, views

COMMANDS = {
    command.name: command
    for command in (
        *recording.COMMANDS,
        *runs.COMMANDS,
        *views.COMMANDS,
        *rules.COMMANDS,
        *proof.COMMANDS,
        *sweeps.COMMANDS,
    )
}

__all__ = ["COMMANDS"]
