"""Reloads: what is not changed goes on as if nothing had happened, and nothing is lost."""

import asyncio
import socket
import threading

import numpy as np
import pytest
from changing_config import STEADY
from living_gateway import living
from mosquitto import needs_mosquitto, running_mosquitto
from random_reloads import nothing_is_lost, reloaded_at_random
from running_gateway import command

from gatewayd import clock
from gatewayd.daemon.judging import Judging
from gatewayd.engine.engine import Engine
from gatewayd.errors import GatewaydError
from gatewayd.model import Polled
from gatewayd.recorder import Begun, Clock, Heading, Stopped, read

MORE = '[sources.more]\nplugin = "simulator"\ninterval = "10ms"\n'
NOWHERE = 9


def written(folder, text=STEADY, mqtt=NOWHERE):
    path = folder / "gatewayd.toml"
    path.write_text(text.format(mqtt=mqtt))
    return path


@needs_mosquitto
async def test_random_reloads_under_load_lose_nothing(tmp_path):
    receiver, gateway, steady = await reloaded_at_random(tmp_path, 6, seed=1, pause=0.05)
    nothing_is_lost(receiver, gateway, steady)


async def test_what_is_not_changed_goes_on_and_what_came_of_it_is_told(tmp_path):
    text = STEADY.format(mqtt=NOWHERE).replace('window = "2s"', 'window = "60s"')
    async with living(written(tmp_path, text)) as gateway:
        await gateway.polled("steady", 20)
        before, polls = gateway.run._judging.engine, gateway.source("steady").polls
        learned = gateway.run._operators.models.standing()[0]["progress"]
        told = await gateway.reload(MORE + text)
        assert [(each["table"], each["how"]) for each in told["tables"]] == [("sources.more", "added")]
        assert (told["kept"], told["anew"], told["uplink"]) == (["steady"], (), False)
        assert gateway.run._judging.engine is not before
        assert gateway.source("steady").polls >= polls
        assert gateway.run._operators.models.standing()[0]["progress"] >= learned
        await gateway.polled("more", 5)
        assert held(gateway.run._judging.engine) > gateway.source("more").polls + 10, "from before the reload, too"


def held(engine):
    """How many values the steady window holds."""
    values, counts = np.empty((1, 1)), np.empty(1, dtype=np.int64)
    engine._windows._all[0]._kernel.compute(clock.now(), values, counts)
    return counts[0]


def groups_of(engine, source):
    """The numbers of a source's groups."""
    return [number for number, group in enumerate(engine.plan.groups) if group.source == source]


async def test_another_broker_leaves_the_engine_alone(tmp_path):
    async with living(written(tmp_path)) as gateway:
        engine = gateway.run._judging.engine
        told = await gateway.reload(STEADY.format(mqtt=NOWHERE + 1))
        assert told["uplink"]
        assert not told["judging"]
        assert gateway.run._judging.engine is engine


@needs_mosquitto
async def test_another_broker_does_not_set_the_counters_of_the_uplink_back(tmp_path):
    (tmp_path / "first").mkdir()
    (tmp_path / "second").mkdir()
    async with running_mosquitto(tmp_path / "first") as first, running_mosquitto(tmp_path / "second") as second:
        async with living(written(tmp_path, mqtt=first.port)) as gateway:
            await told_the_broker(gateway)
            before = gateway.run.status().uplink
            await gateway.reload(STEADY.format(mqtt=second.port))
            at_once = gateway.run.status().uplink
            await told_the_broker(gateway)
            after = gateway.run.status().uplink
        for name in ("sent", "acked", "refused", "reconnects"):
            assert getattr(before, name) <= getattr(at_once, name) <= getattr(after, name)
        assert after.reconnects == before.reconnects + 1


async def told_the_broker(gateway):
    """Wait until the broker of now has taken something over."""
    async with asyncio.timeout(20):
        while not (uplink := gateway.run.status().uplink).connected or not uplink.acked:
            await asyncio.sleep(0.01)


