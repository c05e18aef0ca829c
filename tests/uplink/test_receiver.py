"""The consumer in examples/receiver: against sets that know everything, and killed while it receives."""

import asyncio
import json
import os
import sys
from argparse import Namespace
from collections import Counter
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from message_store import MessageStore, split
from mosquitto import running_mosquitto
from receive import prove

RECEIVE = (sys.executable, Path(__file__).parents[2] / "examples" / "receiver" / "receive.py")
HEAD = {"v": 1, "gateway": "g", "epoch": "e"}


def message(seq, message_class="summary", **more):
    return {**HEAD, "kind": "summary", "class": message_class, "seq": seq, **more}


def status(waiting):
    return {"v": 1, "kind": "status", "gateway": "g", "status": "online", "time": None, "waiting": waiting}


def loss(seq, first, last, count):
    of = {"epoch": "e", "class": "summary", "first": first, "last": last, "count": count}
    return {**HEAD, "kind": "loss", "class": "event", "seq": seq, "why": "the outbox was full", "of": of}


def taken(*messages):
    store = MessageStore(":memory:")
    for each in messages:
        store.take("topic", json.dumps(each).encode())
    return store


def account(store, message_class="summary", epoch="e"):
    return next(each for each in store.accounts() if (each.message_class, each.epoch) == (message_class, epoch))


def numbers(ranges):
    return {number for first, last in ranges for number in range(first, last + 1)}


RANGES = st.lists(st.tuples(st.integers(1, 30), st.integers(0, 8)).map(lambda pair: (pair[0], sum(pair))), max_size=5)


@given(arrived=st.lists(st.integers(1, 30), min_size=1), losses=RANGES, settled=st.integers(0, 40))
def test_each_number_has_arrived_or_is_explained_or_is_told_as_unexplained(arrived, losses, settled):
    before, after = arrived[:settled], arrived[settled:]
    reports = (loss(seq, first, last, 1) for seq, (first, last) in enumerate(losses, 1))
    store = taken(*map(message, before), status(0), *map(message, after), status(3), *reports)
    seen, reported, highest = set(arrived), numbers(losses), max(before, default=0)
    missing = set(range(1, max(seen))) - seen
    told = account(store)
    assert (told.end, told.received, told.complete) == (max(seen), len(seen), not missing)
    assert numbers(told.reported) == missing & reported
    assert numbers(told.unexplained) == {number for number in missing - reported if number <= highest}
    assert numbers(told.on_their_way) == {number for number in missing - reported if number > highest}
    assert told.lost <= len(missing & reported)
    assert told.left_behind == ()


@given(ranges=RANGES, by=RANGES)
def test_ranges_are_split_as_sets_are(ranges, by):
    inside, outside = split(ranges, by)
    assert numbers(inside) == numbers(ranges) & numbers(by)
    assert numbers(outside) == numbers(ranges) - numbers(by)


def test_a_message_that_comes_twice_is_told_and_stored_once():
    store = MessageStore(":memory:")
    content = json.dumps(message(1)).encode()
    assert [store.take("topic", content) for _ in range(3)] == [True, False, False]
    assert account(store).received == 1


def test_what_a_damaged_store_kept_is_left_behind_and_not_unexplained():
    end = {**HEAD, "epoch": "f", "kind": "epoch", "class": "event", "seq": 1, "previous": "e", "ends": {"summary": 5}}
    told = account(taken(message(1), message(3), end, status(0)))
    assert (told.end, told.left_behind, told.unexplained, told.on_their_way) == (5, ((2, 2), (4, 5)), (), ())


def test_messages_that_were_only_in_memory_may_be_left_behind():
    told = account(taken(message(1, volatile=True), message(3, volatile=True), status(0)))
    assert (told.left_behind, told.unexplained) == (((2, 2),), ())


@pytest.mark.parametrize("content", [b"", b"[]", b"7", b"{}", b'{"v": 2}', b'{"v": 1, "seq": 1}', b"\xff"])
def test_what_is_no_message_of_a_gateway_is_refused_and_changes_nothing(content):
    store = MessageStore(":memory:")
    with pytest.raises(ValueError):  # noqa: PT011 - JSON's own are among them
        store.take("topic", content)
    assert list(store.accounts()) == []


def test_the_proof_names_what_is_missing_and_fails_when_nothing_explains_it(tmp_path, capsys):
    database = tmp_path / "messages.db"
    store = MessageStore(database)
    for each in (message(1), message(2), message(5), message(7), loss(1, 3, 4, 2)):
        store.take("topic", json.dumps(each).encode())
    assert prove(Namespace(database=database)) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "g                    e                  event             1         1  complete",
        (
            "g                    e                  summary           4         7  "
            "2 reported as lost 3..4; 1 on their way 6..6"
        ),
    ]
    store.take("topic", json.dumps(status(0)).encode())
    assert prove(Namespace(database=database)) == 1
    assert "1 UNEXPLAINED 6..6" in capsys.readouterr().out


async def test_a_receiver_that_is_killed_has_every_message_once(tmp_path):
    database, told = tmp_path / "messages.db", []
    async with running_mosquitto(tmp_path) as mosquitto, aiomqtt.Client("127.0.0.1", mosquitto.port) as gateway:
        async with received(mosquitto.port, database, told) as until:
            await publish(gateway, *map(message, range(1, 51)))
            await until(lambda: len(told) > 20)
        await publish(gateway, *map(message, range(51, 101)), status(0))
        async with received(mosquitto.port, database, told) as until:
            await until(lambda: "gatewayd/g/status" in told[-1])
    (summary,) = MessageStore(database).accounts()
    assert (summary.received, summary.end) == (100, 100)
    assert max(Counter(line for line in told if "/summary " in line).values()) == 1


async def publish(gateway, *messages):
    for each in messages:
        await gateway.publish(f"gatewayd/g/{each['kind']}", json.dumps(each), qos=1)


@asynccontextmanager
async def received(port, database, told):
    """A receiver that has subscribed and is killed at the end; gives what waits until it has told enough."""
    command = [*RECEIVE, "--port", str(port), "--database", database]
    beside = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=beside
    )

    async def until(enough):
        async with asyncio.timeout(10):
            while not enough():
                told.append((await process.stdout.readline()).decode())

    async with asyncio.timeout(10):
        assert await process.stderr.readline() == b"subscribed\n"
    yield until
    process.kill()
    rest, _ = await process.communicate()
    told += rest.decode().splitlines(keepends=True)
