"""The real outbox and the sender together, as the daemon runs them."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import msgspec
import pytest
from fault_proxy import fault_proxy
from mosquitto import running_mosquitto
from receiver import receiving
from sample_records import ALARM, SUMMARY

from gatewayd.records import Output
from gatewayd.uplink import Broker, Outbox, Sender
from gatewayd.uplink.backoff import Backoff
from gatewayd.uplink.mqtt.profile import LAN

SIZE = 8_000_000


@asynccontextmanager
async def uplink(path, port):
    """An outbox and its sender; stopped in the order in which the daemon stops them."""
    outbox = Outbox(path, SIZE)
    outbox.open()
    broker = Broker(host="127.0.0.1", port=port, client_id="g", profile=replace(LAN, welcome_limit=0.1))
    sender = Sender(outbox, broker, "g", lambda: {"epoch": outbox.epoch}, backoff=Backoff(0.01, 0.05))
    task = asyncio.create_task(sender.run(), name="sender")
    try:
        yield outbox, sender
    finally:
        task.cancel()
        await asyncio.wait({task})
        await outbox.close()
        assert task.cancelled(), task.exception()


def output(number, *, urgent=False):
    alarm = msgspec.structs.replace(ALARM, rule=f"rule{number}")
    return Output((alarm, SUMMARY), urgent=urgent)


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.02)


async def test_everything_arrives_although_the_connection_breaks_and_the_gateway_restarts(tmp_path):
    async with running_mosquitto(tmp_path) as mosquitto, receiving(mosquitto.port) as receiver:
        async with fault_proxy(mosquitto.port) as proxy:
            for restart in range(3):
                async with uplink(tmp_path / "outbox.db", proxy.port) as (outbox, _):
                    for number in range(30):
                        outbox.put(output(30 * restart + number, urgent=number == 29))
                        if number % 10 == 5:
                            proxy.reset()
                        await asyncio.sleep(0.01)
            async with uplink(tmp_path / "outbox.db", proxy.port) as (outbox, _):
                await until(lambda: not outbox.status().waiting)
        await receiver.until(lambda: len(receiver.of("alarm")) == len(receiver.of("summary")) == 90)
    assert not receiver.missing()
    assert {message["rule"] for message in receiver.of("alarm")} == {f"rule{number}" for number in range(90)}


async def test_what_is_put_just_before_the_stop_is_sent_and_the_farewell_comes_last(tmp_path):
    async with running_mosquitto(tmp_path) as mosquitto, receiving(mosquitto.port) as receiver:
        async with uplink(tmp_path / "outbox.db", mosquitto.port) as (outbox, _):
            await receiver.first("birth")
            outbox.put(output(1, urgent=True))
        await receiver.first("status", status="offline")
        assert [message["rule"] for message in receiver.of("alarm")] == ["rule1"]
        assert len(receiver.of("summary")) == 1
        assert receiver.messages[-1][1]["status"] == "offline"


async def test_all_that_was_stored_without_a_connection_is_late_and_in_order_and_what_is_new_is_not(tmp_path):
    async with (
        running_mosquitto(tmp_path) as mosquitto,
        receiving(mosquitto.port) as receiver,
        fault_proxy(mosquitto.port) as proxy,
        uplink(tmp_path / "outbox.db", proxy.port) as (outbox, sender),
    ):
        await receiver.first("epoch")
        proxy.swallows = True
        proxy.reset()
        await until(lambda: not sender.status().connected)
        for number in range(20):
            outbox.put(output(number, urgent=True))
        await until(lambda: outbox.status().committed == 40)
        proxy.swallows = False
        await until(lambda: sender.status().connected and not outbox.waiting)
        outbox.put(output(20, urgent=True))
        await receiver.until(lambda: len(receiver.of("summary")) == 21)
    for kind in "alarm", "summary":
        told = [(message["seq"], message.get("late", False)) for message in receiver.of(kind)]
        first = told[0][0]
        assert told == [(first + number, number < 20) for number in range(21)]


async def test_alarms_overtake_the_backlog_on_a_slow_line(tmp_path):
    async with (
        running_mosquitto(tmp_path) as mosquitto,
        receiving(mosquitto.port) as receiver,
        fault_proxy(mosquitto.port) as proxy,
        uplink(tmp_path / "outbox.db", proxy.port) as (outbox, sender),
    ):
        await receiver.first("epoch")
        proxy.delay = 0.01  # a hundred messages a second
        proxy.swallows = True
        proxy.reset()
        await until(lambda: not sender.status().connected)
        outbox.put(Output((SUMMARY,) * 500))
        outbox.put(output(1, urgent=True))
        await until(lambda: outbox.status().waiting >= 502)
        proxy.swallows = False
        await until(lambda: sender.status().connected)
        await receiver.first("alarm", rule="rule1")
        assert not summaries_before(receiver, "rule1")
        await receiver.until(lambda: receiver.of("summary"))
        before = outbox.status().committed
        outbox.put(output(2, urgent=True))
        await until(lambda: outbox.status().committed > before)
        sent = sender.status().sent
        await receiver.first("alarm", rule="rule2")
        assert summaries_before(receiver, "rule2") < sent + 50


def summaries_before(receiver, rule):
    """How many came before the alarm of a rule, however late the test learned of it."""
    told = [message for _, message in receiver.messages if message["kind"] in ("alarm", "summary")]
    place = next(number for number, message in enumerate(told) if message.get("rule") == rule)
    return sum(message["kind"] == "summary" for message in told[:place])


@pytest.mark.parametrize("loss_too", [False, True], ids=["summaries", "everything"])
async def test_what_the_broker_refuses_is_reported_and_does_not_go_round_in_circles(tmp_path, loss_too):
    allowed = "topic write gatewayd/g/status\n" if loss_too else "pattern write gatewayd/g/+\n"
    (tmp_path / "acl").write_text(f"topic readwrite $SYS/#\n{allowed}topic read gatewayd/#\n")
    async with (
        running_mosquitto(tmp_path, f"acl_file {tmp_path / 'acl'}") as mosquitto,
        receiving(mosquitto.port) as receiver,
        uplink(tmp_path / "outbox.db", mosquitto.port) as (outbox, sender),
    ):
        for number in range(3):
            outbox.put(output(number, urgent=True))
            await until(lambda least=2 * number: outbox.status().set_aside > least and not outbox.status().waiting)
        if not loss_too:
            assert (await receiver.first("loss"))["why"] == "refused by the broker: Not authorized"
        assert 6 <= sender.status().refused < 12
