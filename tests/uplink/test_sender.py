"""The sender against a real mosquitto, through a proxy that breaks what can break."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import msgspec
import pytest
from certificates import made_certificates
from fake_broker import CONNACK, broker_that_says, slow_broker
from fake_outbox import FakeOutbox
from fault_proxy import fault_proxy
from mosquitto import running_mosquitto
from receiver import receiving
from sample_records import ALARM, LOSS, SUMMARY, readings
from sending import BIRTH, sending
from structlog.testing import capture_logs

from gatewayd.uplink import sender, throttle
from gatewayd.uplink.mqtt import client as mqtt
from gatewayd.uplink.mqtt.broker import Tls


def alarms(count):
    return [msgspec.structs.replace(ALARM, rule=f"rule{number}") for number in range(count)]


@asynccontextmanager
async def site(folder, *options):
    """A mosquitto, a proxy before it, and a receiver behind."""
    async with (
        running_mosquitto(folder, *options) as mosquitto,
        receiving(mosquitto.port) as receiver,
        fault_proxy(mosquitto.port) as proxy,
    ):
        yield proxy, receiver


def states(receiver):
    """The states that were published, in order, without repetitions."""
    told = [message["status"] for _, message in receiver.messages if message["kind"] == "status"]
    return [state for number, state in enumerate(told) if told[number - 1 : number] != [state]]


def sequences(receiver, message_class):
    return [message["seq"] for _, message in receiver.messages if message.get("class") == message_class]


def events(logs, name):
    return [entry for entry in logs if entry["event"] == name]


async def test_records_arrive_in_order_and_are_acknowledged_to_the_outbox(tmp_path):
    outbox = FakeOutbox()
    outbox.put(*alarms(30), SUMMARY, *alarms(30), SUMMARY)
    async with running_mosquitto(tmp_path) as mosquitto, receiving(mosquitto.port) as receiver:
        async with sending(outbox, mosquitto.port) as uplink:
            await outbox.settled()
            status = uplink.status()
        await receiver.until(lambda: states(receiver) == ["online", "offline"])
    assert sequences(receiver, "event") == list(range(1, 61))
    assert sequences(receiver, "summary") == [1, 2]
    assert len(outbox.acknowledged) == 62
    assert (status.connected, status.sent, status.acked, status.refused, status.reconnects) == (True, 62, 62, 0, 0)


async def test_status_and_birth_are_retained_for_whoever_comes_later(tmp_path):
    async with running_mosquitto(tmp_path) as mosquitto:
        outbox = FakeOutbox()
        outbox.put(ALARM)
        async with sending(outbox, mosquitto.port):
            await outbox.settled()
            async with receiving(mosquitto.port) as later:
                assert (await later.first("status"))["status"] == "online"
                assert (await later.first("birth"))["version"] == "0.0.0"
                assert not later.of("alarm")


async def test_plugins_that_hold_all_threads_of_the_event_loop_do_not_keep_the_birth_from_being_told(tmp_path):
    goes_on, threads = threading.Event(), ThreadPoolExecutor(1)
    async with running_mosquitto(tmp_path) as broker, receiving(broker.port) as receiver:
        asyncio.get_running_loop().set_default_executor(threads)
        threads.submit(goes_on.wait, 30)
        try:
            async with sending(FakeOutbox(), broker.port):
                await receiver.first("birth")
        finally:
            goes_on.set()


async def test_a_birth_that_is_another_one_now_is_told_on_the_same_connection(tmp_path):
    async with (
        running_mosquitto(tmp_path) as mosquitto,
        receiving(mosquitto.port) as receiver,
        sending(FakeOutbox(), mosquitto.port) as sender,
    ):
        await receiver.first("birth", version="0.0.0")
        sender._birth = lambda: {**BIRTH, "version": "0.0.1"}
        sender.announce()
        await receiver.first("birth", version="0.0.1")
        assert sender.status().reconnects == 0


async def test_what_is_put_just_before_the_stop_is_still_sent(tmp_path):
    outbox = FakeOutbox()
    async with running_mosquitto(tmp_path) as mosquitto, receiving(mosquitto.port) as receiver:
        async with sending(outbox, mosquitto.port):
            await receiver.first("birth")
            outbox.put(*alarms(50), SUMMARY)
        assert len(outbox.acknowledged) == 51
        await receiver.until(lambda: states(receiver) == ["online", "offline"])
        assert receiver.messages[-1][1]["status"] == "offline"


async def test_a_stop_does_not_wait_for_a_broker_that_no_longer_answers(tmp_path, monkeypatch):
    monkeypatch.setattr(sender, "FINISH_LIMIT", 0.1)
    monkeypatch.setattr(sender, "FAREWELL_LIMIT", 0.1)
    outbox, time = FakeOutbox(), asyncio.get_running_loop().time
    async with site(tmp_path) as (proxy, receiver):
        async with sending(outbox, proxy.port):
            await receiver.first("birth")
            proxy.swallows = True
            outbox.put(ALARM)
            begun = time()
        assert time() - begun < 4
    assert not outbox.acknowledged


async def test_a_stop_on_a_slow_line_is_told_although_not_all_rows_get_through(tmp_path, monkeypatch):
    monkeypatch.setattr(sender, "FINISH_LIMIT", 0.2)
    monkeypatch.setattr(sender, "FAREWELL_LIMIT", 10.0)
    outbox = FakeOutbox()
    async with site(tmp_path) as (proxy, receiver):
        async with sending(outbox, proxy.port):
            await receiver.first("birth")
            proxy.delay = 0.05
            outbox.put(*alarms(50))
        await receiver.until(lambda: states(receiver) == ["online", "offline"])
    assert len(outbox.acknowledged) < 50


async def test_a_stop_that_cannot_be_told_leaves_the_last_will(tmp_path, monkeypatch):
    monkeypatch.setattr(sender, "FINISH_LIMIT", 0.1)
    monkeypatch.setattr(sender, "FAREWELL_LIMIT", 0.1)
    outbox = FakeOutbox()
    async with site(tmp_path) as (proxy, receiver):
        async with sending(outbox, proxy.port):
            await receiver.first("birth")
            proxy.drops_pubacks = True
            outbox.put(ALARM)
        await receiver.until(lambda: states(receiver)[-1] == "lost")


async def test_a_stop_at_the_very_moment_when_the_connection_breaks_is_heeded(tmp_path, monkeypatch):
    connections = []

    @asynccontextmanager
    async def remembered(*arguments):
        async with mqtt.connect(*arguments) as connection:
            connections.append(connection)
            yield connection

    monkeypatch.setattr(sender, "connect", remembered)
    async with site(tmp_path) as (proxy, receiver), sending(FakeOutbox(), proxy.port):
        await receiver.first("birth")
        task = next(task for task in asyncio.all_tasks() if task.get_name() == "sender")
        loop = asyncio.get_running_loop()
        connections[0].lost.add_done_callback(lambda _: loop.call_soon(task.cancel))
        proxy.reset()
        _, pending = await asyncio.wait({task}, timeout=2)
        assert not pending


async def test_a_gateway_whose_connection_breaks_is_reported_lost_and_then_online_again(tmp_path):
    async with site(tmp_path) as (proxy, receiver), sending(FakeOutbox(), proxy.port):
        await receiver.first("birth")
        proxy.reset()
        await receiver.until(lambda: states(receiver) == ["online", "lost", "online"])


@pytest.mark.parametrize("how", ["hang_up", "reset"])
async def test_all_records_arrive_although_the_connection_breaks_again_and_again(tmp_path, how):
    outbox = FakeOutbox()
    async with site(tmp_path) as (proxy, receiver):
        async with sending(outbox, proxy.port):
            for _ in range(5):
                outbox.put(*alarms(30), SUMMARY)
                while len(outbox.acknowledged) % 31 < 10:
                    await asyncio.sleep(0)
                getattr(proxy, how)()
                await outbox.settled()
        await receiver.until(lambda: len(receiver.of("alarm")) == 150)
    assert proxy.connections >= 5
    assert not receiver.missing()
    assert not outbox.aside


async def test_records_whose_acknowledgement_is_lost_come_twice_with_the_same_number(tmp_path):
    outbox = FakeOutbox()
    async with site(tmp_path) as (proxy, receiver), sending(outbox, proxy.port):
        await receiver.first("birth")
        proxy.drops_pubacks = True
        outbox.put(*alarms(5))
        await receiver.until(lambda: len(receiver.of("alarm")) == 5)
        assert not outbox.acknowledged
        proxy.drops_pubacks = False
        proxy.reset()
        await outbox.settled()
        await receiver.until(lambda: len(sequences(receiver, "event")) == 10)
    assert sequences(receiver, "event") == [1, 2, 3, 4, 5] * 2
    late = [message.get("late", False) for _, message in receiver.messages if "seq" in message]
    assert late == [False] * 5 + [True] * 5


async def test_a_silent_broker_is_given_up_and_nothing_is_set_aside(tmp_path):
    outbox = FakeOutbox()
    impatient = {"answer_limit": 0.1, "welcome_limit": 0.04}
    async with site(tmp_path) as (proxy, receiver), sending(outbox, proxy.port, **impatient) as uplink:
        await receiver.first("birth")
        proxy.swallows = True
        outbox.put(*alarms(5))
        while proxy.connections < 6:
            await asyncio.sleep(0.01)
        assert not uplink.status().connected
        proxy.swallows = False
        await outbox.settled()
        await receiver.until(lambda: len(receiver.of("alarm")) == 5)
    assert not outbox.aside


async def test_a_message_that_the_broker_never_answers_although_it_answers_others_is_set_aside(tmp_path):
    outbox = FakeOutbox()
    async with site(tmp_path) as (proxy, receiver), sending(outbox, proxy.port, answer_limit=0.2):
        proxy.swallows_if = b"poison"
        outbox.put(msgspec.structs.replace(ALARM, rule="poison"), ALARM)
        await outbox.settled()
        await receiver.until(lambda: len(receiver.of("alarm")) == 1)
    assert list(outbox.aside) == [1]


async def test_a_broker_that_takes_longer_than_expected_is_waited_for_longer_instead_of_asked_in_vain_for_ever():
    outbox = FakeOutbox()
    outbox.put(ALARM)
    async with slow_broker(0.15) as port, sending(outbox, port, answer_limit=0.1):
        await outbox.settled()
    assert outbox.restarts > 1
    assert not outbox.aside


async def test_what_the_broker_does_not_take_yet_is_sent_again_later_and_reported_once(tmp_path, monkeypatch):
    monkeypatch.setattr(throttle, "FIRST", 0.01)
    outbox = FakeOutbox()
    with capture_logs() as logs:
        async with site(tmp_path) as (proxy, receiver), sending(outbox, proxy.port) as uplink:
            await receiver.first("birth")
            proxy.quota = 0
            outbox.put(SUMMARY, *alarms(30), SUMMARY)
            while not events(logs, "uplink_throttled"):
                await asyncio.sleep(0.01)
            assert uplink.status().throttled
            proxy.quota = 3
            while uplink.status().acked < 3:
                await asyncio.sleep(0.01)
            proxy.quota = None
            await outbox.settled()
            await receiver.until(lambda: len(receiver.of("summary")) == 2)
            assert (uplink.status().reconnects, uplink.status().throttled) == (0, False)
    assert sorted(sequences(receiver, "event")) == list(range(1, 31))
    assert sorted(sequences(receiver, "summary")) == [1, 2]
    assert not outbox.aside
    assert len(events(logs, "uplink_throttled")) == len(events(logs, "uplink_throttled_ended")) == 1


async def test_nothing_is_sent_by_tls_before_the_time_is_known_and_that_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(sender, "TIME_LOOK", 0.02)
    made = made_certificates(tmp_path)
    outbox = FakeOutbox()
    outbox.put(ALARM)
    outbox.time_is_known = False
    server = (f"certfile {made.certificate}", f"keyfile {made.key}")
    async with (
        running_mosquitto(tmp_path, *server) as mosquitto,
        sending(outbox, mosquitto.port, tls=Tls(made.authority)) as uplink,
    ):
        while "the clock of this machine is not set" not in uplink.status().last_error:
            await asyncio.sleep(0.01)
        assert not outbox.restarts
        outbox.time_is_known = True
        await outbox.settled()


async def test_a_slow_line_loses_nothing_and_repeats_nothing(tmp_path):
    outbox = FakeOutbox()
    async with site(tmp_path) as (proxy, receiver), sending(outbox, proxy.port, answer_limit=1.5):
        proxy.delay = 0.1
        outbox.put(*alarms(20))  # the last one is on its way for longer than 1.5 s
        await outbox.settled()
        await receiver.until(lambda: len(receiver.of("alarm")) == 20)
    assert sequences(receiver, "event") == list(range(1, 21))


async def test_a_broker_that_welcomes_and_never_acknowledges_gets_no_records_and_is_reported_once(monkeypatch):
    monkeypatch.setattr(sender, "FINISH_LIMIT", 0.1)
    monkeypatch.setattr(sender, "FAREWELL_LIMIT", 0.1)
    outbox = FakeOutbox()
    outbox.put(*alarms(5))
    with capture_logs() as logs:
        async with broker_that_says(CONNACK) as port, sending(outbox, port, answer_limit=0.05) as uplink:
            while outbox.restarts < 3:
                await asyncio.sleep(0.01)
            assert (uplink.status().connected, uplink.status().sent) == (False, 0)
            assert uplink.status().last_error.startswith("no acknowledgement within 0.")
    assert len(events(logs, "uplink_unreachable")) == 1


async def test_a_forbidden_message_is_set_aside_and_reported_once_and_the_others_flow(tmp_path):
    (tmp_path / "acl").write_text("topic readwrite gatewayd/g/alarm/#\ntopic readwrite gatewayd/g/status\n")
    outbox = FakeOutbox()
    outbox.put(SUMMARY, *alarms(3), SUMMARY)
    with capture_logs() as logs:
        async with site(tmp_path, f"acl_file {tmp_path / 'acl'}") as (proxy, _), sending(outbox, proxy.port) as uplink:
            await outbox.settled()
            assert uplink.status().connected
    assert set(outbox.aside.values()) == {"refused by the broker: Not authorized"}
    assert sorted(outbox.aside) == [1, 5]
    assert [row.record.rule for row in outbox.acknowledged] == ["rule0", "rule1", "rule2"]
    told = [(entry["event"], entry["topic"]) for entry in logs if entry["log_level"] == "error"]
    assert told == [("message_refused", "gatewayd/g/birth"), ("message_set_aside", "gatewayd/g/summary/pump1")]


async def test_an_oversize_message_is_set_aside_and_the_others_flow(tmp_path):
    outbox = FakeOutbox()
    big = readings([0], [[0.0] * 1000], channels=tuple(f"c{number}" for number in range(1000)))
    outbox.put(ALARM, big, ALARM)
    async with running_mosquitto(tmp_path, "max_packet_size 2000") as mosquitto, sending(outbox, mosquitto.port):
        await outbox.settled()
    assert outbox.aside == {2: "larger than the 2000 bytes that the broker takes"}
    assert len(outbox.acknowledged) == 2


async def test_a_record_that_cannot_be_encoded_is_set_aside(tmp_path):
    outbox = FakeOutbox()
    outbox.put(msgspec.structs.replace(readings([0], [[1.0, 2.0]]), values=b"cut"), ALARM)
    async with running_mosquitto(tmp_path) as mosquitto, sending(outbox, mosquitto.port):
        await outbox.settled()
    assert "cannot be encoded" in outbox.aside[1]
    assert len(outbox.acknowledged) == 1


async def test_a_message_at_which_the_broker_hangs_up_is_found_and_set_aside(tmp_path):
    outbox = FakeOutbox()
    async with site(tmp_path) as (proxy, receiver), sending(outbox, proxy.port):
        proxy.hangs_up_at = b"poison"
        outbox.put(*alarms(30), msgspec.structs.replace(ALARM, rule="poison"), *alarms(30))
        await outbox.settled()
        await receiver.until(lambda: len(receiver.of("alarm")) == 60)
    assert list(outbox.aside) == [31]
    assert outbox.aside[31].startswith("the connection was lost each time it was sent, at last alone")


async def test_reports_of_what_waits_are_published_while_connected(tmp_path):
    outbox = FakeOutbox()
    async with site(tmp_path) as (proxy, receiver), sending(outbox, proxy.port, refresh=0.05):
        await receiver.first("birth")
        proxy.drops_pubacks = True
        outbox.put(LOSS)
        assert (await receiver.first("status", waiting=1))["status"] == "online"
        proxy.drops_pubacks = False
        proxy.reset()
        await receiver.until(lambda: receiver.messages[-1][1].get("waiting") == 0)


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_two_gateways_with_one_id_are_told_so(tmp_path, protocol):
    async with (
        running_mosquitto(tmp_path) as mosquitto,
        sending(FakeOutbox(), mosquitto.port, protocol=protocol) as one,
        sending(FakeOutbox(), mosquitto.port, protocol=protocol) as other,
        asyncio.timeout(20),
    ):
        while not all("does another client use the id g?" in each.status().last_error for each in (one, other)):
            await asyncio.sleep(0.01)


async def test_an_absent_broker_is_reported_once_and_so_is_its_return(tmp_path):
    outbox = FakeOutbox()
    outbox.put(ALARM)
    waits = []
    with capture_logs() as logs:
        async with (
            running_mosquitto(tmp_path) as mosquitto,
            sending(outbox, mosquitto.port, chance=lambda: waits.append("") or 0.0) as uplink,
        ):
            await outbox.settled()
            await mosquitto.stop()
            while len(waits) < 4:
                await asyncio.sleep(0.01)
            assert uplink.status().last_error.startswith(f"refused: nothing listens at 127.0.0.1:{mosquitto.port};")
            outbox.put(ALARM)
            await mosquitto.start()
            await outbox.settled()
            assert uplink.status().reconnects == 1
    names = [entry["event"] for entry in logs]
    assert names == ["uplink_connected", "uplink_lost", "uplink_unreachable", "uplink_connected"]
