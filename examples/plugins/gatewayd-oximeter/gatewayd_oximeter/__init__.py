"""The gatewayd plugin oximeter: Bluetooth pulse oximeters, and how often the saturation falls."""

from __future__ import annotations

from collections.abc import Callable

from gatewayd.plugin import FeatureFunction, Source, hookimpl

from gatewayd_oximeter.desaturation import events, longest, odi
from gatewayd_oximeter.source import Oximeter


@hookimpl
def register_sources(register: Callable[[str, type[Source]], None]) -> None:
    """`plugin = "oximeter"`."""
    register("oximeter", Oximeter)


@hookimpl
def register_features(register: Callable[[str, FeatureFunction, str], None]) -> None:
    """`oximeter.odi`, `oximeter.events`, `oximeter.longest`."""
    register("odi", odi, "1/h")
    register("events", events, "1")
    register("longest", longest, "s")
