"""The gatewayd plugin iio: accelerometers that Linux drives by itself, the cheapest vibration sensors there are."""

from __future__ import annotations

from collections.abc import Callable

from gatewayd.plugin import Source, hookimpl

from gatewayd_iio.source import Iio


@hookimpl
def register_sources(register: Callable[[str, type[Source]], None]) -> None:
    """`plugin = "iio"`."""
    register("iio", Iio)
