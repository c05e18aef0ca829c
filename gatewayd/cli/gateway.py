"""Commands about the gateway as a whole: `run`, `check`, `status`, `plugins`, `version`."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatewayd import __version__, early
from gatewayd.cli import streams
from gatewayd.cli.asking import AS_JSON, CONFIG, OPTIONAL_CONFIG, guarded, print_json

if TYPE_CHECKING:
    from gatewayd.config import Config


@click.command()
@CONFIG
@click.option("-v", "--verbose", is_flag=True, help="Log every detail.")
def run(config: Path, *, verbose: bool) -> None:
    """Run the gateway with CONFIG until it is told to stop (Ctrl-C, SIGTERM). SIGHUP reads CONFIG again."""
    streams.opened()
    os.umask(0o077)  # whoever starts us: what we keep is nobody else's
    early.heed()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # our matrices are small: a thread for each core costs 0.1 s
    gc.disable()  # what is imported and loaded stays: to look for garbage in it takes 50 ms, again and again
    # each command imports what it needs: `gatewayd version` is instant
    from gatewayd.cli.ending import Ending  # noqa: PLC0415
    from gatewayd.config import load  # noqa: PLC0415
    from gatewayd.daemon import daemon  # noqa: PLC0415
    from gatewayd.logs import logs  # noqa: PLC0415

    logs.configure(verbose=verbose)
    ending = Ending()

    def begin() -> None:
        loaded = load(config)
        gc.freeze()
        gc.enable()
        ending.run(daemon.run(loaded))

    ending.leave_after(lambda: guarded(begin))


@click.command()
@CONFIG
@click.option("--offline", is_flag=True, help="As it would be on another machine: without the broker's secrets.")
def check(config: Path, *, offline: bool) -> None:
    """Check CONFIG without running it: all errors at once, as file:line:column."""
    from gatewayd.config import load  # noqa: PLC0415

    loaded = guarded(lambda: load(config, offline=offline))
    for problem in loaded.problems:
        click.echo(str(problem), err=True)
    if loaded.problems:
        sys.exit(1)
    click.echo(f"{config}{_with_parts(config)}: all right: {_what_it_has(loaded)}")


@click.command()
@OPTIONAL_CONFIG
@AS_JSON
def status(config: Path | None, *, as_json: bool) -> None:
    """Ask the running gateway how it is doing. CONFIG says which one, if there are several or it has a state_dir."""
    from gatewayd.control.asking import ask  # noqa: PLC0415
    from gatewayd.control.whereabouts import doors  # noqa: PLC0415
    from gatewayd.report import lines  # noqa: PLC0415

    answer = guarded(lambda: ask(doors(config), "status"))
    if as_json:
        print_json(answer)
    else:
        for line in lines(answer):
            click.echo(line)


@click.command()
def plugins() -> None:
    """List the installed plugins with the features that they add, and why one does not load."""
    from gatewayd.registry.registry import installed  # noqa: PLC0415

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


@click.command()
def version() -> None:
    """Print the version."""
    click.echo(f"gatewayd {__version__}")


def _with_parts(config: Path) -> str:
    """The other files that were read."""
    from gatewayd.config.text.documents import documents  # noqa: PLC0415

    parts = [f"{each.path.parent.name}/{each.path.name}" for each in documents(config)[1:]]
    return f" with {', '.join(parts)}" if parts else ""


def _what_it_has(config: Config) -> str:
    """How much of everything there is; what follows from a recording's columns is not known yet."""
    derived = sum(channel.derived for channel in config.plan.channels)
    counts = {
        "source": len(config.sources),
        "channel": len(config.plan.channels) - derived,
        "derived channel": derived,
        "model": len(config.settings.models),
        "rule": len(config.plan.rules),
        "test": len(config.settings.tests),
    }
    told = ", ".join(_some(count, what) for what, count in counts.items() if count)
    replayed = [name for name, source in config.sources.items() if source.source.open_ended]
    return f"{told}; what is made of the columns of {', '.join(replayed)} is checked by a replay" if replayed else told


def _some(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
