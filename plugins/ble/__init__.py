"""The `ble` source: sensors that say what they measure over Bluetooth Low Energy."""

from __future__ import annotations

from collections.abc import Callable

from gatewayd.plugin import Source, hookimpl

try:
    from gatewayd_plugins.ble.source import Ble
except ModuleNotFoundError as error:
    if error.name not in {"bleak", "dbus_fast"}:
        raise
    raise ImportError(f"it needs {error.name}: pip install 'gatewayd[ble]'") from error


@hookimpl
def register_sources(register: Callable[[str, type[Source]], None]) -> None:
    """`plugin = "ble"`."""
    register("ble", Ble)
