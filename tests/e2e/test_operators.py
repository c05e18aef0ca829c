"""Operators at a daemon that runs: alarms, evidence, maintenance; and the record of it all, through kill and reload."""

import json

import numpy as np
import pytest
from recorded import replayed
from running_gateway import command, gateway, status, when

from gatewayd.config import load
from gatewayd.evidence import kept, opened
from gatewayd.recorder import Begun, Missed, read
from gatewayd.records import Alarm, AlarmState

CONFIG = """\
[gateway]
id = "site"
state_dir = "state"
[mqtt]
url = "mqtt://127.0.0.1:1"
[record]
max_size = "20MB"
[evidence]
before = "2s"
after = "500ms"
[sources.pump]
plugin = "simulator"
interval = "50ms"
burst = "1s"
[rules.pressure]
channel = "pump.pressure"
above = 1.0
for = "1500ms"
latch = true
[rules.flow]
channel = "pump.flow"
below = 1.0
"""


def site(folder, text=CONFIG):
    config = folder / "gatewayd.toml"
    config.write_text(text)
    return config


async def raised(config):
    """Wait for an alarm, and for its evidence to be complete."""

    async def complete():
        there = kept(config.parent / "state" / "evidence")
        return there and opened(there[-1].path)["complete"] and there[-1]

    return await when(complete)


async def done(*arguments):
    code, out, err = await command(*arguments)
    assert code == 0, err
    return out


async def test_an_operator_sees_acknowledges_and_shelves_an_alarm_and_looks_at_its_evidence(tmp_path):
    config = site(tmp_path)
    async with gateway(config) as running:
        evidence = await raised(config)
        assert "pressure  warning   raised" in await done("alarm", "list", config)
        assert "acknowledged by anna" in await done("alarm", "ack", "pressure", config, "--by", "anna")
        code, _, err = await command("alarm", "ack", "pressure", config)
        assert (code, err) == (1, "Error: pressure has been acknowledged already by anna\n")
        shown = await done("alarm", "show", "pressure", config)
        assert evidence.id in shown
        assert "waveform of pump.acceleration before" in shown
        assert "shelved for 2 h" in await done("alarm", "shelve", "pressure", config, "--for", "2h")
        assert (await status(config))["shelved"][0]["rule"] == "pressure"
        assert "not judge" in await done("maintenance", "on", "pump", config)
        assert "maintenance pump until it is ended" in await done("status", config)
        assert await running.stop() == 0
    async with gateway(config) as running:
        await running.logged("gateway_started")
        answer = await status(config)
        assert [each["asset"] for each in answer["maintenance"]] == ["pump"]
        assert [each["rule"] for each in answer["shelved"]] == ["pressure"]
        await done("maintenance", "off", "pump", config)
        assert await running.stop() == 0


ANOTHER_RULE = """
[rules.silent]
channel = "pump.pressure"
stale = "1h"
"""


@pytest.mark.campaign
async def test_the_record_replays_to_the_same_alarms_through_a_kill_a_reload_and_a_stop(tmp_path):
    config = site(tmp_path)
    async with gateway(config) as running:
        await raised(config)
        await done("alarm", "ack", "pressure", config)

        async def written():
            return (await status(config))["record"]["bytes"] > 4096 and (await status(config))["record"]["inputs"] > 50

        assert await when(written)
        await running.kill()
    site(tmp_path, CONFIG.replace("below = 1.0", "above = 1.0"))
    async with gateway(config) as running:
        await when(lambda: _several(config))
        config.write_text(config.read_text() + ANOTHER_RULE)
        running.reload()
        await running.logged("reload_completed")
        assert await running.stop() == 0
    folder = tmp_path / "state" / "record"
    entries = list(read(folder))
    assert sum(isinstance(entry, Begun) for entry in entries) == 3
    assert not [entry for entry in entries if isinstance(entry, Missed)]
    told = [each for output in replayed(folder, load(config).plan) for each in output.records]
    again = {each.id: each.reason for each in told if isinstance(each, Alarm) and each.state is AlarmState.RAISED}
    live = [opened(each.path)["alarm"] for each in kept(tmp_path / "state" / "evidence")]
    assert {each["rule"] for each in live} == {"pressure", "flow"}
    assert {each["id"]: each["reason"] for each in live}.items() <= again.items()


async def _several(config):
    return {each.rule for each in kept(config.parent / "state" / "evidence")} >= {"pressure", "flow"}


@pytest.mark.campaign
async def test_exported_evidence_is_a_recording_for_replay_and_analyse(tmp_path):
    config = site(tmp_path)
    async with gateway(config) as running:
        await raised(config)
        assert await running.stop() == 0
    await done("alarm", "show", "pressure", config, "--export", tmp_path / "out")
    result = json.loads(await done("replay", config, tmp_path / "out" / "values.csv", "--json"))
    assert result
    (wave, *_) = (tmp_path / "out" / "waveforms").glob("*.before.npz")
    with np.load(wave, allow_pickle=False) as arrays:
        assert arrays["values"].ndim == 1
        assert arrays["rate"] > 0
