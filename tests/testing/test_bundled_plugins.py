"""The conformance suite on plugins that ship with gatewayd, as their authors would run it."""

from contextlib import asynccontextmanager
from pathlib import Path

from modbus_tcp import tcp_device

from gatewayd.testing import conformance

RECORDING = Path(__file__).parents[1] / "scenarios" / "spikes" / "input.csv"


@asynccontextmanager
async def modbus_device():
    async with tcp_device(lambda asked: asked.answer()) as url:
        channels = {"level": {"register": "holding:5"}, "temp": {"register": "holding:900", "scale": 0.1}}
        yield {"url": url, "unit": 1, "timeout": "500ms", "channels": channels}


TestSimulator = conformance("simulator", {"seed": 3, "burst": "1s"})
TestModbus = conformance("modbus", modbus_device)
TestFile = conformance("file", {"path": str(RECORDING), "values": "single", "pace": "poll"})
TestCycles = conformance("cycles")