async def test_a_config_with_errors_changes_nothing_and_whoever_asked_is_told_why(tmp_path):
    text = STEADY.format(mqtt=NOWHERE)
    async with living(written(tmp_path)) as gateway:
        engine = gateway.run._judging.engine
        with pytest.raises(GatewaydError, match=r"gatewayd.toml:\d+:\d+: "):
            await gateway.reload(text.replace("above", "abvoe"))
        assert gateway.run._judging.engine is engine
        assert gateway.run.status().problems
        await gateway.reload(text)
        assert not gateway.run.status().problems


async def test_what_a_start_would_leave_out_a_reload_does_not_throw_out(tmp_path):
    text = STEADY.format(mqtt=NOWHERE)
    async with living(written(tmp_path)) as gateway:
        engine = gateway.run._judging.engine
        mistyped = text.replace('plugin = "simulator"', 'plugin = "simulatr"') + MORE
        gateway.path.write_text(mistyped)
        with pytest.raises(GatewaydError, match=r'gatewayd.toml:\d+:\d+: plugin "simulatr" is not installed'):
            await gateway.run._commands["diff"]({})
        with pytest.raises(GatewaydError, match=r'(?s)"simulatr" is not installed.*a reload does not throw it out'):
            await gateway.reload(mistyped)
        assert gateway.run._judging.engine is engine
        assert gateway.source("steady") is not None
        assert any("simulatr" in problem for problem in gateway.run.status().problems)


async def test_what_is_left_out_since_the_start_keeps_nobody_from_a_reload_unless_there_is_more_of_it(tmp_path):
    gone = '[sources.gone]\nplugin = "nobody-has-it"\n'
    text = gone + STEADY.format(mqtt=NOWHERE)
    async with living(written(tmp_path, gone + STEADY)) as gateway:
        told = await gateway.reload(MORE + text)
        assert [each["table"] for each in told["tables"]] == ["sources.more"]
        with pytest.raises(GatewaydError, match="nobody-has-it"):
            await gateway.reload(text + MORE.replace("simulator", "nobody-has-it"))
        await gateway.reload(text)


