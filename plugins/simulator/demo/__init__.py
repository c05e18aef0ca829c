"""`gatewayd demo`: the whole gateway at work on a simulated pump, without hardware, broker or config."""

from __future__ import annotations

import math
import sys
from typing import Any

import click

from gatewayd_plugins.simulator.faults import Fault

SHORTEST = 10.0


class Seconds(click.FloatRange):
    """A length of time: a number in the range, which says nothing against nan."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Refuse what is no number and what never ends."""
        seconds: float = super().convert(value, param, ctx)
        if not math.isfinite(seconds):
            self.fail(f"{value} is no length of time", param, ctx)
        return seconds


@click.command()
@click.option("--seconds", type=Seconds(min=SHORTEST), default=60.0, show_default=True, help="How long it takes.")
@click.option(
    "--fault",
    type=click.Choice([fault.value for fault in Fault]),
    default=Fault.CAVITATION.value,
    show_default=True,
    help="What the pump develops after a third of the time, for a third of the time.",
)
def demo(seconds: float, fault: str) -> None:
    """Show the whole gateway at work on a simulated pump.

    Needs no hardware, no broker and no config: a simulated pump answers on Modbus TCP, an MQTT broker runs inside
    this command, and between them works the very daemon that a site runs, with a config file that you can read. All
    that is shown has come through the broker.

    The exit code is 0 if summaries arrived, none of the messages is missing and the fault raised an alarm that
    cleared again. A demo that is stopped early, with Ctrl-C, is asked only for messages that arrived.
    """
    try:
        from gatewayd_plugins.simulator.demo.play import perform  # noqa: PLC0415 - heavy, and half of it is optional
    except ModuleNotFoundError as missing:
        raise click.ClickException(f'{missing.name} is not installed: pip install "gatewayd[demo]"') from missing
    sys.exit(perform(seconds, Fault(fault)))
