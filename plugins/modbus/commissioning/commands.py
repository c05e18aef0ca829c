"""The commands `profiles`, `profile`, `probe` and `read`. What they need is imported when they are called."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatewayd_plugins.modbus.commissioning.arguments import Length, Registers, Units

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gatewayd.plugin import Duration
    from gatewayd_plugins.modbus.commissioning.dump import Entries

SECURITY = {
    "server-name": "TLS: the name in the device's certificate, if it is not the host of URL.",
    "key-file": "TLS: our key.",
    "cert-file": "TLS: our certificate, if the device wants one.",
    "ca-file": "TLS: who has signed the device's certificate, if the system does not know.",
}


def with_security(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options for a URL that begins with tls:// to a command."""
    for name, help_ in SECURITY.items():
        kind = click.Path(exists=True, dir_okay=False, path_type=Path) if name.endswith("file") else str
        command = click.option(f"--{name}", type=kind, help=help_)(command)
    return command


@click.command()
def profiles() -> None:
    """List the device profiles that a modbus source may name."""
    from gatewayd_plugins.modbus.commissioning.catalogue import catalogue  # noqa: PLC0415

    click.echo("\n".join(catalogue()))


@click.command()
@click.argument("name")
@click.option("--toml", is_flag=True, help="Print the file itself, to make one of your own from it.")
def profile(name: str, *, toml: bool) -> None:
    """Show what is known of the devices with the profile NAME, and from which documents."""
    from gatewayd_plugins.modbus.commissioning import catalogue  # noqa: PLC0415

    click.echo(catalogue.file(name) if toml else "\n".join(catalogue.description(name)), nl=not toml)


@click.command()
@click.argument("url")
@click.option("--units", type=Units(), help="Which units: 1-20 or 1,5,17. Default: all that there may be.")
@click.option("--timeout", type=Length(), default="300ms", show_default=True, help="How long each may take to answer.")
@click.option("--within", type=Length(), default="10m", show_default=True, help="End after this time at the latest.")
@with_security
def probe(
    url: str, units: Sequence[int] | None, timeout: Duration, within: Duration, **security: Path | str | None
) -> None:
    """Find the Modbus devices at URL.

    It is written as in a config: tcp://10.0.0.5, or "rtu:/dev/ttyUSB0?baudrate=9600&parity=E" in quotes. Nothing is
    ever written. On a serial port the gateway must be stopped meanwhile, as two who ask at once hear each other.
    """
    from gatewayd_plugins.modbus.commissioning.probe import probed  # noqa: PLC0415

    sys.exit(0 if probed(url, units, timeout, within, security) else 1)


@click.command()
@click.argument("url")
@click.argument("registers", type=Registers(), nargs=-1, metavar="[REGISTER...]")
@click.option("--profile", default="", help="Read the channels of this profile, too.")
@click.option("--unit", type=click.IntRange(0, 255), default=1, show_default=True, help="The device's number.")
@click.option("--timeout", type=Length(), default="1s", show_default=True, help="How long the device may take.")
@with_security
def read(
    url: str,
    registers: Sequence[Entries],
    profile: str,
    unit: int,
    timeout: Duration,
    **security: Path | str | None,
) -> None:
    """Read once from the device at URL, and show every REGISTER in all types and byte orders side by side.

    A REGISTER is written as in a config (holding:100, input:0x0A, coil:0) or as in the manual (40101). A range
    (holding:100-119) gives a line for each. Of a profile the channels are shown, as a source would read them.
    """
    from gatewayd_plugins.modbus.commissioning.read import shown  # noqa: PLC0415

    if not registers and not profile:
        raise click.UsageError("name a REGISTER, or a --profile")
    sys.exit(0 if shown(url, registers, unit, timeout, profile=profile, security=security) else 1)
