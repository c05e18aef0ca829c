"""How long after a kill -9 the gateway publishes again, started as systemd would. Needs mosquitto.

10 Modbus devices of 50 float32 at 10 Hz. Measured is from the kill to the receiver's first value that was read after
it: the unit's RestartSec, the start, the first poll, the way. Exits with 1 when the slowest took longer than 5 s.

Use: restart.py [--kills 20]
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

from gateway import Job, config
from stage import HERE, Receiver, broker, ended, field, started

GOAL = 5.0
PATIENCE = 60.0
UNIT = HERE.parent / "systemd" / "gatewayd.service"
JOB = Job(devices=10, hz=10, seconds=0, every="500ms")


def restart_delay() -> float:
    """Seconds that systemd waits, by our unit."""
    found = re.search(r"^RestartSec=(\d+)s$", UNIT.read_text(), re.MULTILINE)
    assert found
    return float(found[1])


def fresh_value(receiver: Receiver, after: float) -> float:
    """When a value that was read after that moment has come."""
    until = time.time() + PATIENCE
    while receiver.counts()["newest"] <= after:
        assert time.time() < until, "no value came"
        time.sleep(0.01)
    return time.time()


def killed(command: list[str], receiver: Receiver, log: Path, delay: float) -> float:
    """Start it, let it work a while, kill it, start it as systemd does; seconds from the kill to a new value."""
    with log.open("a") as out:
        with ended(started(command, out)):
            fresh_value(receiver, time.time())
            time.sleep(random.uniform(0.5, 1.5))
        kill = time.time()
        time.sleep(delay)
        with ended(started(command, out)):
            return fresh_value(receiver, kill) - kill


def main() -> int:
    """Kill it again and again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    kills = parser.parse_args().kills
    delay = restart_delay()
    with (
        tempfile.TemporaryDirectory(prefix="gatewayd-bench-") as name,
        broker(Path(name)) as mqtt_port,
        field(JOB.devices) as ports,
    ):
        receiver = Receiver(mqtt_port)
        with ended(receiver.process):
            path = config(Path(name), JOB, mqtt_port, ports, readings=True)
            command = [sys.executable, "-m", "gatewayd", "run", str(path)]
            took = [killed(command, receiver, Path(name) / "log", delay) for _ in range(kills)]
    print(
        f"{kills} kills: a new value after {statistics.median(took):.2f} s, at most {max(took):.2f} s, "
        f"of which systemd waits {delay:.2f} s (goal: at most {GOAL:.0f} s)"
    )
    return int(max(took) > GOAL)


if __name__ == "__main__":
    sys.exit(main())
