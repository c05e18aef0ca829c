"""Commands for those who write plugins: `gatewayd plugin new`."""

from __future__ import annotations

from pathlib import Path

import click

from gatewayd.cli.asking import guarded


@click.group()
def plugin() -> None:
    """Write plugins."""


@plugin.command()
@click.argument("name")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The folder to make the project's folder in; by default this one.",
)
def new(name: str, into: Path) -> None:
    """Begin the plugin NAME: a package that reads a simple sensor, with tests that pass at once."""
    from gatewayd.registry.registry import Registry  # noqa: PLC0415 - as every command, it imports what it needs
    from gatewayd.scaffold import ScaffoldError, write  # noqa: PLC0415

    def begin() -> Path:
        if name in Registry().names():
            raise ScaffoldError(name, "is installed already (see `gatewayd plugins`)", "take another name")
        return write(name, into)

    place = guarded(begin)
    click.echo(f"{place} is written. Try it:\n\n    cd {place}\n    pip install -e '.[test]'\n    pytest")
