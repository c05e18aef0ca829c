"""The `modbus` source: registers and bits of a device on Modbus TCP, RTU, or RTU over TCP."""

from __future__ import annotations

from collections.abc import Callable

from gatewayd.plugin import Source, hookimpl
from gatewayd_plugins.modbus.source import Modbus


@hookimpl
def register_sources(register: Callable[[str, type[Source]], None]) -> None:
    """`plugin = "modbus"`."""
    register("modbus", Modbus)
