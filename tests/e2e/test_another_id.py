"""A gateway gets another id: a receiver can prove all of either, and knows of the alarm that is open."""

from mosquitto import needs_mosquitto, running_mosquitto
from ports import free_port
from receiver import receiving
from running_gateway import gateway, status, when

CONFIG = """\
[gateway]
id = "{gateway}"
state_dir = "state"
[mqtt]
url = "mqtt://127.0.0.1:{mqtt}"
[sources.pump]
plugin = "simulator"
interval = "50ms"
[rules.pressure]
channel = "pump.pressure"
above = 1.0
[summary]
every = "1s"
"""


def named(folder, gateway_id, mqtt):
    config = folder / "gatewayd.toml"
    config.write_text(CONFIG.format(gateway=gateway_id, mqtt=mqtt))
    return config


@needs_mosquitto
async def test_after_a_reload_with_another_id_nothing_is_missing_of_either_and_the_alarm_is_told(tmp_path):
    async with running_mosquitto(tmp_path) as broker, receiving(broker.port) as receiver:
        async with gateway(named(tmp_path, "ida", broker.port)) as running:
            raised = await receiver.first("alarm", gateway="ida", state="raised")
            await receiver.until(lambda: len(receiver.of("summary", gateway="ida")) > 2)
            named(tmp_path, "idb", broker.port)
            running.reload()
            told = await receiver.first("alarm", gateway="idb")
            await receiver.until(lambda: len(receiver.of("summary", gateway="idb")) > 2)
            assert await running.stop() == 0
        await receiver.first("status", gateway="idb", status="offline")
    (begun,) = receiver.of("epoch", gateway="idb")
    assert (begun["seq"], begun["previous"], begun["ends"]) == (1, None, {})
    assert "the state folder was that of gateway 'ida'" in begun["why"]
    assert (told["seq"], told["state"], told["raised"]) == (2, "raised", raised["raised"])
    assert len(receiver.of("alarm")) == 2, "once under each id"
    assert receiver.of("epoch", gateway="ida")[0]["epoch"] != begun["epoch"]
    assert not receiver.missing()


@needs_mosquitto
async def test_what_waited_under_the_id_before_is_sent_when_its_outbox_is_put_back(tmp_path):
    nowhere, state = free_port(), tmp_path / "state"
    async with gateway(config := named(tmp_path, "ida", nowhere)) as running:

        async def piled_up():
            return ((await status(config)) or {"outbox": {"waiting": 0}})["outbox"]["waiting"] >= 4

        await when(piled_up)
        assert await running.stop() == 0
    async with gateway(named(tmp_path, "idb", nowhere)) as running:
        event = await running.logged("outbox_of_another_gateway")
        assert (event["before"], event["gateway"], event["kept"]) == ("ida", "idb", str(state / "outbox.db.damaged-1"))
        assert event["waiting"] >= 4
        assert await running.stop() == 0
    (state / "outbox.db.damaged-1").replace(state / "outbox.db")
    async with running_mosquitto(tmp_path) as broker, receiving(broker.port) as receiver:
        async with gateway(named(tmp_path, "ida", broker.port)) as running:
            await receiver.until(lambda: len(receiver.of("summary", gateway="ida")) > event["waiting"])
            assert await running.stop() == 0
        await receiver.first("status", status="offline")
    assert not receiver.missing()
    assert {message["gateway"] for _, message in receiver.messages} == {"ida"}
