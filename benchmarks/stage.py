"""The stage of a benchmark: a broker, simulated devices and a receiver as processes, and what a process costs."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

HERE = Path(__file__).parent
TICKS = os.sysconf("SC_CLK_TCK")


class Receiver:
    """The subscriber process."""

    def __init__(self, port: int) -> None:
        command = [sys.executable, str(HERE / "receiver.py"), str(port)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._out.readline() == "ready\n"

    @property
    def _out(self) -> IO[str]:
        assert self.process.stdout
        return self.process.stdout

    def counts(self) -> dict[str, float]:
        """What has arrived so far."""
        assert self.process.stdin
        self.process.stdin.write("?\n")
        self.process.stdin.flush()
        answer: dict[str, float] = json.loads(self._out.readline())
        return answer


def started(command: list[str], log: IO[str]) -> subprocess.Popen[str]:
    """A gateway whose modules are compiled to bytecode, as pip leaves them: where need be, its first start does it."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.Popen(command, stderr=log, text=True, env=environment)


@contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """A process that is ended at the end."""
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def broker(folder: Path) -> Iterator[int]:
    """A mosquitto on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    conf = folder / "mosquitto.conf"
    conf.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nlog_type none\n")
    command = [
        shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin") or sys.exit("no mosquitto"),
        "-c",
        str(conf),
    ]
    with ended(subprocess.Popen(command, text=True)):
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield port


@contextmanager
def field(devices: int) -> Iterator[list[int]]:
    """The simulated devices."""
    command = [sys.executable, str(HERE / "field.py"), str(devices)]
    with ended(subprocess.Popen(command, stdout=subprocess.PIPE, text=True)) as process:
        assert process.stdout
        yield json.loads(process.stdout.readline())


def cpu(pid: int) -> float:
    """User and system seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def pss(pid: int) -> float:
    """Proportional set size in MB."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(rollup.split("Pss:")[1].split()[0]) / 1024
