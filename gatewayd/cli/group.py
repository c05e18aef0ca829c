"""The group of all commands: ours, and what plugins add."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

import click

COMMANDS = "gatewayd.commands"
"""The entry-point group of commands that plugins add."""


class Commands(click.Group):
    """Our commands, and those of plugins, which are loaded only when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names."""
        return sorted({*super().list_commands(ctx), *(point.name for point in entry_points(group=COMMANDS))})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Ours first: a plugin cannot replace them."""
        command = super().get_command(ctx, cmd_name)
        if command is not None:
            return command
        found = [point for point in entry_points(group=COMMANDS) if point.name == cmd_name]
        return _loaded(found[0]) if found else None


def _loaded(point: EntryPoint) -> click.Command:
    try:
        command = point.load()
    except Exception as error:  # noqa: BLE001 - foreign code may raise anything
        return _broken(point.name, f"{point.value} does not load ({type(error).__name__}: {error})")
    if not isinstance(command, click.Command):
        return _broken(point.name, f"{point.value} is not a click command")
    return command


def _broken(name: str, why: str) -> click.Command:
    def fail() -> None:
        raise click.ClickException(why)

    return click.Command(name, callback=fail, help=f"Broken: {why}")
