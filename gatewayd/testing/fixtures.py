"""The fixtures of the kit. pytest loads this module at every start, wherever gatewayd is installed: it imports little.

They are the functions of `gatewayd.testing`, at hand without an import.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

OPTION = "--record-traffic"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option that records what a real device says."""
    parser.getgroup("gatewayd").addoption(
        OPTION,
        metavar="HOST:PORT",
        help="tests with the fixture recorded_traffic ask this device and record what it says, instead of replaying it",
    )


@pytest.fixture
def simulate() -> Callable[..., Any]:
    """Run a coroutine in simulated time: hours in milliseconds. `simulate(coroutine)` gives what it returns."""
    from gatewayd.testing.simulated import simulate  # noqa: PLC0415 - see the module

    return simulate


@pytest.fixture
def polling() -> Callable[..., AbstractAsyncContextManager[Any]]:
    """Sources, polled as gatewayd does it.

    `async with polling(tank1={"plugin": "tank", ...}) as bench`
    """
    from gatewayd.testing.bench import polling  # noqa: PLC0415

    return polling


@pytest.fixture
def by_hand() -> Callable[..., AbstractAsyncContextManager[Any]]:
    """Call a source as gatewayd does, poll by poll.

    `async with by_hand(plugin="tank", ...) as hand`
    """
    from gatewayd.testing.hand import by_hand  # noqa: PLC0415

    return by_hand


@pytest.fixture
def serving() -> Callable[..., AbstractAsyncContextManager[int]]:
    """A fake device on a free TCP port.

    `async with serving(handler) as port`
    """
    from gatewayd.testing.server import serving  # noqa: PLC0415

    return serving


@pytest.fixture
def serial_port() -> Callable[..., AbstractAsyncContextManager[str]]:
    """A fake bus on a serial port.

    `async with serial_port(handler) as path`
    """
    from gatewayd.testing.bus import serial_port  # noqa: PLC0415

    return serial_port


@pytest.fixture
def faulty_wire() -> Callable[..., AbstractAsyncContextManager[Any]]:
    """A wire to a fake device that drops, delays, garbles and cuts.

    `async with faulty_wire(port) as wire`
    """
    from gatewayd.testing.faults import faulty_wire  # noqa: PLC0415

    return faulty_wire


@pytest.fixture
def recorded_traffic(request: pytest.FixtureRequest) -> Callable[[str], AbstractAsyncContextManager[int]]:
    """A file that stands in for a device.

    `async with recorded_traffic("pump.jsonl") as port`

    The file is beside the test. `pytest --record-traffic 10.0.0.5:502` asks the device itself and writes the file.
    """
    from gatewayd.testing.traffic import recording, replaying  # noqa: PLC0415

    device: str | None = request.config.getoption(OPTION)

    def traffic(name: str) -> AbstractAsyncContextManager[int]:
        path = Path(request.path).parent / name
        if device is None:
            return replaying(path)
        host, _, port = device.rpartition(":")
        return recording(path, host, int(port))

    return traffic
