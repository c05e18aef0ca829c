"""What the uplink costs on a line that is paid by the byte: bytes a day by profile, with TLS.

Needs mosquitto and openssl.
The kernel counts what goes over our socket (TCP_INFO): bytes and segments, acknowledgements among them; each segment
costs 52 bytes of IPv4 and TCP besides. Measured are a connection, a summary of eight channels, a ping and a report of
what waits, each by itself; a day is their sum. What a line loses and sends again is not in it.
Use: line.py [--channels 8] [--messages 20]
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from stage import ended

from gatewayd import clock
from gatewayd.clock import Dating
from gatewayd.records import ChannelSummary, Summary
from gatewayd.uplink import payload
from gatewayd.uplink.mqtt import client
from gatewayd.uplink.mqtt.broker import Broker, Tls
from gatewayd.uplink.mqtt.connection import Connection, Message
from gatewayd.uplink.mqtt.profile import LAN, LTE, Profile
from gatewayd.uplink.row import MessageClass, Row

HEADERS = 52
"""Bytes: IPv4 20, TCP 20, its timestamps 12."""
DAY, MINUTE = 86_400, 60
PAUSE = 0.2
"""Seconds between two messages: longer than an acknowledgement is held back, so that each costs what it costs alone."""
TOPIC = "gatewayd/hafen-01"
IMPATIENT = replace(LAN, keepalive=1)


class Meter:
    """Bytes on the line of the last socket that was dialled, both ways."""

    def __init__(self) -> None:
        self.socket: socket.socket

    def read(self) -> int:
        """All since it was opened."""
        info = self.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 144)
        sent, received, segments_out, segments_in = struct.unpack_from("=QQII", info, 120)
        return int(sent + received + HEADERS * (segments_out + segments_in))

    @asynccontextmanager
    async def attached(self) -> AsyncIterator[None]:
        """Watch what is dialled."""
        dial = client.dial

        async def watched(broker: Broker) -> socket.socket:
            self.socket = await dial(broker)
            return self.socket

        client.dial = watched
        yield
        client.dial = dial


def summary(channels: int) -> bytes:
    """A summary as it is sent."""
    now = clock.now()
    names = (f"vibration.band_rms({number}0, 1000)" for number in range(channels))
    content = tuple(ChannelSummary(name=each, count=60, mean=4.2137, min=4.02, max=6.41, last=6.38) for each in names)
    record = Summary(boot=clock.boot(), source="pump1", start=now - MINUTE * 10**9, end=now, channels=content, polls=60)
    row = Row(1, MessageClass.SUMMARY, 123_456, record, late=False, epoch="8c1f2a5e9b7d4c30")
    return payload.encode(row, "hafen-01", lambda _: Dating(10**18, vouched=True))[1]


async def cost(meter: Meter, each: Callable[[], Awaitable[object]], times: int) -> float:
    """Bytes of one of so many."""
    await asyncio.sleep(PAUSE)
    before = meter.read()
    for _ in range(times):
        await each()
        await asyncio.sleep(PAUSE)
    return (meter.read() - before) / times


async def measured(broker: Broker, channels: int, times: int) -> dict[str, float]:
    """Bytes of a connection, a summary, a report, a ping."""
    meter = Meter()
    status = Message(f"{TOPIC}/status", payload.status("hafen-01", "lost", None), retain=True)
    birth = payload.birth("hafen-01", payload.Moment(None, Dating().state), {"version": "0", "sources": {}})

    def published(connection: Connection, level: str, content: bytes) -> Callable[[], Awaitable[object]]:
        return lambda: connection.publish(Message(f"{TOPIC}/{level}", content))

    async with meter.attached(), client.connect(broker, status) as connection:
        await asyncio.gather(connection.publish(status), published(connection, "birth", birth)())
        await asyncio.sleep(PAUSE)
        report = payload.status("hafen-01", "online", payload.Moment(10**18, Dating(1, vouched=True).state), waiting=0)
        return {
            "connection": meter.read(),
            "summary": await cost(meter, published(connection, "summary/pump1", summary(channels)), times),
            "report": await cost(meter, published(connection, "status", report), times),
            "ping": await pings(meter),
        }


async def pings(meter: Meter) -> float:
    """Bytes of a ping; while nothing else is sent there is one a second (`IMPATIENT`)."""
    before, seconds = meter.read(), 6
    await asyncio.sleep(seconds)
    return (meter.read() - before) / seconds


def day(bytes_of: dict[str, float], profile: Profile, every: float) -> float:
    """Bytes of a day with one source that is summed up so often, and without trouble."""
    reports, summaries = DAY / profile.refresh, DAY / every
    silence = min(every, profile.refresh)
    pings = (DAY / silence) * max(0, (silence - 1) // profile.keepalive)
    return summaries * bytes_of["summary"] + reports * bytes_of["report"] + pings * bytes_of["ping"]


def certificate(folder: Path) -> None:
    """One that signs itself, for 127.0.0.1."""
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    subprocess.run([*command.split(), *names], check=True, capture_output=True)


async def main(folder: Path, port: int, channels: int, times: int) -> None:
    """Measure and print."""
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        await asyncio.sleep(0.02)
    tls = Tls(folder / "cert.pem")
    broker = Broker(host="127.0.0.1", port=port, client_id="hafen-01", tls=tls, profile=IMPATIENT)
    bytes_of = await measured(broker, channels, times)
    print(f"a summary of {channels} channels is {len(summary(channels))} bytes of JSON; on the line, with TLS:")
    for name, size in bytes_of.items():
        print(f"  {name:<11} {size:7.0f} bytes")
    for name, profile in (("lan", LAN), ("lte", LTE)):
        for every in (60, 600):
            total = day(bytes_of, profile, every) / 1e6
            print(
                f'profile "{name}", a summary every {every:>3} s: {total:5.2f} MB a day, {total * 30:6.1f} MB a month'
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--channels", type=int, default=8)
    parser.add_argument("--messages", type=int, default=20)
    options = parser.parse_args()
    mosquitto = shutil.which("mosquitto", path="/usr/bin:/usr/sbin:/usr/local/sbin") or sys.exit("no mosquitto")
    with tempfile.TemporaryDirectory() as name, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number, here = free.getsockname()[1], Path(name)
        free.close()
        certificate(here)
        tls = f"certfile {here}/cert.pem\nkeyfile {here}/key.pem\nuser root\n"
        (here / "conf").write_text(f"listener {number} 127.0.0.1\nallow_anonymous true\nlog_type none\n{tls}")
        with ended(subprocess.Popen([mosquitto, "-c", str(here / "conf")], stderr=subprocess.DEVNULL, text=True)):
            asyncio.run(main(here, number, options.channels, options.messages))
