"""`gatewayd beacons`: what is heard by Bluetooth just now, which format it is of, and what it says."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

import click

from gatewayd_plugins.ble.adapter.radio import CLOSING, OPENING
from gatewayd_plugins.ble.adapter.scan import Mode
from gatewayd_plugins.ble.adapter.watch import Watch
from gatewayd_plugins.ble.advertisement import Advertisement
from gatewayd_plugins.ble.decoders.decoded import Decoded, Undecodable
from gatewayd_plugins.ble.formats import Format, decoder_of
from gatewayd_plugins.ble.uuids import short

SHOWN = 8
"""Advertisements of each device that are shown: its last ones, as far as they differ."""

Heard = Mapping[str, Sequence[Advertisement]]
"""By the address of the device."""


@click.command()
@click.option("--adapter", default="hci0", show_default=True, help="Which adapter listens.")
@click.option(
    "--seconds", type=click.FloatRange(0.1, 3600), default=10.0, show_default=True, help="How long it listens."
)
@click.option("--passive", is_flag=True, help="Do not ask devices for more than they advertise.")
def beacons(adapter: str, seconds: float, *, passive: bool) -> None:
    """Show which devices are heard by Bluetooth, the nearest first.

    Of each its address, how strong it is heard, its name, and what it says: the values of the formats that are known,
    other data as bytes, as they are described in [fields]. A gateway that runs meanwhile is not disturbed.
    """
    heard, trouble = asyncio.run(listened(adapter, seconds, "passive" if passive else "active"))
    for line in told(heard):
        click.echo(line)
    if trouble:
        raise click.ClickException(trouble)
    if not heard:
        click.echo("Nothing is heard.")


async def listened(adapter: str, seconds: float, mode: Mode) -> tuple[Heard, str]:
    """The last advertisements of each device within a while, and why there are no more."""
    heard: dict[str, deque[Advertisement]] = {}

    def hear(advertisement: Advertisement, _: object) -> None:
        heard.setdefault(advertisement.address, deque(maxlen=SHOWN)).append(advertisement)

    watch = Watch(adapter, mode, hear)
    watching = asyncio.create_task(watch.run(), name=f"beacons on {adapter}")
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(OPENING):
                await watch.settled.wait()
        if not watch.trouble:
            await asyncio.sleep(seconds)
        return heard, watch.trouble
    finally:
        watching.cancel()
        await asyncio.wait({watching}, timeout=CLOSING)


def told(heard: Heard) -> Iterator[str]:
    """Lines of text, the device that is heard strongest first."""
    strength = {address: max(each.rssi for each in said) for address, said in heard.items()}
    for address in sorted(heard, key=lambda address: -strength[address]):
        said = heard[address]
        name = next((each.name for each in reversed(said) if each.name), "")
        yield f"{address}  {strength[address]} dBm  {name if name.isprintable() else ascii(name)}".rstrip()
        yield from (f"    {line}" for line in dict.fromkeys(line for each in said for line in _said(each)))


def _said(advertisement: Advertisement) -> Iterator[str]:
    """What it says by a format that is known, else its bytes."""
    known = list(_known(advertisement))
    if known:
        yield from known
        return
    for company, data in advertisement.manufacturer.items():
        yield f'data = "manufacturer:0x{company:04X}"  {data.hex(" ")}'.rstrip()
    for uuid, data in advertisement.services.items():
        yield f'data = "service:{short(uuid)}"  {data.hex(" ")}'.rstrip()


def _known(advertisement: Advertisement) -> Iterator[str]:
    for form in Format:
        decoder = decoder_of(form)
        try:
            decoded = decoder.decode(advertisement)
        except Undecodable as why:
            yield f'format = "{form}"  cannot be used: {why}'
            continue
        if decoded is not None:
            yield f'format = "{form}"  {_values(decoded)}'


def _values(decoded: Decoded) -> str:
    said = [f"{name} {value:g}" for name, value in decoded.values.items()]
    return ", ".join([*said, *(f"{name} {why}" for name, why in decoded.bad.items())])
