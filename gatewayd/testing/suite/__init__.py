"""The conformance suite: what gatewayd relies on in a plugin, as tests that one line of a test file runs.

    TestConformance = conformance("tank", sensor)

Each of its tests says in words what is wrong, and what would be right.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from gatewayd.errors import PluginError
from gatewayd.testing.suite.declaring import DeclaringTests
from gatewayd.testing.suite.demands import ConformanceError
from gatewayd.testing.suite.failing import FailingTests
from gatewayd.testing.suite.features import FeatureTests
from gatewayd.testing.suite.packaging import PackagingTests
from gatewayd.testing.suite.reading import ReadingTests
from gatewayd.testing.suite.sampling import SampleTests
from gatewayd.testing.suite.subject import Device, Options, Subject

__all__ = ["ConformanceError", "conformance"]


def conformance(plugin: str, device: Device | Options | None = None, **options: Any) -> type[Subject]:
    """The suite for one plugin, as a class for pytest to collect: call it `Test...` in a test file.

    `device()` is an async context manager that is a device on this machine while it is entered, and gives the options
    of a source that reads it. Options in its place: such a source needs no device. None, and `options`: only what
    can be seen without a device is tested. A plugin that brings features only needs none of them.
    """
    if isinstance(device, Mapping):
        return _suite(plugin, (ReadingTests,), _none_but({**device, **options}))
    if device is None:
        return _suite(plugin, (), _none_but(options))
    return _suite(plugin, (ReadingTests, FailingTests), device)


def _suite(plugin: str, parts: tuple[type[Subject], ...], device: Device) -> type[Subject]:
    """Those parts, and what concerns the package, what a source declares, and features, as far as there are some."""
    source, features = _brings(plugin)
    parts = (*parts, *((DeclaringTests,) * source), *((FeatureTests,) * features), PackagingTests, SampleTests)
    return type("Conformance", parts, {"plugin": plugin, "device": lambda _: device()})


def _brings(plugin: str) -> tuple[bool, bool]:
    """Whether it brings a source type, and features; one that does not load was meant to bring a source type."""
    subject = type("Named", (Subject,), {"plugin": plugin})()
    try:
        source, features = subject.brings()
    except PluginError:
        return True, False
    return source, bool(features)


def _none_but(options: Options) -> Device:
    """A device that need not be there."""

    @asynccontextmanager
    async def device() -> AsyncIterator[Options]:
        yield options

    return device
