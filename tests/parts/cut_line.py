"""A mosquitto behind a line of its own that can be cut silently: nothing is refused, packets vanish. Needs root.

It runs in a network namespace. To cut the line, a route there swallows what goes to us, and then the kernel drops what
comes from us, too.
"""

import asyncio
import os
from contextlib import asynccontextmanager
from shutil import which

import pytest
from certificates import made_certificates
from mosquitto import BINARY, PATIENCE

PORT = 1883


class CutLine:
    """The broker's address, and the line to it."""

    def __init__(self):
        self._name = f"gwd{os.getpid() % 10_000}"
        self._ours = f"10.77.{os.getpid() % 250}.1"
        self.host = f"10.77.{os.getpid() % 250}.2"

    async def lay(self):
        name, ours, theirs = self._name, f"{self._name}g", f"{self._name}b"
        await _ip("netns", "add", name)
        await _ip("link", "add", ours, "type", "veth", "peer", "name", theirs)
        await _ip("link", "set", theirs, "netns", name)
        await _ip("addr", "add", f"{self._ours}/24", "dev", ours)
        await _ip("link", "set", ours, "up")
        await _ip("-n", name, "addr", "add", f"{self.host}/24", "dev", theirs)
        await _ip("-n", name, "link", "set", theirs, "up")
        # As behind a router: who answers no question for his address would soon be reported as unreachable.
        address = (await _ip("-n", name, "link", "show", theirs)).split("link/ether ")[1].split()[0]
        await _ip("neigh", "replace", self.host, "lladdr", address, "dev", ours, "nud", "permanent")

    async def take_up(self):
        await _ip("link", "del", f"{self._name}g")
        await _ip("netns", "del", self._name)

    async def cut(self):
        await _ip("-n", self._name, "route", "add", "blackhole", f"{self._ours}/32")

    async def mend(self):
        await _ip("-n", self._name, "route", "del", "blackhole", f"{self._ours}/32")

    async def start_broker(self, folder, made):
        tls = f"certfile {made.certificate}\nkeyfile {made.key}\n" if made else ""
        config = folder / "mosquitto-behind-the-line.conf"
        config.write_text(f"user root\nlistener {PORT} {self.host}\nallow_anonymous true\n{tls}")
        command = ("ip", "netns", "exec", self._name, BINARY, "-c", config)
        nowhere = asyncio.subprocess.DEVNULL
        return await asyncio.create_subprocess_exec(*command, stdout=nowhere, stderr=nowhere)


@asynccontextmanager
async def cut_line(folder, *, tls=False):
    """A line with a broker that answers; `line.authority` has signed its certificate, if there is one."""
    if BINARY is None or which("ip") is None or os.geteuid():
        pytest.skip("needs root, iproute2 and mosquitto")
    line = CutLine()
    try:
        await line.lay()
    except OSError as error:
        pytest.skip(f"this machine lays no line of its own: {error}")
    made = made_certificates(folder, line.host) if tls else None
    line.authority = made and made.authority
    broker = await line.start_broker(folder, made)
    try:
        async with asyncio.timeout(PATIENCE):
            while not await _answers(line.host):
                await asyncio.sleep(0.05)
        yield line
    finally:
        broker.terminate()
        await broker.wait()
        await line.take_up()


async def _ip(*arguments):
    process = await asyncio.create_subprocess_exec(
        "ip", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    told, failure = await process.communicate()
    if process.returncode:
        raise OSError(f"ip {' '.join(arguments)}: {failure.decode().strip()}")
    return told.decode()


async def _answers(host):
    try:
        _, writer = await asyncio.open_connection(host, PORT)
    except OSError:
        return False
    writer.close()
    return True
