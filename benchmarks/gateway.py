"""The whole gateway against a bare loop of pymodbus and aiomqtt, side by side in one run.

10 devices of 50 float32 each at 10 Hz, every value forwarded; gatewayd besides with its durable outbox, a feature set
and a rule per device, and a kill -9 at the end after which nothing committed may be missing. Needs mosquitto.

Use: gateway.py [--seconds 20] [--rounds 3] [--devices 10] [--hz 10] [--idle]
"""

from __future__ import annotations

import argparse
import signal
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from stage import HERE, Receiver, broker, cpu, ended, field, pss, started

VALUES = 50
WARM_UP = 3.0

SITE = """\
[gateway]
id = "bench"
state_dir = "{state}"
[mqtt]
url = "mqtt://127.0.0.1:{mqtt_port}"
[summary]
every = "{summary}"
"""
READINGS = """\
[readings]
channels = ["*"]
every = "{every}"
"""
DEVICE = """\
[sources.dev{n}]
plugin = "modbus"
url = "tcp://127.0.0.1:{port}"
interval = "{interval}ms"
[sources.dev{n}.channels]
{channels}
[features.dev{n}]
channels = ["dev{n}.c0"]
window = "5s"
every = "1s"
compute = ["mean", "std", "rms", "kurtosis"]
[rules.dev{n}]
channel = "dev{n}.c1"
above = 1e9
for = "2s"
"""


@dataclass(frozen=True, slots=True)
class Job:
    """What is measured."""

    devices: int
    hz: float
    seconds: float
    every: str


@dataclass(frozen=True, slots=True)
class Figures:
    """One run of one gateway: CPU seconds per million values, PSS in MB, seconds from exec to the first value."""

    cpu: float
    pss: float
    start: float
    values: int
    missing: int = 0
    duplicates: int = 0


def config(folder: Path, job: Job, mqtt_port: int, ports: list[int], *, readings: bool, summary: str = "10s") -> Path:
    """A real config file."""
    channels = "\n".join(f'c{n} = {{ register = "holding:{2 * n}", type = "float32" }}' for n in range(VALUES))
    parts = [SITE.format(state=folder / "state", mqtt_port=mqtt_port, summary=summary)]
    parts += [READINGS.format(every=job.every)] if readings else []
    interval = round(1000 / job.hz)
    parts += [DEVICE.format(n=n, port=port, interval=interval, channels=channels) for n, port in enumerate(ports)]
    path = folder / "gatewayd.toml"
    path.write_text("\n".join(parts))
    return path


def measure(job: Job, who: str) -> Figures:
    """Run one gateway for a while."""
    with (
        tempfile.TemporaryDirectory(prefix="gatewayd-bench-") as name,
        broker(Path(name)) as mqtt_port,
        field(job.devices) as ports,
    ):
        folder = Path(name)
        receiver = Receiver(mqtt_port)
        with ended(receiver.process):
            gateway = [
                sys.executable,
                "-m",
                "gatewayd",
                "run",
                str(config(folder, job, mqtt_port, ports, readings=True)),
            ]
            bare = [
                sys.executable,
                str(HERE / "floor.py"),
                str(mqtt_port),
                str(2 * VALUES),
                str(1 / job.hz),
                *map(str, ports),
            ]
            figures = watched(job, receiver, gateway if who == "gatewayd" else bare, folder)
            return proven(figures, receiver, gateway, folder) if who == "gatewayd" else figures


def watched(job: Job, receiver: Receiver, command: list[str], folder: Path) -> Figures:
    """Start, warm up, measure, kill -9."""
    began = time.time()
    with (folder / "log").open("w") as log, ended(started(command, log)) as process:
        while not receiver.counts()["first"] and process.poll() is None:
            time.sleep(0.02)
        time.sleep(WARM_UP)
        before, used = receiver.counts(), cpu(process.pid)
        time.sleep(job.seconds)
        after, used = receiver.counts(), cpu(process.pid) - used
        values = after["values"] - before["values"]
        figures = Figures(used / values * 1e6, pss(process.pid), after["first"] - began, int(values))
        process.send_signal(signal.SIGKILL)
    return figures


def proven(figures: Figures, receiver: Receiver, command: list[str], folder: Path) -> Figures:
    """After the kill: start again, wait until all is sent, and look for what is missing."""
    with (folder / "log").open("a") as log, ended(started(command, log)) as process:
        time.sleep(5.0)
        process.terminate()
        process.wait(20)
    counts = receiver.counts()
    return replace(figures, missing=int(counts["missing"]), duplicates=int(counts["duplicates"]))


def idle(job: Job) -> None:
    """The cost of 10 devices at 1 Hz when only summaries are sent."""
    slow = Job(job.devices, 1.0, job.seconds, job.every)
    with (
        tempfile.TemporaryDirectory(prefix="gatewayd-bench-") as name,
        broker(Path(name)) as mqtt_port,
        field(slow.devices) as ports,
    ):
        path = config(Path(name), slow, mqtt_port, ports, readings=False, summary="60s")
        command = [sys.executable, "-m", "gatewayd", "run", str(path)]
        with (Path(name) / "log").open("w") as log, ended(started(command, log)) as process:
            time.sleep(WARM_UP + 2)
            used = cpu(process.pid)
            time.sleep(slow.seconds)
            used = cpu(process.pid) - used
            print(f"idle: {100 * used / slow.seconds:.2f} % of one core, {pss(process.pid):.1f} MB PSS")


def main() -> None:
    """Alternate the two and print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--devices", type=int, default=10)
    parser.add_argument("--hz", type=float, default=10)
    parser.add_argument("--every", default="500ms", help="how long gatewayd gathers readings")
    parser.add_argument("--idle", action="store_true", help="measure the idle daemon only")
    options = parser.parse_args()
    job = Job(options.devices, options.hz, options.seconds, options.every)
    if options.idle:
        idle(job)
        return
    runs: dict[str, list[Figures]] = {"bare loop": [], "gatewayd": []}
    for _ in range(options.rounds):
        for who, figures in runs.items():
            figures.append(measure(job, who))
            print(f"{who:<10} {figures[-1]}", flush=True)
    medians = {who: statistics.median(each.cpu for each in figures) for who, figures in runs.items()}
    for who, figures in runs.items():
        memory, start = (statistics.median(getattr(each, name) for each in figures) for name in ("pss", "start"))
        print(
            f"{who:<10} {medians[who]:6.2f} CPU-s per million values, {memory:5.1f} MB PSS, "
            f"first value after {start:.2f} s"
        )
    print(
        f"gatewayd / bare loop: {medians['gatewayd'] / medians['bare loop']:.2f}   missing after kill -9: "
        f"{sum(each.missing for each in runs['gatewayd'])}"
    )
    idle(job)


if __name__ == "__main__":
    main()
