"""Reading once: registers, with all that they may mean side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager

import click

from gatewayd.plugin import OptionError, SourceError
from gatewayd_plugins.modbus.commissioning.asking import Answer, Asker, Security, asking
from gatewayd_plugins.modbus.commissioning.dump import Entries, all_of, bits, first_of
from gatewayd_plugins.modbus.commissioning.interpretations import ORDERS, Interpretation, interpretations, text
from gatewayd_plugins.modbus.commissioning.values import channels_of, told, values_of
from gatewayd_plugins.modbus.fields.orders import ByteOrder

WIDTH = 22
LEGEND = "* plausible: between 0.001 and 10 million, or a whole number that is not too great"


def shown(url: str, registers: Sequence[Entries], unit: int, wait: float, *, profile: str, security: Security) -> bool:
    """Read registers and the channels of a profile, and show them; gives whether there was something of each."""
    try:
        return asyncio.run(_show(asking(url, wait, security), registers, profile, unit))
    except OptionError as error:
        raise click.ClickException(f"{error}; {error.fix}") from None
    except SourceError as error:
        raise click.ClickException(str(error)) from None


async def _show(
    opened: AbstractAsyncContextManager[Asker], registers: Sequence[Entries], profile: str, unit: int
) -> bool:
    whole, starred = True, False
    async with opened as asker:
        if profile:
            channels = channels_of(asker, unit, profile)
            for block in await values_of(asker, unit, profile):
                click.echo("\n".join([profile, *told(block, channels)]))
        for entries in registers:
            if entries.single:
                answers = [await first_of(asker, unit, entries)]
                lines = list(single(entries, answers[0]))
            else:
                answers = await all_of(asker, unit, entries)
                lines = list(several(entries, answers))
            whole &= any(isinstance(each, bytes) for each in answers)
            starred |= any("*" in line for line in lines)
            click.echo("\n".join(lines))
    if starred:
        click.echo(LEGEND)
    return whole


def single(entries: Entries, answer: Answer) -> Iterator[str]:
    """What is shown of one register, and of those behind it as far as a number may reach."""
    if not isinstance(answer, bytes):
        yield f"{entries.name}: {answer}"
        return
    if entries.table.of_bits:
        yield f"{entries.name}: {' '.join(map(str, bits(answer, min(entries.count, 8 * len(answer)))))}"
        return
    yield f"{entries.name}: {answer.hex(' ', 2).upper()}" + (f'   "{text(answer)}"' if text(answer) else "")
    yield f"  {'':<8}" + "".join(f"{order:<{WIDTH}}" for order in ORDERS).rstrip()
    rows: dict[str, dict[ByteOrder, Interpretation]] = {}
    for each in interpretations(answer):
        rows.setdefault(each.type, {})[each.order] = each
    for name, row in rows.items():
        cells = (_cell(row[order]) if order in row else "" for order in ORDERS)
        yield f"  {name:<8}" + "".join(f"{cell:<{WIDTH}}" for cell in cells).rstrip()


def several(entries: Entries, answers: Sequence[Answer]) -> Iterator[str]:
    """A line for each entry: what it is by itself, and what of the longer numbers from it on is plausible."""
    for n, answer in enumerate(answers):
        name = f"{entries.table.name.lower()}:{entries.address + n}"
        if not isinstance(answer, bytes):
            yield f"{name:<14} {answer}"
        elif entries.table.of_bits:
            yield f"{name:<14} {answer[0]}"
        else:
            yield f"{name:<14} {_line(answers[n : n + 4])}".rstrip()


def _line(answers: Sequence[Answer]) -> str:
    data = b""
    for answer in answers:
        if not isinstance(answer, bytes):
            break
        data += answer
    unsigned, signed = (int.from_bytes(data[:2], "big", signed=signed) for signed in (False, True))
    longer = [each for each in interpretations(data) if each.plausible and each.type.bits > 16]
    told = ", ".join(f"{each.type} {each.order} {each.value:.7g} *" for each in longer)
    return f"{data[:2].hex().upper()} {unsigned:>6} {signed if signed < 0 else '':>7}  {told}"


def _cell(each: Interpretation) -> str:
    value = each.value if isinstance(each.value, int) else f"{each.value:.7g}"
    return f"{value}{' *' if each.plausible else ''}"
