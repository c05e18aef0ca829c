"""Commands for operators of a gateway that runs here: `alarm`, `model`, `maintenance`, `write`."""

from __future__ import annotations

import getpass
import math
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from gatewayd.cli import completing
from gatewayd.cli.asking import AS_JSON, OPTIONAL_CONFIG, guarded, print_json
from gatewayd.duration import Duration


class Length(click.ParamType[float]):
    """A length of time, written as in a config."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it."""
        try:
            return value if isinstance(value, float) else float(Duration.parse(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Number(click.ParamType[float]):
    """A number that there is: not NaN, and not infinite."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it."""
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        return number if math.isfinite(number) else self.fail(f"{value!r} is not a valid number.", param, ctx)


LONGEST_WRITE = 45.0
"""Seconds to wait for the answer: a device may be slow, and others on its line have their turns."""
RULE = click.argument("rule", shell_complete=completing.names("rules"))
MODEL = click.argument("model", shell_complete=completing.names("models"))
ASSET = click.argument("asset", shell_complete=completing.names("assets", "sources"))
BY = click.option(
    "--by", default=lambda: os.environ.get("SUDO_USER") or getpass.getuser(), help="Who orders it.  [default: you]"
)
WHY = click.option("--why", default="", metavar="TEXT", help="Why, for those who read it later.")


@click.group()
def alarm() -> None:
    """List alarms, acknowledge and shelve them, show what was kept of them.

    CONFIG says which gateway is meant, if there are several or it has a state_dir.
    """


@alarm.command("list")
@OPTIONAL_CONFIG
@AS_JSON
def list_alarms(config: Path | None, *, as_json: bool) -> None:
    """List the alarms that are open, shelved rules, and rules that do not judge at the moment."""
    from gatewayd.report import alarm_lines  # noqa: PLC0415 - each command imports what it needs

    _tell(_asked(config, "alarm.list"), alarm_lines, as_json=as_json)


@alarm.command()
@RULE
@OPTIONAL_CONFIG
@BY
@WHY
def ack(config: Path | None, **order: Any) -> None:
    """Acknowledge the alarm of RULE: somebody knows of it. A latched one whose cause is gone is over then."""
    _order(config, "alarm.ack", order)


@alarm.command()
@RULE
@OPTIONAL_CONFIG
@click.option("--for", "seconds", type=Length(), default="8h", show_default=True, help="How long, at most 30d.")
@BY
@WHY
def shelve(config: Path | None, **order: Any) -> None:
    """Do not hear of RULE for a time: an alarm of it is ended, and none is raised."""
    _order(config, "alarm.shelve", order)


@alarm.command()
@RULE
@OPTIONAL_CONFIG
@BY
@WHY
def unshelve(config: Path | None, **order: Any) -> None:
    """Hear of RULE again: if there is cause for an alarm, it is raised."""
    _order(config, "alarm.unshelve", order)


@click.group()
def model() -> None:
    """Show what models have learned and how they judge; have them learn anew, rest, or go back.

    CONFIG says which gateway is meant, if there are several or it has a state_dir.
    """


@model.command("status")
@OPTIONAL_CONFIG
@AS_JSON
def model_status(config: Path | None, *, as_json: bool) -> None:
    """Tell how each model stands: what it does, its health score (above 1: beyond normal), its versions."""
    from gatewayd.report import model_lines  # noqa: PLC0415

    _tell(_asked(config, "model.status"), model_lines, as_json=as_json)


@model.command()
@MODEL
@OPTIONAL_CONFIG
@click.option("--version", default=0, help="Of which version.  [default: the one in force]")
@AS_JSON
def card(config: Path | None, *, as_json: bool, **wanted: Any) -> None:
    """Show the card of MODEL: when it learned, from what, how much, how stable that was, and what it calls normal."""
    from gatewayd.report import card_lines  # noqa: PLC0415

    _tell(_asked(config, "model.card", **wanted), card_lines, as_json=as_json)


@model.command()
@MODEL
@OPTIONAL_CONFIG
@BY
@WHY
def relearn(config: Path | None, **order: Any) -> None:
    """Have MODEL learn anew. What it has learned stays in force until then, and can be had back."""
    _order(config, "model.relearn", order)


@model.command()
@MODEL
@OPTIONAL_CONFIG
@BY
@WHY
def freeze(config: Path | None, **order: Any) -> None:
    """Have MODEL follow slow drift no more."""
    _order(config, "model.freeze", order)


@model.command()
@MODEL
@OPTIONAL_CONFIG
@BY
@WHY
def thaw(config: Path | None, **order: Any) -> None:
    """Have MODEL follow slow drift again."""
    _order(config, "model.thaw", order)


@model.command()
@MODEL
@OPTIONAL_CONFIG
@BY
@WHY
def accept(config: Path | None, **order: Any) -> None:
    """Accept the state that MODEL sees now as normal, or what it has learned in spite of doubts."""
    _order(config, "model.accept", order)


@model.command()
@MODEL
@OPTIONAL_CONFIG
@click.option("--version", default=0, help="To which version.  [default: the one before]")
@BY
@WHY
def rollback(config: Path | None, **order: Any) -> None:
    """Put an earlier version of MODEL in force again."""
    _order(config, "model.rollback", order)


@click.group()
def maintenance() -> None:
    """Put assets into maintenance: nothing of them is judged or learned from, and no alarm is raised.

    CONFIG says which gateway is meant, if there are several or it has a state_dir.
    """


@maintenance.command("list")
@OPTIONAL_CONFIG
@AS_JSON
def list_assets(config: Path | None, *, as_json: bool) -> None:
    """List all assets, and which of them are in maintenance."""
    from gatewayd.report import asset_lines  # noqa: PLC0415

    _tell(_asked(config, "maintenance.list"), asset_lines, as_json=as_json)


@maintenance.command("on")
@ASSET
@OPTIONAL_CONFIG
@click.option(
    "--for", "seconds", type=Length(), default="0s", help="How long, at most 30d.  [default: until it is off]"
)
@BY
@WHY
def begin(config: Path | None, **order: Any) -> None:
    """Begin the maintenance of ASSET: alarms of it are ended."""
    _order(config, "maintenance.on", order)


@maintenance.command("off")
@ASSET
@OPTIONAL_CONFIG
@BY
@WHY
def end(config: Path | None, **order: Any) -> None:
    """End the maintenance of ASSET: it is judged again."""
    _order(config, "maintenance.off", order)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("channel", shell_complete=completing.channels)
@click.argument("value", type=Number())
@OPTIONAL_CONFIG
@BY
@WHY
def write(config: Path | None, **order: Any) -> None:
    """Set CHANNEL (pump1.setpoint) of a device to VALUE, if the config lets it be written, within its limits."""
    _order(config, "write", {**order, "patience": LONGEST_WRITE})


def _asked(config: Path | None, command: str, **arguments: Any) -> Any:
    from gatewayd.control.asking import ask  # noqa: PLC0415
    from gatewayd.control.whereabouts import doors  # noqa: PLC0415

    return guarded(lambda: ask(doors(config), command, **arguments))


def _order(config: Path | None, command: str, order: dict[str, Any]) -> None:
    answer: Sequence[str] = _asked(config, command, **order)
    for line in answer:
        click.echo(line)


def _tell(answer: Any, lines: Callable[[Any], Iterable[str]], *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    for line in lines(answer):
        click.echo(line)
