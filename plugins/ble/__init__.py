"""The `ble` source: sensors that say what they measure over Bluetooth Low Energy."""

from __future__ import annotations

from collections.abc import Callable

from gatewayd.plugin import Source, hookimpl
from gatewayd_plugins.ble.source import Ble


@hookimpl
def register_sources(register: Callable[[str, type[Source]], None]) -> None:
    """`plugin = "ble"`."""
    register("ble", Ble)
