"""Writing: operators set what a config declares as writable, within its limits, and every attempt is logged."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

from gatewayd.configured import ConfiguredSource
from gatewayd.control.door import Commands
from gatewayd.errors import GatewaydError
from gatewayd.foreign import one_line
from gatewayd.operators.requests import Name, Ordering, RefusedError, known, taking
from gatewayd.plugin import Channel

Write = Callable[[str, str, float], Awaitable[None]]
"""Sets a channel of a source; raises GatewaydError when that was not done."""
PATIENCE = 30.0
"""Seconds that an order waits for its line."""

log = structlog.get_logger()


class OfChannel(Ordering, frozen=True, kw_only=True):
    """An order to set a channel, called as everywhere (`pump1.setpoint`)."""

    channel: Name
    value: float


class WriteDesk:
    """What operators may set; `write` does it."""

    def __init__(self, sources: Mapping[str, ConfiguredSource], write: Write) -> None:
        self._write = write
        self._writable = {
            f"{name}.{channel.name}": (name, channel)
            for name, source in sources.items()
            for channel in source.channels
            if channel.writable
        }

    def commands(self) -> Commands:
        """The one command."""
        return {"write": taking(OfChannel, self._set)}

    async def _set(self, order: OfChannel) -> list[str]:
        source, channel = self._found(order)
        who = {"channel": order.channel, "value": order.value, "by": one_line(order.by), "why": one_line(order.why)}
        log.info("write_asked", **who)
        try:
            async with asyncio.timeout(PATIENCE):
                await self._write(source, channel.name, order.value)
        except TimeoutError:
            reason = f"its line had no time for it within {PATIENCE:g} s, or the device did not answer"
        except GatewaydError as error:
            reason = str(error)
        else:
            log.info("value_written", **who)
            return [f"{order.channel} is set to {order.value:.15g}{_unit(channel)}"]
        log.warning("write_failed", **who, reason=reason)
        raise RefusedError(f"{order.channel} was not set, as far as is known: {reason}")

    def _found(self, order: OfChannel) -> tuple[str, Channel]:
        """The channel, if it may be set to that."""
        known(order.channel, self._writable, "writable channel")
        source, channel = self._writable[order.channel]
        low, high = channel.writable or (0.0, 0.0)
        if not low <= order.value <= high:
            log.warning("write_refused", channel=order.channel, value=order.value, by=one_line(order.by))
            raise RefusedError(
                f"{order.channel} may be set to {low:.15g} to {high:.15g}{_unit(channel)}, not to {order.value:.15g}"
            )
        return source, channel


def _unit(channel: Channel) -> str:
    return f" {channel.unit}" if channel.unit else ""
