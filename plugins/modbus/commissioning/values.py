"""Values: the channels of a profile, read once as a source reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gatewayd.plugin import Block, Channel, Duration, SourceError
from gatewayd_plugins.modbus.commissioning.asking import Asker
from gatewayd_plugins.modbus.source import Modbus


async def values_of(asker: Asker, unit: int, profile: str, include: Sequence[str] = ()) -> list[Block]:
    """What each poll of a source with the profile gives, bursts left out. Raises OptionError, SourceError."""
    source = Modbus(
        asker.url, unit=unit, timeout=Duration(asker.wait), profile=profile, include=list(include), **asker.security
    )
    source.use(asker.bus)
    try:
        read = [await source.poll(poll) for poll in source.polls(1.0)]
    except SourceError:
        await asker.tidy()
        raise
    return [each for each in read if isinstance(each, Block)]


def channels_of(asker: Asker, unit: int, profile: str) -> Mapping[str, Channel]:
    """The channels of a source with the profile, by name. Raises OptionError."""
    source = Modbus(asker.url, unit=unit, profile=profile, **asker.security)
    return {channel.name: channel for channel in source.declare()}


def told(block: Block, channels: Mapping[str, Channel]) -> Iterator[str]:
    """A line for each channel: its value with unit and label, or why there is none."""
    width = max(map(len, channels))
    for name, value in zip(block.channels, map(float, block.values), strict=True):
        yield f"  {name:<{width}}  {block.reasons.get(name) or _value(value, channels[name])}"


def _value(value: float, channel: Channel) -> str:
    label = channel.labels.get(int(value)) if value.is_integer() else None
    return " ".join(filter(None, [f"{value:.9g}", channel.unit, label and f"({label})"]))
