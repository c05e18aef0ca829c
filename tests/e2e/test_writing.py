"""An operator sets a register of a real device through a daemon that runs."""

from modbus_server import UNIT, on_tcp
from running_gateway import command, gateway, status, when

CONFIG = """\
[gateway]
id = "site"
state_dir = "state"
[mqtt]
url = "mqtt://127.0.0.1:1"
[sources.drive]
plugin = "modbus"
url = "{url}"
unit = {unit}
interval = "50ms"
[sources.drive.channels]
speed = {{ register = "holding:10", scale = 0.1, unit = "Hz", write = [0, 50] }}
level = {{ register = "holding:20" }}
[rules.fast]
channel = "drive.speed"
above = 40
"""


async def test_a_person_sets_what_the_config_lets_them_and_the_log_says_who(tmp_path):
    config = tmp_path / "gatewayd.toml"
    async with on_tcp() as url:
        config.write_text(CONFIG.format(url=url, unit=UNIT))
        async with gateway(config) as running:
            await running.logged("gateway_started")
            code, out, err = await command("write", "drive.speed", "45", config, "--by", "anna", "--why", "a trial")
            assert (code, out, err) == (0, "drive.speed is set to 45 Hz\n", "")
            written = await running.logged("value_written", channel="drive.speed")
            assert (written["value"], written["by"], written["why"]) == (45, "anna", "a trial")

            async def raised():
                return [alarm["rule"] for alarm in (await status(config))["alarms"]]

            assert await when(raised) == ["fast"]
            code, _, err = await command("write", "drive.speed", "-5", config)
            assert (code, err) == (1, "Error: drive.speed may be set to 0 to 50 Hz, not to -5\n")
            assert await running.stop() == 0
