"""State that is garbled although its checksum is right never keeps an engine from starting."""

import random
from dataclasses import replace

import pytest
from small_engine import SmallEngine, ns, rule

from gatewayd.engine.packing import unpacked
from gatewayd.model import Command, Order
from gatewayd.records import Saved

GARBLES = 200


def engine(saved=None):
    high, rough = (
        rule("above", high=5.0, name="high"),
        rule("above", "pressure.rms", high=3.0, name="rough", on_delay=5),
    )
    return SmallEngine(
        high, rough, window=10, features=("rms", "std"), hop=1, saved=saved, restored_at=100, readings=5, summary=10
    )


@pytest.fixture(scope="module")
def sound():
    """What an engine saved that has seen something, by stage and name."""
    before = engine()
    for second in range(60):
        before.poll(second, pressure=float(second % 9), flow=1.0, running=1.0)
    before.feed(Command(ns(60), Order.SHELVE, "high", by="me", why="because", lasting=ns(600)))
    saved = [*before.saved.values(), *before.engine.stop(ns(61)).saved]
    found = {(each.stage, each.name): each for each in saved if each.data}
    assert {stage for stage, _ in found} >= {"rules", "windows", "floods"}
    return found


def garbled(dice, data):
    data = bytearray(data)
    if dice.random() < 0.3:
        del data[dice.randrange(1, len(data)) :]
    for _ in range(dice.choice([1, 2, 8])):
        data[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(data)


def test_no_garbled_part_keeps_an_engine_from_going_on(sound):
    dice = random.Random(6)
    for _ in range(GARBLES):
        key, part = dice.choice(list(sound.items()))
        after = engine({**sound, key: replace(part, data=garbled(dice, part.data))})
        after.poll(101, pressure=1.0, flow=1.0, running=1.0)
        after.poll(112, pressure=9.0, flow=1.0, running=1.0)
        after.engine.stop(ns(113))


def test_text_that_is_none_cannot_be_read():
    assert unpacked(Saved("stage", "name", "d", b"\xa2\xff\xfe"), "d", str) is None
