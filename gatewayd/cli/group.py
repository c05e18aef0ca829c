"""The group of all commands: ours, and what plugins add."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from click.shell_completion import CompletionItem

COMMANDS = "gatewayd.commands"
"""The entry-point group of commands that plugins add."""


class Commands(click.Group):
    """Our commands, and those of plugins, which are loaded only when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names."""
        return sorted({*super().list_commands(ctx), *(point.name for point in _points())})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Ours first: a plugin cannot replace them."""
        command = super().get_command(ctx, cmd_name)
        if command is not None:
            return command
        found = [point for point in _points() if point.name == cmd_name]
        return _loaded(found[0]) if found else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List all, those of plugins with what can be read of them, so that none has to be loaded."""
        brought = {point.name: _stand_in(point) for point in _points()}
        click.Group(commands={**brought, **self.commands}).format_commands(ctx, formatter)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """All names that begin so; of those of plugins the name alone, as nothing is loaded for it."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - only while somebody presses a key

        helps = {name: command.get_short_help_str() for name, command in self.commands.items()}
        begun = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        items = [CompletionItem(name, help=helps.get(name)) for name in begun]
        return [*items, *click.Command.shell_complete(self, ctx, incomplete)]


def _points() -> list[EntryPoint]:
    from importlib.metadata import entry_points  # noqa: PLC0415 - our own commands need none of it

    return list(entry_points(group=COMMANDS))


def _stand_in(point: EntryPoint) -> click.Command:
    from gatewayd.cli.summaries import summary  # noqa: PLC0415 - the help of all is for those who ask for it

    words = summary(point)
    return click.Command(point.name, help=words) if words else _loaded(point)


def _loaded(point: EntryPoint) -> click.Command:
    from gatewayd.foreign import OURS  # noqa: PLC0415 - the help of our own commands needs nothing of it

    try:
        command = point.load()
    except OURS:
        raise
    except BaseException as error:  # noqa: BLE001 - foreign code may raise anything
        return _broken(point.name, f"{point.value} does not load ({type(error).__name__}: {error})")
    if not isinstance(command, click.Command):
        return _broken(point.name, f"{point.value} is not a click command")
    return command


def _broken(name: str, why: str) -> click.Command:
    def fail() -> None:
        raise click.ClickException(why)

    return click.Command(name, callback=fail, help=f"Broken: {why}")
