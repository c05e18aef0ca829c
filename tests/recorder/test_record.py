"""What was recorded is what is replayed: all kinds of inputs, bit for bit, and so all that the engine made of them."""

import dataclasses

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded import record, recording, replayed
from small_engine import SmallEngine, ns, rule, small_plan
from texts import texts

from gatewayd.engine.engine import Engine
from gatewayd.model import Burst, Command, Computed, Order, Polled, Quality, Tick
from gatewayd.recorder import Begun, Clock, Heading, Missed, RecordError, Stopped, read
from gatewayd.records import Saved

PLAN = small_plan(
    rule("above", high=2.0, on_delay=2),
    rule("stale", "flow", span=5, name="silent"),
    window=4,
    features=("rms", "kurtosis"),
    bursts=("rms", "crest_factor"),
    sludge="pressure",
    readings=3,
    summary=10,
)
NUMBER = [channel.name for channel in PLAN.channels].index("pump1.acceleration")

finite = st.floats(allow_nan=True, allow_infinity=True)
quality = st.sampled_from(list(Quality))
names = st.sampled_from(["pressure", "flow", "running"])


@st.composite
def polls(draw, time):
    values = np.array(draw(st.lists(finite, min_size=3, max_size=3)))
    qualities = np.array(draw(st.lists(quality, min_size=3, max_size=3)), dtype=np.uint8)
    reasons = draw(st.dictionaries(names, texts(max_size=20), max_size=2))
    return Polled(
        0, time, values, qualities, reasons, draw(st.integers(0, 5)), draw(st.booleans()), draw(st.booleans())
    )


@st.composite
def bursts(draw, time):
    kind = draw(st.sampled_from([np.float32, np.float64]))
    values = np.array(draw(st.lists(st.floats(-10, 10, width=32), min_size=1, max_size=40)), dtype=kind)
    return Burst(
        NUMBER, time, 1000.0, values, draw(quality), draw(texts(max_size=9)), draw(st.booleans()), draw(st.booleans())
    )


@st.composite
def inputs(draw):
    """Some inputs of all kinds, in the order of time."""
    time, found = ns(10), []
    for _ in range(draw(st.integers(0, 15))):
        time += draw(st.integers(0, ns(3)))
        orders = st.builds(Command, st.just(time), st.sampled_from([Order.ACKNOWLEDGE, Order.SHELVE]), st.just("watch"))
        results = st.builds(Computed, st.just(0), st.just(time), st.just(np.array([1.5])), quality)
        found.append(draw(st.one_of(polls(time), bursts(time), st.just(Tick(time)), orders, results)))
    return found


def same(one, other):
    """Whether two inputs are the same, bit for bit."""
    if type(one) is not type(other):
        return False
    pairs = [(getattr(one, each.name), getattr(other, each.name)) for each in dataclasses.fields(one)]
    return all(
        (a.dtype == b.dtype and a.tobytes() == b.tobytes()) if isinstance(a, np.ndarray) else a == b for a, b in pairs
    )


@given(fed=inputs())
async def test_every_input_comes_back_bit_for_bit(tmp_path_factory, fed):
    folder = tmp_path_factory.mktemp("record")
    await record(folder, PLAN, fed)
    found = [entry for entry in read(folder) if not isinstance(entry, Heading | Begun | Stopped | Clock)]
    assert len(found) == len(fed)
    assert all(map(same, found, fed))


@given(fed=inputs())
async def test_a_replay_gives_the_same_records_byte_for_byte(tmp_path_factory, fed):
    folder = tmp_path_factory.mktemp("record")
    before = SmallEngine(rule("above", high=2.0, on_delay=2))
    before.poll(1, pressure=9.0)
    before.poll(5, pressure=9.0)
    saved = tuple(before.saved.values())
    engine = Engine(PLAN, "boot-1")
    live = [engine.restore(saved, 0), *map(engine.feed, fed), engine.stop(10**15)]
    await record(folder, PLAN, fed, saved=saved)
    encode = msgspec.msgpack.encode
    again = replayed(folder, PLAN)
    assert [encode(each.records) for each in again] == [encode(each.records) for each in live]
    assert [each.saved for each in again] == [each.saved for each in live]


async def test_a_heading_names_what_numbers_stand_for(tmp_path):
    await record(tmp_path / "record", PLAN, [])
    heading, *rest = read(tmp_path / "record")
    assert (heading.boot, heading.digest, heading.version, heading.number) == ("boot-1", "d", "1", 1)
    assert heading.groups[0] == ("pump1", ("pump1.pressure", "pump1.flow", "pump1.running"))
    assert heading.waveforms == {NUMBER: "pump1.acceleration"}
    assert heading.calculations == ("sludge",)
    assert [type(each) for each in rest if not isinstance(each, Clock)] == [Begun, Stopped]


async def test_what_was_saved_before_stands_at_the_beginning(tmp_path):
    saved = (Saved("alarms", "watch", "abc", b"\x00\xff"),)
    await record(tmp_path / "record", PLAN, [], saved=saved, at=7)
    (begun,) = (entry for entry in read(tmp_path / "record") if isinstance(entry, Begun))
    assert begun == Begun(7, saved)


async def test_runs_follow_each_other_in_one_record(tmp_path):
    for second in (1, 2, 3):
        await record(tmp_path / "record", PLAN, [Tick(ns(second))])
    entries = list(read(tmp_path / "record"))
    assert [entry.number for entry in entries if isinstance(entry, Heading)] == [1, 2, 3]
    assert [entry.time for entry in entries if isinstance(entry, Tick)] == [ns(1), ns(2), ns(3)]
    assert not [entry for entry in entries if isinstance(entry, Missed)]


async def test_nothing_is_recorded_without_a_budget(tmp_path):
    async with recording(tmp_path / "record", PLAN, max_size=0) as recorder:
        recorder.begin((), 0)
        recorder.put(Tick(1))
        assert not recorder.status().on
    assert not (tmp_path / "record").exists()


def test_a_record_that_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(RecordError, match="there is no record"):
        list(read(tmp_path))


def test_a_file_of_something_else_is_no_record(tmp_path):
    (tmp_path / "a.csv").write_text("time,a\n1,2\n")
    with pytest.raises(RecordError, match="does not begin like a segment"):
        list(read(tmp_path / "a.csv"))
