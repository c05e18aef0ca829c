"""The outbox, the sender and a mosquitto behind a line on which everything goes wrong by turns; the receiver proves."""

import asyncio
import random
from contextlib import asynccontextmanager
from dataclasses import replace

import msgspec
from fault_proxy import fault_proxy
from mosquitto import running_mosquitto
from receiver import receiving
from sample_records import ALARM, SUMMARY

from gatewayd.records import Output
from gatewayd.uplink import Broker, Outbox, Sender, sender, throttle
from gatewayd.uplink.backoff import Backoff
from gatewayd.uplink.mqtt.profile import LAN

HASTY = replace(LAN, answer_limit=0.2, welcome_limit=0.2)

FAULTS = {
    "takes no more for now": {"quota": 2},
    "acknowledges nothing": {"drops_pubacks": True},
    "is silent": {"swallows": True},
    "is slow": {"delay": 0.02},
    "is well": {},
}
WELL = {"quota": None, "drops_pubacks": False, "swallows": False, "delay": 0.0}


async def survived(folder, monkeypatch, *, rounds, longest, seed):
    """So many troubles of up to `longest` seconds; gives in words what was sent in spite of it."""
    monkeypatch.setattr(throttle, "FIRST", 0.02)
    monkeypatch.setattr(sender, "FINISH_LIMIT", 0.1)
    chance, put = random.Random(seed), 0
    async with (
        running_mosquitto(folder, "max_queued_messages 0") as mosquitto,
        receiving(mosquitto.port) as receiver,
        fault_proxy(mosquitto.port) as proxy,
        uplink(folder / "outbox.db", proxy.port) as (outbox, sent_by),
    ):
        for _ in range(rounds):
            vars(proxy).update(WELL | FAULTS[chance.choice(list(FAULTS))])
            for number in range(put, put + chance.randrange(1, 40)):
                outbox.put(Output((SUMMARY, msgspec.structs.replace(ALARM, rule=f"rule{number}")), urgent=True))
                put = number + 1
            await asyncio.sleep(chance.uniform(0.0, longest))
            chance.choice([proxy.reset, proxy.hang_up, lambda: None])()
        vars(proxy).update(WELL)
        async with asyncio.timeout(30):
            while outbox.waiting:
                await asyncio.sleep(0.05)
        assert outbox.status().set_aside == outbox.status().lost == 0
        rules = {f"rule{number}" for number in range(put)}
        await receiver.until(lambda: {message["rule"] for message in receiver.of("alarm")} == rules)
        await receiver.until(lambda: not receiver.missing())
        assert not receiver.of("loss")
        again = sum("seq" in message for _, message in receiver.messages) - sum(receiver.highest().values())
        return f"{2 * put} messages, {sent_by.status().reconnects} reconnects, {again} came again"


@asynccontextmanager
async def uplink(path, port):
    outbox = Outbox(path, 64_000_000)
    outbox.open()
    broker = Broker(host="127.0.0.1", port=port, client_id="g", profile=HASTY)
    sent_by = Sender(outbox, broker, "g", lambda: {"epoch": outbox.epoch}, backoff=Backoff(0.01, 0.05))
    task = asyncio.create_task(sent_by.run(), name="sender")
    try:
        yield outbox, sent_by
    finally:
        task.cancel()
        await asyncio.wait({task})
        await outbox.close()
        assert task.cancelled(), task.exception()
