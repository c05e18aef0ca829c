"""A pump without hardware: the `simulator` source, and the `gatewayd demo` that shows the whole gateway at work."""

from __future__ import annotations

from collections.abc import Callable

from gatewayd.plugin import Source, hookimpl
from gatewayd_plugins.simulator.source import Simulator


@hookimpl
def register_sources(register: Callable[[str, type[Source]], None]) -> None:
    """`plugin = "simulator"`."""
    register("simulator", Simulator)
