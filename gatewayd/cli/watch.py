"""The command `top`: a running gateway, live."""

from __future__ import annotations

from pathlib import Path

import click

from gatewayd.cli.asking import OPTIONAL_CONFIG, guarded
from gatewayd.cli.operate import Length

SHORTEST = 0.5
"""Seconds between questions at least: each costs the gateway a few milliseconds."""


@click.command()
@OPTIONAL_CONFIG
@click.option("--every", type=Length(), default="2s", show_default=True, help="How often to look, at least 500ms.")
def top(config: Path | None, *, every: float) -> None:
    """Watch the running gateway: sources, channels, lines, alarms, what is sent. The last line names the keys.

    CONFIG says which gateway is meant, if there are several or it has a state_dir.
    """
    from gatewayd.control.whereabouts import doors  # noqa: PLC0415
    from gatewayd.top import watch  # noqa: PLC0415 - each command imports what it needs

    guarded(lambda: watch(lambda: doors(config), max(SHORTEST, every)))
