"""The site of a demo: a folder with a config file as an integrator would write it, and the daemon's log."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

CONFIG = """\
# One pump, what to compute, when to raise an alarm, and where to send it: a complete gateway.
# `gatewayd demo` wrote this file, so it points at the demo's own pump and broker.
# To check it after a change of yours:  gatewayd check {config}

[gateway]
id = "demo"
state_dir = "state"               # beside this file

[mqtt]
url = "mqtt://127.0.0.1:{mqtt_port}"
protocol = "3.1.1"                # only because the demo's little broker does not know MQTT 5

[sources.pump1]                   # a device on Modbus TCP, polled once a second,
plugin = "modbus"
url = "tcp://127.0.0.1:{modbus_port}"
unit = 1
interval = "1s"

[sources.pump1.channels]          # some of its registers ten times
pressure  = {{ register = "holding:100", type = "float32", unit = "bar", interval = "100ms" }}
flow      = {{ register = "holding:102", type = "float32", unit = "l/min", interval = "100ms" }}
vibration = {{ register = "holding:104", type = "float32", unit = "m/s2", interval = "100ms" }}
power     = {{ register = "holding:106", type = "float32", unit = "W" }}
body_temp = {{ register = "input:10", type = "int16", scale = 0.1, unit = "Cel" }}
running   = {{ register = "coil:0" }}

[features.vibration]              # sliding windows give pump1.vibration.rms and pump1.vibration.std ...
channels = ["pump1.vibration"]
window = "2s"                     # (short, so that a demo is soon over; a site would take 10s or more)
every = "500ms"
compute = ["rms", "std"]

[features.pressure]               # ... and pump1.pressure.std
channels = ["pump1.pressure"]
window = "2s"
every = "500ms"
compute = ["std"]

[rules.rough_running]             # an alarm when it vibrates twice as much as it should
channel = "pump1.vibration.rms"
above = 3.2
deadband = 0.4                    # it clears below 2.8
for = "1s"
while = "pump1.running"
severity = "warning"
text = "Cavitation or a bearing: listen to the pump, look at its suction side."

[rules.no_flow]
channel = "pump1.flow"
below = 40.0
deadband = 20.0
for = "1s"
while = "pump1.running"
severity = "critical"
text = "It runs dry: stop it before the seal burns."

[summary]                         # one compact message per source and period
every = "{summary_every}s"

[readings]                        # every reading of these too, some together (dear on a metered link)
channels = ["pump1.*"]
every = "1s"
"""


@dataclass(frozen=True, slots=True)
class Site:
    """The files of one demo."""

    folder: Path

    @classmethod
    def fresh(cls) -> Site:
        """A site in a new folder for temporary files."""
        return cls(Path(tempfile.mkdtemp(prefix="gatewayd-demo-")))

    @property
    def config(self) -> Path:
        """The config that the daemon runs with."""
        return self.folder / "gatewayd.toml"

    @property
    def log(self) -> Path:
        """What the daemon says."""
        return self.folder / "gatewayd.log"

    def write(self, *, modbus_port: int, mqtt_port: int, seconds: float) -> None:
        """Write the config for a demo of so many seconds."""
        self.config.write_text(
            CONFIG.format(
                config=self.config,
                modbus_port=modbus_port,
                mqtt_port=mqtt_port,
                summary_every=min(max(round(seconds / 20), 2), 10),
            ),
            encoding="utf-8",
        )
