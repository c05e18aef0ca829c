"""Operators set channels: within limits, and every attempt is logged with who asked."""

import asyncio

import pytest
from structlog.testing import capture_logs

from gatewayd.configured import ConfiguredSource
from gatewayd.errors import GatewaydError
from gatewayd.operators import WriteDesk, writing
from gatewayd.operators.requests import RefusedError
from gatewayd.plugin import Channel, Source

CHANNELS = (Channel("setpoint", "bar", writable=(0.0, 6.0)), Channel("pressure", "bar"))


class Plant:
    """What was written, or why it cannot be."""

    def __init__(self):
        self.written = []
        self.failure = ""
        self.desk = WriteDesk({"pump1": ConfiguredSource("pump1", "x", Source(), (), (), None, CHANNELS)}, self.write)

    async def write(self, source, channel, value):
        if self.failure:
            raise GatewaydError(self.failure)
        self.written.append((source, channel, value))

    async def order(self, **order):
        return await self.desk.commands()["write"]({"channel": "pump1.setpoint", "by": "anna", "why": "test", **order})


@pytest.fixture
def plant():
    return Plant()


async def test_a_value_within_the_limits_is_set_and_logged_with_who_asked(plant):
    with capture_logs() as logs:
        assert await plant.order(value=4.5) == ["pump1.setpoint is set to 4.5 bar"]
    assert plant.written == [("pump1", "setpoint", 4.5)]
    assert [each["event"] for each in logs] == ["write_asked", "value_written"]
    told = {"channel": "pump1.setpoint", "value": 4.5, "by": "anna", "why": "test", "log_level": "info"}
    assert all(each == told | {"event": each["event"]} for each in logs)


@pytest.mark.parametrize("value", [-0.1, 6.1, float("nan"), float("inf")])
async def test_a_value_beyond_the_limits_is_refused_and_logged(plant, value):
    with capture_logs() as logs, pytest.raises(RefusedError, match=r"may be set to 0 to 6 bar, not to"):
        await plant.order(value=value)
    assert plant.written == []
    assert [(each["event"], each["by"]) for each in logs] == [("write_refused", "anna")]


async def test_what_is_refused_is_told_to_its_last_digit(plant):
    with pytest.raises(RefusedError, match=r"may be set to 0 to 6 bar, not to 6\.0000001"):
        await plant.order(value=6.0000001)
    assert await plant.order(value=1.2345678) == ["pump1.setpoint is set to 1.2345678 bar"]


@pytest.mark.parametrize("channel", ["pump1.pressure", "pump1.setpont", "setpoint"])
async def test_what_is_not_declared_writable_cannot_be_set(plant, channel):
    with pytest.raises(RefusedError, match=r"no writable channel is called .*pump1\.setpoint"):
        await plant.order(channel=channel, value=1.0)


async def test_a_failure_is_said_and_logged(plant):
    plant.failure = "no answer within 1 s"
    with capture_logs() as logs, pytest.raises(RefusedError, match="was not set, as far as is known: no answer"):
        await plant.order(value=1.0)
    assert [(each["event"], each.get("reason")) for each in logs] == [
        ("write_asked", None),
        ("write_failed", "no answer within 1 s"),
    ]


async def test_nobody_waits_for_ever(plant, monkeypatch):
    monkeypatch.setattr(writing, "PATIENCE", 0.01)

    async def never(*_):
        await asyncio.Event().wait()

    plant.desk = WriteDesk(
        {"pump1": ConfiguredSource("pump1", "x", Source(), (), (), None, CHANNELS)},
        never,
    )
    with pytest.raises(RefusedError, match="had no time for it within"):
        await plant.order(value=1.0)
