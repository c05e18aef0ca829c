"""A real mosquitto on a free port of this machine, with whatever its configuration can be made to do."""

import asyncio
import shutil
from contextlib import asynccontextmanager

import pytest
from ports import free_port

BINARY = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/sbin")
PATIENCE = 10.0

needs_mosquitto = pytest.mark.skipif(BINARY is None, reason="mosquitto is not installed")


class Mosquitto:
    """A broker that can be stopped and started again on the same port."""

    def __init__(self, folder, port, options):
        self.port = port
        self._config = folder / f"mosquitto-{port}.conf"
        # As root mosquitto would become another user, who cannot read a test's files.
        self._config.write_text("\n".join(["user root", f"listener {port} 127.0.0.1", *options, ""]))
        self._process = None

    async def start(self):
        self._process = await asyncio.create_subprocess_exec(
            BINARY, "-c", str(self._config), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        async with asyncio.timeout(PATIENCE):
            while not await _answers(self.port):
                assert self._process.returncode is None, f"mosquitto does not run with {self._config.read_text()}"
                await asyncio.sleep(0.01)

    async def stop(self):
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()


@asynccontextmanager
async def running_mosquitto(folder, *options, anonymous=True):
    """A broker with these further lines of configuration; its file goes to the folder."""
    if BINARY is None:
        pytest.skip("mosquitto is not installed")
    broker = Mosquitto(folder, free_port(), [f"allow_anonymous {str(anonymous).lower()}", *options])
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()


async def _answers(port):
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
