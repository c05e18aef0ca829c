import msgspec
import numpy as np
import pytest
from small_engine import SECOND, SmallEngine, ns, small_plan

from gatewayd.engine.plan import PlannedReadings
from gatewayd.engine.readings import MOST_NUMBERS, GatheredReadings
from gatewayd.model import Polled, Quality


def read(readings):
    """(seconds, values, qualities) of a record."""
    times = np.frombuffer(readings.times, dtype="<i8") / SECOND
    shape = len(times), len(readings.channels)
    values = np.frombuffer(readings.values, dtype="<f8").reshape(shape)
    qualities = np.frombuffer(readings.qualities, dtype=np.uint8)
    return times.tolist(), values.tolist(), qualities.reshape(shape).tolist() if len(qualities) else []


def gathering(names=("pressure",), **plan):
    """An engine whose very first poll, which waits for nothing, is over; its record is forgotten."""
    engine = SmallEngine(names=names, **plan)
    engine.poll(-1, **dict.fromkeys(names, 0.0))
    engine.records.clear()
    return engine


def test_the_first_poll_goes_out_alone_and_at_once():
    engine = SmallEngine(names=("pressure",), interval=0.1, readings=1)
    outputs = [engine.poll(n / 10, pressure=float(n)) for n in range(25)]
    assert [len(read(record)[0]) for record in engine.readings] == [1, 10, 10]
    assert [n for n, output in enumerate(outputs) if output.records] == [0, 10, 20]
    assert [n for n, output in enumerate(outputs) if output.urgent] == [0]


def test_polls_are_gathered_for_the_time_that_was_asked_for():
    engine = gathering(names=("pressure",), interval=0.1, readings=1)
    engine.polls(range(25), every=0.1)
    assert [len(read(record)[0]) for record in engine.readings] == [10, 10]
    values = [row for record in engine.readings for row in read(record)[1]]
    assert values == [[float(n)] for n in range(20)]


@pytest.mark.parametrize("width", [1, 50, 3000, 5000])
def test_a_record_is_bounded_however_long_it_is_gathered(width):
    names = tuple(f"c{n}" for n in range(width))
    engine = gathering(names=names, interval=0.1, readings=3600)
    count = 2 * MOST_NUMBERS // (width + 1) + 2
    engine.polls(range(count), every=0.1, name="c0")
    engine.stop(count)
    sizes = [len(record.times) // 8 * (1 + width) for record in engine.readings]
    assert sum(sizes) == count * (1 + width)
    assert max(sizes) <= max(MOST_NUMBERS, 1 + width)
    assert min(sizes[:-1]) > MOST_NUMBERS / 2


def test_a_full_record_of_the_longest_numbers_is_below_what_brokers_may_refuse():
    longest, absent = -1.2345678901234567e-308, 255
    shape = MOST_NUMBERS // 51, 50
    told = [[3599.123456] * shape[0], np.full(shape, longest).tolist(), np.full(shape, absent).tolist()]
    assert len(msgspec.json.encode(told)) < 128_000


def test_jitter_does_not_move_a_poll_into_another_record():
    engine = gathering(names=("pressure",), interval=0.1, readings=1)
    jitter = np.random.default_rng(5).uniform(-0.04, 0.04, 200)
    jitter[::10] = 0.0
    for n, off in enumerate(jitter.tolist()):
        engine.poll(1 + n * 0.1 + off, pressure=float(n))
    assert {len(read(record)[0]) for record in engine.readings} == {10}


def test_polls_slower_than_the_gathering_go_out_at_once():
    engine = SmallEngine(names=("pressure",), interval=1, readings=1)
    engine.polls([1.0, 2.0, 3.0])
    assert [read(record)[:2] for record in engine.readings] == [([n], [[n + 1.0]]) for n in range(3)]


def test_what_waits_goes_out_at_a_tick_when_no_poll_comes():
    engine = gathering(names=("pressure",), interval=0.1, readings=1)
    engine.poll(0, pressure=1.0)
    engine.tick(0.9)
    assert engine.readings == []
    engine.tick(1.0)
    assert [read(record)[1] for record in engine.readings] == [[[1.0]]]


def test_what_waits_goes_out_at_the_end():
    engine = SmallEngine(names=("pressure",), interval=0.1, readings=1)
    engine.poll(0, pressure=1.0)
    engine.stop(0.1)
    assert len(engine.readings) == 1
    engine.stop(0.2)
    assert len(engine.readings) == 1


def test_good_readings_carry_no_qualities():
    engine = SmallEngine(names=("pressure", "flow"), readings=1)
    engine.poll(0, pressure=1.0, flow=2.0)
    (record,) = engine.readings
    assert (record.boot, record.source, record.channels) == ("boot-1", "pump1", ("pressure", "flow"))
    assert read(record) == ([0.0], [[1.0, 2.0]], [])


def test_every_value_that_is_not_good_says_so():
    engine = gathering(names=("pressure", "flow"), interval=1, readings=3)
    engine.poll(0, pressure=1.0, flow=None)
    engine.poll(1, pressure=np.nan, flow=(5.0, Quality.UNCERTAIN))
    engine.poll(2, pressure=np.inf)
    (record,) = engine.readings
    assert read(record)[2] == [
        [Quality.GOOD, Quality.BAD],
        [Quality.BAD, Quality.UNCERTAIN],
        [Quality.BAD, Quality.ABSENT],
    ]


def test_failed_polls_are_readings_that_are_bad():
    engine = SmallEngine(names=("pressure",), readings=1)
    engine.fail(0)
    (record,) = engine.readings
    assert read(record)[2] == [[Quality.BAD]]


def test_polls_without_a_new_value_are_left_out():
    engine = SmallEngine(names=("pressure",), interval=1, readings=3)
    engine.poll(0)
    engine.poll(1, pressure=5.0)
    engine.poll(2)
    engine.poll(3)
    (record,) = engine.readings
    assert read(record) == ([1.0], [[5.0]], [])


def test_when_no_poll_had_a_new_value_there_is_no_record():
    engine = SmallEngine(names=("pressure",), interval=1, readings=3)
    for at in range(9):
        engine.poll(at)
    assert engine.readings == []


def test_readings_are_in_the_order_of_their_times():
    engine = gathering(names=("pressure",), interval=1, readings=5)
    for at in (10, 12, 11, 13, 14):
        engine.poll(at, pressure=float(at))
    (record,) = engine.readings
    assert read(record)[:2] == ([10, 11, 12, 13, 14], [[10], [11], [12], [13], [14]])


def test_chosen_channels_are_read_in_the_order_that_was_asked_for():
    plan = small_plan()
    gathered = GatheredReadings(plan, PlannedReadings(0, (2, 0, 1), ns(1)), "boot-1")
    polled = Polled(0, 0, np.array([1.0, 2.0, 3.0]), np.array([0, 1, 0], dtype=np.uint8))
    record = gathered.push(polled)
    assert record.channels == ("running", "pressure", "flow")
    assert read(record)[1:] == ([[3.0, 1.0, 2.0]], [[0, 0, 1]])


def test_gathering_leaves_the_polls_as_they_are():
    engine = SmallEngine(names=("pressure",), readings=1)
    values, qualities = np.array([np.nan]), np.zeros(1, dtype=np.uint8)
    values.flags.writeable = qualities.flags.writeable = False
    engine.feed(Polled(0, 0, values, qualities))
    assert len(engine.readings) == 1
    assert qualities.tolist() == [Quality.GOOD]
