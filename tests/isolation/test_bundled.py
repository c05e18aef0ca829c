import asyncio
from dataclasses import dataclass, field

import pytest
from isolated_plugins import CONFIG, PATIENCE
from modbus_tcp import tcp_device

from gatewayd.config import load
from gatewayd.isolation import Isolation
from gatewayd.sources import Field

DEVICE = """
[sources.pump1]
plugin = "modbus"
url = "{url}"
interval = "50ms"
isolation = "process"
channels.pressure = {{ register = "holding:100", scale = 0.1, unit = "bar" }}
channels.flow = {{ register = "holding:101" }}
"""


@dataclass
class First:
    """Lets a test wait for the first good poll."""

    polled: asyncio.Future = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def feed(self, item):
        if not (item.failed or self.polled.done()):
            self.polled.set_result(item)


@pytest.mark.campaign
async def test_a_modbus_device_is_read_from_another_process(tmp_path):
    first = First()
    async with tcp_device(lambda request: request.answer()) as url:
        path = tmp_path / "gatewayd.toml"
        path.write_text(CONFIG + DEVICE.format(url=url))
        config = load(path)
        task = asyncio.create_task(Field(config.sources.values(), config.plan, first.feed, Isolation().line).run())
        async with asyncio.timeout(PATIENCE):
            polled = await first.polled
        task.cancel()
        await asyncio.wait({task})
    names = [config.plan.channels[number].name for number in config.plan.groups[polled.group].channels]
    assert dict(zip(names, polled.values.tolist(), strict=True)) == {"pump1.pressure": 10.0, "pump1.flow": 101.0}
