"""Probing: find the units on a line, and say what they answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager

import click

from gatewayd.plugin import OptionError, SourceError
from gatewayd_plugins.modbus.commissioning.asking import NO_SECURITY, Asker, Security, asking
from gatewayd_plugins.modbus.commissioning.search import USUAL, Disturbed, Found, Part, answers_to_any, search
from gatewayd_plugins.modbus.fields.registers import Table
from gatewayd_plugins.modbus.wire.address import Address, SerialAddress
from gatewayd_plugins.modbus.wire.secure import Tls
from gatewayd_plugins.modbus.wire.url import parse

SERIAL_UNITS = tuple(range(1, 248))
TCP_UNITS = (1, 255, 0, *range(2, 248))
"""A device alone on TCP answers mostly as one of the first three."""
QUESTION = 15
"""Bytes on the wire of a question and its answer."""
NAMES = {
    Table.COIL: "coils",
    Table.DISCRETE: "discrete inputs",
    Table.HOLDING: "holding registers",
    Table.INPUT: "input registers",
}


def probed(url: str, units: Sequence[int] | None, wait: float, within: float, security: Security = NO_SECURITY) -> int:
    """Look for these units, or for all, and tell of each; gives how many answered."""
    try:
        address = parse(url, Tls(**security))
        chosen = units or (SERIAL_UNITS if address.serial else TCP_UNITS)
        most = _time(longest(address, len(chosen), wait))
        click.echo(f"looking for {len(chosen)} units on {address.name}, which takes {most} if none is there")
        found = asyncio.run(_probe(asking(url, wait, security), chosen, within, by_default=units is None))
    except OptionError as error:
        raise click.ClickException(f"{error}; {error.fix}") from None
    except SourceError as error:
        raise click.ClickException(str(error)) from None
    return found


async def _probe(
    opened: AbstractAsyncContextManager[Asker], units: Sequence[int], within: float, *, by_default: bool
) -> int:
    found = 0
    asker: Asker | None = None
    try:
        async with asyncio.timeout(within), opened as asker:
            if by_default and not asker.address.serial and await answers_to_any(asker):
                click.echo("answers to any unit: it is one device, which does not look at the unit")
                units = units[:1]
            async for each in search(asker, units):
                found += isinstance(each, Found)
                click.echo("\n".join(report(each)))
    except TimeoutError:
        click.echo(f"ended after {_time(within)}: the rest was not looked for (--within)", err=True)
    if asker is not None and not found:
        click.echo(f"nobody answered: {_why(asker)}")
    return found


def report(each: Found | Disturbed) -> Iterator[str]:
    """What is told of a unit."""
    if isinstance(each, Disturbed):
        yield f"unit {each.unit}: {each.why}"
        return
    yield f"unit {each.unit} answers, in {1000 * each.seconds:.0f} ms"
    for part in each.parts:
        yield f"  {NAMES[part.table]:<18} {_told(part)}"
    for likeness in each.likenesses:
        yield f"  looks like         {likeness.profile} ({', '.join(likeness.values)})"


def longest(address: Address, units: int, wait: float) -> float:
    """Seconds that it takes when nobody answers: after a silence a serial line is kept quiet for as long again."""
    silence = 2 * wait if address.serial else wait
    return units * (silence + address.wire_time(QUESTION))


def _why(asker: Asker) -> str:
    """What it may be that nobody answers."""
    if asker.hung_up:
        return f"{asker.hung_up}: perhaps it takes no further connection, because a gateway has it"
    if isinstance(asker.address, SerialAddress):
        return "wrong settings of the line, wires swapped, no power, or it needs a longer --timeout"
    return "another kind of frames (rtu+tcp, ascii+tcp, tls), other units, or it needs a longer --timeout"


def _told(part: Part) -> str:
    if not part.readable:
        return f"nothing: {part.refusal}"
    if len(part.readable) == len(USUAL):
        return "data wherever asked"
    return f"data at {', '.join(map(str, part.readable))}"


def _time(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds < 120 else f"{seconds / 60:.0f} min"
