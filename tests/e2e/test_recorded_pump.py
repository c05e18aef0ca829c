"""A recorded pump, served as a Modbus device one row a read, from the register to the broker's subscriber."""

import os
from pathlib import Path

import numpy as np
import pytest
from mosquitto import needs_mosquitto, running_mosquitto
from pump_device import pump_device
from receiver import receiving
from running_gateway import gateway

DATA = Path(os.environ.get("GATEWAYD_DATA", Path(__file__).parents[3] / "shared" / "data"))
RECORDING = DATA / "skab" / "valve1" / "11.csv"
CHANNELS = ("vibration1", "vibration2", "current", "pressure", "motor_temp", "water_temp", "voltage", "flow")
FLOW = CHANNELS.index("flow")
NORMAL, CLOSED = 580, 960
"""From which row on and up to which: the valve closes in between, and opens again."""

CONFIG = """\
[gateway]
id = "skab"
state_dir = "{state}"
[mqtt]
url = "mqtt://127.0.0.1:{mqtt}"
[sources.pump]
plugin = "modbus"
url = "tcp://127.0.0.1:{modbus}"
interval = "10ms"
[sources.pump.channels]
{channels}
[rules.valve_closed]
channel = "pump.flow"
below = 30.0
deadband = 0.5
for = "100ms"
severity = "critical"
[summary]
every = "1s"
"""


@needs_mosquitto
@pytest.mark.skipif(not RECORDING.exists(), reason=f"no recording at {RECORDING} (set GATEWAYD_DATA)")
async def test_summaries_have_the_means_of_the_file_and_the_closing_valve_raises_an_alarm(tmp_path):
    rows = np.genfromtxt(RECORDING, delimiter=";", skip_header=1, usecols=range(1, 9))[NORMAL:CLOSED].astype(np.float32)
    channels = "\n".join(f'{n} = {{ register = "holding:{2 * i}", type = "float32" }}' for i, n in enumerate(CHANNELS))
    async with (
        running_mosquitto(tmp_path) as broker,
        receiving(broker.port) as receiver,
        pump_device(rows) as (_, modbus),
    ):
        config = tmp_path / "gatewayd.toml"
        config.write_text(CONFIG.format(state=tmp_path / "state", mqtt=broker.port, modbus=modbus, channels=channels))
        async with gateway(config) as running:
            await receiver.until(lambda: _count(receiver, "flow") == len(rows), patience=60)
            assert await running.stop() == 0
    for number, name in enumerate(CHANNELS):
        summaries = [s["channels"][name] for s in receiver.of("summary") if s["channels"][name]["count"]]
        expected = rows[:, number].astype(np.float64)
        assert sum(s["count"] * s["mean"] for s in summaries) / len(rows) == pytest.approx(expected.mean(), rel=1e-12)
        assert min(s["min"] for s in summaries) == expected.min()
        assert max(s["max"] for s in summaries) == expected.max()
    assert len(receiver.of("summary")) >= 3
    raised, cleared = receiver.of("alarm")[:2]
    assert (raised["rule"], raised["state"], raised["severity"]) == ("valve_closed", "raised", "critical")
    assert raised["value"] == rows[_closing(rows), FLOW]
    assert cleared["state"] == "cleared"
    assert not receiver.missing()


def _count(receiver, name):
    return sum(summary["channels"][name]["count"] for summary in receiver.of("summary"))


def _closing(rows):
    """The row that a limit with an on-delay of 100 ms finds, at one row each 10 ms: any of those that are as low."""
    return next(n + 10 for n in range(len(rows)) if (rows[n : n + 11, FLOW] < 30.0).all())
