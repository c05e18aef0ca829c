"""The command line: `gatewayd run`, `check`, `status`, `analyse` ..., and what plugins add (`demo`)."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import click

from gatewayd import __version__
from gatewayd.errors import ConfigError, GatewaydError

COMMANDS = "gatewayd.commands"
"""The entry-point group of commands that plugins add."""
EX_CONFIG = 78
"""The exit code for a config that cannot be used (sysexits.h); systemd need not try again."""

CONFIG = click.argument("config", type=click.Path(path_type=Path, readable=False))


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


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gatewayd", message="%(prog)s %(version)s")
def main() -> None:
    """Poll pump sensors, judge what they say, and report over MQTT."""


@main.command()
@CONFIG
@click.option("-v", "--verbose", is_flag=True, help="Log every detail.")
def run(config: Path, *, verbose: bool) -> None:
    """Run the gateway with CONFIG until it is told to stop (Ctrl-C, SIGTERM). SIGHUP reads CONFIG again."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # it would end us until there is a config to read again
    gc.disable()  # what is imported and loaded stays: to look for garbage in it takes 50 ms, again and again
    import asyncio  # noqa: PLC0415 - each command imports what it needs: `gatewayd version` is instant

    from gatewayd import daemon, logs  # noqa: PLC0415
    from gatewayd.config import load  # noqa: PLC0415

    logs.configure(verbose=verbose)

    def begin() -> None:
        loaded = load(config)
        gc.freeze()
        gc.enable()
        asyncio.run(daemon.run(loaded))

    _guarded(begin)


@main.command()
@CONFIG
def check(config: Path) -> None:
    """Check CONFIG without running it: all errors at once, as file:line:column."""
    from gatewayd.config import load  # noqa: PLC0415

    loaded = _guarded(lambda: load(config))
    for problem in loaded.problems:
        click.echo(str(problem), err=True)
    if loaded.problems:
        sys.exit(1)
    derived = sum(channel.derived for channel in loaded.plan.channels)
    counts = {
        "source": len(loaded.sources),
        "channel": len(loaded.plan.channels) - derived,
        "feature": derived,
        "rule": len(loaded.plan.rules),
    }
    click.echo(f"{config}: all right: {', '.join(_some(count, what) for what, count in counts.items())}")


@main.command()
@click.argument("config", type=click.Path(path_type=Path, readable=False), required=False)
@click.option("--json", "as_json", is_flag=True, help="Everything, for machines.")
def status(config: Path | None, *, as_json: bool) -> None:
    """Ask the running gateway how it is doing. CONFIG says which one, if there are several or it has a state_dir."""
    from gatewayd.control import ask  # noqa: PLC0415
    from gatewayd.report import lines  # noqa: PLC0415
    from gatewayd.state import sockets  # noqa: PLC0415

    answer = _guarded(lambda: ask(sockets(config), "status"))
    if as_json:
        import json  # noqa: PLC0415

        click.echo(json.dumps(answer, indent=2))
    else:
        for line in lines(answer):
            click.echo(line)


@main.command()
@click.argument("file", type=click.Path(path_type=Path, readable=False))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The page to write.  [default: FILE's name.html]")
@click.option("--column", help="The column to look at.  [default: all]")
@click.option("--rate", type=float, help="Values a second, if the file does not say it.")
@click.option("--unit", default="", help='What the values are in: "m/s2", "[g]" ...')
@click.option("--shaft", help='The speed of the shaft: "1480rpm" or "24.7Hz".')
@click.option("--blades", type=int, help="How many blades the pump has.")
@click.option("--severity", help='The machine by its standard: "ISO 10816-7 category 1 up to 200 kW" ...')
@click.option("--bearing", help='Its type: "6205", or balls,ball diameter,pitch diameter,angle: "9,7.94,39.04,0".')
@click.option("--band", type=(float, float), help="A band in Hz to look at: LOW HIGH.")
@click.option("--config", type=click.Path(path_type=Path), help="A config to try on the recording.")
@click.option("--as", "channel", help="The channel of the config that the recording stands for.")
def analyse(file: Path, output: Path | None, **known: Any) -> None:
    """Show the recording FILE (CSV, WAV, NPZ) as a page: waveform, spectra, features, what a bearing shows."""
    try:
        from gatewayd.analysis.command import write  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        if missing.name != "matplotlib":
            raise
        raise click.ClickException("pictures need matplotlib: pip install 'gatewayd[analyse]'") from missing
    click.echo(_guarded(lambda: write(file, output, known)))


@main.command()
def plugins() -> None:
    """List the installed plugins with the features that they add, and why one does not load."""
    from gatewayd.registry import installed  # noqa: PLC0415

    found = installed()
    for plugin in found:
        state = f"broken: {plugin.error}" if plugin.error else "ok"
        click.echo(f"{plugin.name:<16} {plugin.distribution} {plugin.version:<12} {state}")
        for feature in plugin.features:
            click.echo(f"  feature {feature}")
    if not found:
        click.echo("no plugins are installed")
    if any(plugin.error for plugin in found):
        sys.exit(1)


@main.command()
def version() -> None:
    """Print the version."""
    click.echo(f"gatewayd {__version__}")


def _guarded(work: Callable[[], Any]) -> Any:
    """Do the work; what we report ourselves is for the person at the keyboard, without a traceback."""
    try:
        return work()
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(EX_CONFIG)
    except GatewaydError as error:
        raise click.ClickException(str(error)) from error


def _some(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