async def test_a_reload_is_told_to_systemd_from_its_beginning_to_its_end(tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(20.0)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        async with living(written(tmp_path)) as gateway:
            assert b"READY=1" in systemd.recv(4096)
            await gateway.reload(MORE + STEADY.format(mqtt=NOWHERE))
            assert systemd.recv(4096).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
            assert (await asyncio.to_thread(systemd.recv, 4096)).startswith(b"READY=1\nSTATUS=")


async def test_a_diff_does_nothing(tmp_path):
    async with living(written(tmp_path)) as gateway:
        engine = gateway.run._judging.engine
        gateway.path.write_text(MORE + STEADY.format(mqtt=NOWHERE))
        told = await gateway.run._commands["diff"]({})
        assert [each["table"] for each in told["tables"]] == ["sources.more"]
        assert gateway.run._judging.engine is engine
        assert gateway.source("more") is None


async def test_the_record_of_a_reload_gives_the_same_output_byte_for_byte_with_each_of_both_configs(
    tmp_path, monkeypatch
):
    first = STEADY.format(mqtt=NOWHERE) + '[record]\nmax_size = "4MB"\n'
    second = MORE + first + '[rules.more]\nchannel = "more.pressure"\nabove = 1.0\n'
    said, put = [], Judging.put
    monkeypatch.setattr(Judging, "put", lambda self, output: (said.append(output.records), put(self, output)))
    async with living(written(tmp_path, first)) as gateway:
        plans = {gateway.run.config.digest: gateway.run.config.plan}
        await gateway.polled("steady", 20)
        await gateway.reload(second)
        plans[gateway.run.config.digest] = gateway.run.config.plan
        await gateway.polled("more", 20)
    replayed, engine, plan = [], None, None
    for entry in read(tmp_path / "state" / "record"):
        if isinstance(entry, Heading):
            plan = plans[entry.digest]
        elif isinstance(entry, Begun):
            before, engine = engine, Engine(plan, clock.boot())
            if entry.going_on is None:
                replayed.append(engine.restore(entry.saved, entry.time).records)
            else:
                replayed.append(engine.take_over(before, entry.saved, entry.going_on, entry.time).records)
        elif isinstance(entry, Stopped):
            replayed.append(engine.stop(entry.time).records)
        elif not isinstance(entry, Clock):
            replayed.append(engine.feed(entry).records)
    assert len(plans) == 2
    assert [record for records in replayed for record in records] == [record for records in said for record in records]


async def test_people_ask_for_a_diff_and_a_reload_at_the_keyboard(tmp_path):
    config = written(tmp_path)
    async with living(config) as gateway:
        config.write_text(MORE + STEADY.format(mqtt=NOWHERE))
        code, out, _ = await command("diff", config)
        assert code == 0
        assert "added    sources.more" in out
        code, out, _ = await command("reload", config)
        assert code == 0
        assert "kept: 1 source with connections and schedules" in out
        config.write_text("nonsense")
        code, _, err = await command("reload", config)
        assert code == 1
        assert "Error: " in err
        assert gateway.source("more") is not None


async def test_another_size_of_the_outbox_leaves_all_else_alone(tmp_path):
    text = STEADY.format(mqtt=NOWHERE)
    async with living(written(tmp_path)) as gateway:
        engine, epoch = gateway.run._judging.engine, gateway.run._outbox.epoch
        told = await gateway.reload(text + '[outbox]\nmax_size = "2MB"\n')
        assert [(each["table"], each["effect"]) for each in told["tables"]] == [("outbox", "it is resized")]
        assert not told["everything"]
        await gateway.polled("steady", 20)
        assert (gateway.run._judging.engine, gateway.run._outbox.epoch) == (engine, epoch)
        assert gateway.run._storage.budget["outbox"] == 2_000_000


async def test_what_operators_ask_while_another_engine_takes_over_is_answered_by_that_one(tmp_path):
    async with living(written(tmp_path)) as gateway:
        gateway.run._judging.at_work.clear()
        asked = asyncio.create_task(gateway.run._commands["alarm.list"]({}))
        await asyncio.sleep(0)
        assert not asked.done()
        gateway.run._judging.at_work.set()
        assert (await asked)["alarms"] is not None


async def test_inputs_that_come_while_another_engine_takes_over_are_judged_by_it_in_their_order(tmp_path, monkeypatch):
    fed, held = [], threading.Event()
    hand_over = Judging._hand_over

    def slow(*arguments):
        assert held.wait(10)
        return hand_over(*arguments)

    monkeypatch.setattr(Judging, "_hand_over", slow)
    async with living(written(tmp_path)) as gateway:
        judging = gateway.run._judging
        judged = judging.fed
        judging.fed = lambda item: (fed.append((judging.engine, item)), judged(item))[1]
        before = judging.engine
        await gateway.polled("steady", 10)
        reload = asyncio.create_task(gateway.reload(MORE + STEADY.format(mqtt=NOWHERE)))
        while judging.at_work.is_set():
            await asyncio.sleep(0.001)
        count = len(fed)
        polls = gateway.source("steady").polls
        await gateway.polled("steady", polls + 10)
        assert len(fed) == count, "all of them wait"
        held.set()
        await reload
        assert {engine for engine, _ in fed[:count]} == {before}
        assert {engine for engine, _ in fed[count:]} == {judging.engine}
        steady = [(each, group) for each in (before, judging.engine) for group in groups_of(each, "steady")]
        times = [item.time for engine, item in fed if isinstance(item, Polled) and (engine, item.group) in steady]
        assert times == sorted(times)
        assert len(fed) >= count + 10
