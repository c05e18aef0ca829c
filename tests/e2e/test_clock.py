"""The daemon on a machine whose clock is wrong when it starts, and is set while it runs: forwards, backwards."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from mosquitto import needs_mosquitto, running_mosquitto
from receiver import receiving
from running_gateway import gateway, status

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
CONFIG = """\
[gateway]
id = "site"
state_dir = "{state}"
[mqtt]
url = "mqtt://127.0.0.1:{mqtt}"
[sources.pump]
plugin = "simulator"
interval = "20ms"
[readings]
channels = ["pump.pressure"]
every = "100ms"
"""


class WallClock:
    """The wall clock of a process, which is off by what we say; its other clocks are the machine's."""

    def __init__(self, folder):
        self._file = folder / "faketime"
        self.off = timedelta()
        self.environment = {
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    def step(self, off):
        self.off = off
        new = self._file.with_suffix(".new")
        new.write_text(f"{off.total_seconds():+.0f}\n")
        new.replace(self._file)

    def shows(self, text):
        """Whether a time is one that this clock shows about now."""
        return text and abs(datetime.fromisoformat(text) - datetime.now(UTC) - self.off) < timedelta(minutes=1)


@pytest.mark.campaign
@needs_mosquitto
@pytest.mark.skipif(FAKETIME is None, reason="there is no libfaketime (package faketime)")
async def test_the_wall_clock_is_set_forwards_and_backwards_and_no_poll_notices(tmp_path):
    wall = WallClock(tmp_path)
    wall.step(datetime(1970, 1, 9, tzinfo=UTC) - datetime.now(UTC))
    config = tmp_path / "gatewayd.toml"
    async with running_mosquitto(tmp_path) as broker, receiving(broker.port) as receiver:
        config.write_text(CONFIG.format(state=tmp_path / "state", mqtt=broker.port))
        async with gateway(config, as_a_command=True, **wall.environment) as running:
            first = await receiver.first("readings")
            begun, before = time.monotonic(), await due(config)
            assert (first["time"], first["clock"]) == (None, "unset")
            assert (await status(config))["clock"] == "unset"
            for off in timedelta(), timedelta(hours=3), timedelta(days=-2):
                wall.step(off)
                await receiver.until(lambda: wall.shows(receiver.of("readings")[-1]["time"]))
                assert receiver.of("readings")[-1]["clock"] in ("set", "synchronized")
            polls, seconds = await due(config) - before, time.monotonic() - begun
            assert await running.stop() == 0
    assert polls == pytest.approx(seconds / 0.02, rel=0.1, abs=5), "not one more, not one less than time has passed"
    assert all(offset < 60 for message in receiver.of("readings") for offset in message["offsets"])
    assert not receiver.missing()


async def due(config):
    """The polls that were due so far, made or missed."""
    (source,) = (await status(config))["sources"]
    return source["polls"] + source["missed"]
