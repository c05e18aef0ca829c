"""One soak in a process of its own, with nothing in it but the gateway and its devices, and exact accounts of memory.

PYTHONPATH=tests/parts python tests/parts/soak_alone.py "modbus tcp" 100000 300 0.2 FOLDER
"""

import argparse
import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path

from grown import Grown
from growth import EXACT
from leaking import leaking, tight
from mosquitto import running_mosquitto
from soak_ble import ble_site
from soak_broker import broker_site
from soak_modbus import rtu_site, tcp_site
from soaking import polled, running, soaked

from gatewayd.uplink import sender
from gatewayd.uplink.backoff import Backoff

DEVICES = {"modbus tcp": tcp_site, "modbus rtu": rtu_site, "ble": ble_site}
BROKER = "broker"
RESULT = "soak.npz"
HELD_BACK = 2.0
"""Seconds without a broker before anything is measured: more waits then than ever after, and Python has all the pages
that it needs in the worst of moments.
"""


def soak(protocol, polls, breaks, warm_up, folder, *, leaks=False):
    """What grew in it: Grown."""
    command = [sys.executable, __file__, protocol, str(polls), str(breaks), str(warm_up), str(folder)]
    paths = [str(Path(__file__).parent), *sys.path]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "GLIBC_TUNABLES": EXACT}
    log = folder / "log.txt"
    with log.open("wb") as told:
        ended = subprocess.run(
            [*command, *(["--leaks"] if leaks else [])], env=environment, stdout=told, stderr=told, check=False
        )
    assert ended.returncode == 0, log.read_text(errors="replace")[-10_000:]
    return Grown.load(folder / RESULT)


async def soaked_site(site, port, mosquitto, options):
    """The gateway with the devices of a site, and what grew."""
    readings = "10ms" if options.protocol == BROKER else "200ms"
    async with running(options.folder, site, port, readings) as status:
        await mosquitto.stop()
        await asyncio.sleep(HELD_BACK)
        await mosquitto.start()
        with (leaking if options.leaks else tight)() as leak:
            growth = await soaked(site, status, options.polls, options.breaks, options.warm_up, leak=leak)
            now = status()
            failed = sum(source.failed for source in now.sources)
            return growth.grown(polls=polled(now), failed=failed, breaks=site.breaks, messages=now.uplink.acked)


async def fill_the_pool():
    """Have all threads that asyncio may make for calls that block: else the last ones come when many calls meet."""
    most = min(32, os.cpu_count() + 4)  # as ThreadPoolExecutor has it
    barrier = threading.Barrier(most)
    await asyncio.gather(*(asyncio.to_thread(barrier.wait) for _ in range(most)))


async def main(options):
    await fill_the_pool()
    sender.Backoff = lambda **_: Backoff(0.01, 0.05)
    async with running_mosquitto(options.folder) as mosquitto:
        if options.protocol == BROKER:
            async with broker_site(options.folder, mosquitto.port) as site:
                grown = await soaked_site(site, site.port, mosquitto, options)
        else:
            async with DEVICES[options.protocol](options.folder) as site:
                grown = await soaked_site(site, mosquitto.port, mosquitto, options)
    grown.save(options.folder / RESULT)
    print(grown, grown.said)  # noqa: T201


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("protocol", choices=[*DEVICES, BROKER])
    arguments.add_argument("polls", type=int)
    arguments.add_argument("breaks", type=int)
    arguments.add_argument("warm_up", type=float)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--leaks", action="store_true")
    asyncio.run(main(arguments.parse_args()))
