"""What is computed outside the engine, through the whole gateway: features of plugins, and verdicts on bearings."""

import pytest
from fake_plugins import lay_out
from mosquitto import needs_mosquitto, running_mosquitto
from receiver import receiving
from running_gateway import gateway, status, when

CONFIG = """\
[gateway]
id = "site"
state_dir = "{folder}/state"
[mqtt]
url = "mqtt://127.0.0.1:{mqtt}"
[sources.pump]
plugin = "simulator"
interval = "50ms"
[summary]
every = "1s"
"""
FEATURES = """
[features.pressure]
channels = ["pump.pressure"]
window = "500ms"
every = "100ms"
compute = ["mean", "mud.spread(2)", "mud.broken", "stone.wait"]
[rules.spread]
channel = "pump.pressure.mud.spread(2)"
above = 0.0
"""
MUD = """
from gatewayd.plugin import hookimpl

def spread(window, times=1.0):
    assert window.unit == "bar" and window.seconds[-1] < 0.6
    return times * (window.values.max() - window.values.min() + 1)

@hookimpl
def register_features(register):
    register("spread", spread)
    register("broken", lambda window: 1 / 0, unit="1")
"""
STONE = """
import threading
from gatewayd.plugin import hookimpl

@hookimpl
def register_features(register):
    register("wait", lambda window: threading.Event().wait())
"""
BEARING = """
[sources.fan]
plugin = "simulator"
interval = "1s"
burst = "1s"
burst_values = 32000
fault = "bearing"
fault_after = "0s"
fault_for = "20s"
[bearings.fan_end]
channel = "fan.acceleration"
shaft = "48.5Hz"
type = "6205"
[rules.fan_end]
channel = "bearing.fan_end.outer_race"
above = 1.0
"""


@pytest.fixture
def plugins(tmp_path):
    """Where the plugins `mud` and `stone` are installed, for a process of its own."""
    return {"PYTHONPATH": ":".join(str(lay_out(tmp_path, *each)) for each in [("mud", MUD), ("stone", STONE)])}


def site(folder, mqtt, more):
    path = folder / "gatewayd.toml"
    path.write_text(CONFIG.format(folder=folder, mqtt=mqtt) + more)
    return path


def calculations(answer):
    return {each["name"].removeprefix("pump.pressure."): each for each in answer["calculations"]}


ANOTHER_RULE = """
[rules.silent]
channel = "pump.pressure"
stale = "1h"
"""


@needs_mosquitto
async def test_features_of_plugins_reach_rules_and_summaries_and_those_in_trouble_hold_up_nothing(tmp_path, plugins):
    async with running_mosquitto(tmp_path) as broker, receiving(broker.port) as receiver:
        config = site(tmp_path, broker.port, FEATURES)
        async with gateway(config, as_a_command=True, **plugins) as running:
            channels = (await receiver.first("birth"))["sources"]["pump"]["channels"]
            assert channels["pressure.mud.spread(2)"] == {"unit": "bar", "kind": "scalar"}
            assert channels["pressure.mud.broken"]["unit"] == "1"
            alarm = await receiver.first("alarm", rule="spread", state="raised")
            assert alarm["channel"] == "pump.pressure.mud.spread(2)"
            assert alarm["unit"] == "bar"
            assert alarm["value"] >= 2

            def computed():
                """Summaries with more than five results of each feature; one may be in the next summary already."""
                told = [summary["channels"] for summary in receiver.of("summary")]
                enough = {"mud.broken": "bad", "mud.spread(2)": "count", "mean": "count"}.items()
                return [each for each in told if all(each.get(f"pressure.{n}", {}).get(k, 0) > 5 for n, k in enough)]

            await receiver.until(computed)
            told = computed()[0]
            assert told["pressure.mud.broken"]["reason"] == "ZeroDivisionError: division by zero"
            assert "pressure.stone.wait" not in told
            failure = await running.logged("feature_failed")
            assert (failure["feature"], failure["plugin"]) == ("pump.pressure.mud.broken", "mud")
            assert "exception" in failure
            assert await running.logged("feature_slow", feature="pump.pressure.stone.wait")
            answer = await status(config)
            states = {name: each["state"] for name, each in calculations(answer).items()}
            assert states == {"mud.spread(2)": "ok", "mud.broken": "failing", "stone.wait": "slow"}
            assert calculations(answer)["stone.wait"]["passed_over"] > 5
            assert answer["abandoned"] == {}
            config.write_text(config.read_text() + ANOTHER_RULE)
            running.reload()
            await receiver.until(lambda: len(receiver.of("birth")) > 1)

            async def failing_again():
                answer = await status(config)
                return answer if calculations(answer)["mud.broken"]["state"] == "failing" else None

            assert (await when(failing_again))["abandoned"] == {}, "what the reload does not change is computed on"
            assert await running.stop() == 0
    names = running.names()
    assert names.count("feature_failed") == 1
    assert "not_json" not in names
    assert len(receiver.of("alarm")) == 1
    assert not receiver.missing()


@needs_mosquitto
async def test_a_verdict_on_a_bearing_arrives_once(tmp_path):
    async with running_mosquitto(tmp_path) as broker, receiving(broker.port) as receiver:
        config = site(tmp_path, broker.port, BEARING)
        async with gateway(config) as running:
            born = await receiver.first("birth")
            assert born["bearings"]["fan_end"]["channel"] == "fan.acceleration"
            verdict = await receiver.first("verdict", fault="outer race")
            assert (verdict["bearing"], verdict["channel"]) == ("fan_end", "fan.acceleration")
            assert verdict["shaft"] == 48.5
            assert verdict["frequency"] == pytest.approx(3.585 * 48.5, rel=0.01)
            assert verdict["reason"].startswith("fan_end: outer race in ")
            await receiver.first("alarm", rule="fan_end", state="raised")
            told = lambda: [each["channels"] for each in receiver.of("summary", source="fan")]  # noqa: E731
            await receiver.until(lambda: any("bearing.fan_end.score" in channels for channels in told()))
            (calculation,) = (await status(config))["calculations"]
            assert (calculation["name"], calculation["plugin"]) == ("bearing.fan_end", "gatewayd")
            assert calculation["failed"] == 0
            assert await running.stop() == 0
    assert any(topic == "gatewayd/site/verdict/fan_end" for topic, _ in receiver.messages)
    assert len(receiver.of("verdict", fault="outer race")) == 1
    assert not receiver.missing()
