"""`gatewayd move`: a gateway keeps its identity when its box is replaced."""

from __future__ import annotations

from pathlib import Path

import click

from gatewayd.cli.asking import NAMED_CONFIG, guarded

ARCHIVE = click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))


@click.group()
def move() -> None:
    """Move a gateway to another box: its alarms, models, numbers, and what is not sent yet."""


@move.command(name="out")
@NAMED_CONFIG
@ARCHIVE
def out(config: Path, archive: Path) -> None:
    """Pack the state of the gateway of CONFIG, which must not run, into ARCHIVE. It does not run here any more then."""
    from gatewayd.moving import move_out  # noqa: PLC0415 - each command imports what it needs

    home = guarded(lambda: move_out(config, archive))
    click.echo(f"{home} is packed into {archive}; on the new box: gatewayd move in {config} {archive.name}")


@move.command(name="in")
@NAMED_CONFIG
@ARCHIVE
def into(config: Path, archive: Path) -> None:
    """Unpack ARCHIVE for the gateway of CONFIG, before its first start on this box."""
    from gatewayd.moving import move_in  # noqa: PLC0415

    home = guarded(lambda: move_in(config, archive))
    click.echo(f"{archive} is unpacked into {home}; start gatewayd")
