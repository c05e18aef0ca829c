"""The command `plan`: what a config asks of its lines, without touching a device."""

from __future__ import annotations

from pathlib import Path

import click

from gatewayd.cli.asking import AS_JSON, CONFIG, guarded, print_json


@click.command()
@CONFIG
@AS_JSON
def plan(config: Path, *, as_json: bool) -> None:
    """Show what CONFIG asks of each line: requests, the time that they take, how long one may wait, what is left.

    Nothing is opened. A line is what sources take turns on: a serial port, a connection, a radio.
    """
    from gatewayd.budget import line_budgets  # noqa: PLC0415 - each command imports what it needs
    from gatewayd.config import load  # noqa: PLC0415
    from gatewayd.report.budget import lines, told  # noqa: PLC0415

    loaded = guarded(lambda: load(config, offline=True))
    budgets = line_budgets(source for source in loaded.sources.values() if source.polls)
    answer = [told(budget) for budget in budgets]
    if as_json:
        print_json(answer)
        return
    for line in lines(answer):
        click.echo(line)
