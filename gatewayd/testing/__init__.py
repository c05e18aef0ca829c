"""PUBLIC: the kit for plugin authors: a conformance suite, sources polled for real, devices that misbehave on demand.

pytest knows its fixtures wherever gatewayd is installed (`pytest --fixtures` lists them); see docs/plugin-testing.md.
What is named here is imported when it is first used, since pytest loads this package at every start.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gatewayd.testing.bench import Bench, Reading, configured, polling, problems
    from gatewayd.testing.bus import serial_port
    from gatewayd.testing.faults import FaultyWire, faulty_wire
    from gatewayd.testing.hand import Hand, by_hand
    from gatewayd.testing.lines import FakeLine
    from gatewayd.testing.making import made
    from gatewayd.testing.server import serving
    from gatewayd.testing.simulated import START, SimulatedLoop, hold, simulate
    from gatewayd.testing.suite import ConformanceError, conformance
    from gatewayd.testing.traffic import TrafficError, recording, replaying

_HOME = {
    "bench": ("Bench", "Reading", "configured", "polling", "problems"),
    "hand": ("Hand", "by_hand"),
    "suite": ("ConformanceError", "conformance"),
    "faults": ("FaultyWire", "faulty_wire"),
    "lines": ("FakeLine",),
    "making": ("made",),
    "bus": ("serial_port",),
    "server": ("serving",),
    "simulated": ("START", "SimulatedLoop", "hold", "simulate"),
    "traffic": ("TrafficError", "recording", "replaying"),
}
_MODULES = {name: f"gatewayd.testing.{module}" for module, names in _HOME.items() for name in names}

__all__ = [
    "START",
    "Bench",
    "ConformanceError",
    "FakeLine",
    "FaultyWire",
    "Hand",
    "Reading",
    "SimulatedLoop",
    "TrafficError",
    "by_hand",
    "configured",
    "conformance",
    "faulty_wire",
    "hold",
    "made",
    "polling",
    "problems",
    "recording",
    "replaying",
    "serial_port",
    "serving",
    "simulate",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
