"""The `modbus` source: registers and bits of a device on Modbus TCP, RTU, or RTU over TCP."""

from __future__ import annotations

from collections.abc import Callable

from gatewayd.plugin import Source, hookimpl


@hookimpl
def register_sources(register: Callable[[str, type[Source]], None]) -> None:
    """`plugin = "modbus"`."""
    from gatewayd_plugins.modbus.source import Modbus  # noqa: PLC0415 - to list the commands it is not needed

    register("modbus", Modbus)
