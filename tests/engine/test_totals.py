"""Totals: integrals of rates, counters that wrap or are reset, and what is left after a stop, a crash, a power cut."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_engine import SECOND, SmallEngine, ns

from gatewayd.engine.deriving.meters import Counter, Rate
from gatewayd.engine.deriving.totals import Sum
from gatewayd.engine.plan import PlannedTotal
from gatewayd.model import Quality

GOOD, UNCERTAIN, BAD = Quality.GOOD, Quality.UNCERTAIN, Quality.BAD


def volume(numbers, derive):
    """What flows, in litres: the flow is in l/min."""
    return PlannedTotal(
        "volume", (numbers["flow"],), (derive("total.volume", "l"), derive("total.volume.missed")), ns(60)
    )


def counted(wrap=0.0):
    """What `flow` counts, as if it were a counter."""

    def planned(numbers, derive):
        return PlannedTotal("pulses", (numbers["flow"],), (derive("total.pulses"),), 0, wrap)

    return planned


def test_a_steady_rate_adds_up():
    engine = SmallEngine(derivers=[volume])
    engine.polls([60.0] * 4, "flow")
    assert engine.values("total.volume") == [0.0, 1.0, 2.0, 3.0]


def test_between_two_values_it_is_their_mean():
    engine = SmallEngine(derivers=[volume])
    engine.polls([0.0, 60.0, 120.0], "flow")
    assert engine.values("total.volume") == [0.0, 0.5, 2.0]


def test_what_flows_back_is_taken_off():
    engine = SmallEngine(derivers=[volume])
    engine.polls([60.0, 60.0, -60.0, -60.0], "flow")
    assert engine.values("total.volume") == [0.0, 1.0, 1.0, 0.0]


def test_a_short_gap_is_bridged():
    engine = SmallEngine(derivers=[volume])
    engine.poll(0, flow=60.0)
    for at in range(1, 10):
        engine.poll(at, flow=None)
    engine.poll(10, flow=60.0)
    assert [quality for _, quality, _ in engine.told("total.volume")] == [GOOD] + [BAD] * 9 + [GOOD]
    assert engine.told("total.volume")[1][2] == "pump1.flow is bad"
    assert engine.values("total.volume")[-1] == pytest.approx(10.0)
    assert engine.values("total.volume.missed")[-1] == 0.0


def test_a_longer_gap_is_not_guessed_but_counted():
    engine = SmallEngine(derivers=[volume])
    engine.polls([60.0, 60.0], "flow")
    engine.polls([60.0, 60.0], "flow", start=12)
    assert engine.told("total.volume")[2:] == [
        (1.0, UNCERTAIN, "the last 11 s are not in it"),
        (2.0, GOOD, ""),
    ]
    assert engine.told("total.volume.missed")[-1] == (11.0, GOOD, "")


def test_an_uncertain_rate_makes_its_total_uncertain():
    engine = SmallEngine(derivers=[volume])
    engine.poll(0, flow=60.0)
    engine.poll(1, flow=(60.0, UNCERTAIN))
    assert engine.told("total.volume")[1] == (1.0, UNCERTAIN, "")


def test_time_that_goes_back_adds_nothing():
    engine = SmallEngine(derivers=[volume])
    for at in (10, 11, 5, 5, 6):
        engine.poll(at, flow=60.0)
    assert engine.values("total.volume") == [0.0, 1.0, 1.0, 1.0, 2.0]


def test_a_rate_beyond_all_bounds_does_not_spoil_the_total():
    engine = SmallEngine(derivers=[volume])
    engine.polls([60.0, 60.0, 1e308, 1e308], "flow", every=10)
    engine.poll(200, flow=60.0)
    engine.poll(201, flow=60.0)
    value, quality, _ = engine.told("total.volume")[-1]
    assert (math.isfinite(value), quality) == (True, GOOD)
    assert Sum(1.7e308).add(1.7e308) is False


@given(st.lists(st.floats(-1e9, 1e9), max_size=50))
def test_a_sum_is_as_exact_as_it_can_be(numbers):
    total = Sum()
    assert all(total.add(number) for number in numbers)
    assert total.value() == pytest.approx(math.fsum(numbers), rel=1e-12, abs=1e-6)


def test_years_of_small_additions_are_not_lost_on_a_large_total():
    total = Sum(1e9)
    for _ in range(100_000):
        total.add(1e-8)
    assert total.value() - 1e9 == pytest.approx(1e-3, rel=1e-4)


# --- counters -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("readings", "totals"),
    [
        ([100, 110, 130], [0, 10, 30]),
        ([65530, 65535, 4, 10], [0, 5, 10, 16]),
        ([65530, 0, 6], [0, 6, 12]),
        ([30000, 3, 10], [0, 3, 10]),
        ([50000, 100, 110], [0, 15636, 15646]),
        ([20000, 19990, 20000], [0, 0, 0]),
        ([20000, 19990, 19995], [0, 0, 5]),
        ([1000, 0, 1001, 1002], [0, 0, 1, 2]),
        ([65530, 0, 65531], [0, 6, 1]),
        ([1000, 0, 0, 7], [0, 0, 0, 7]),
    ],
    ids=[
        *("it counts", "it wraps", "it wraps to 0", "it is reset", "a reset near the end looks like a wrap"),
        *("one reading a little lower", "it was set back a little"),
        *("one reading of 0", "one reading of 0 near the end", "a reset to 0"),
    ],
)
def test_a_counter_of_16_bits_goes_on_where_it_goes_back(readings, totals):
    engine = SmallEngine(derivers=[counted(65536.0)])
    engine.polls(readings, "flow")
    assert engine.values("total.pulses") == totals


def test_a_counter_that_never_wraps_is_reset_at_most():
    engine = SmallEngine(derivers=[counted()])
    engine.polls([1e12, 1e12 + 5, 3, 4], "flow")
    assert engine.values("total.pulses") == [0.0, 5.0, 8.0, 9.0]


def test_a_reset_and_a_step_back_make_the_total_uncertain_and_say_why():
    engine = SmallEngine(derivers=[counted(65536.0)])
    engine.polls([30000, 20000, 3, 4], "flow")
    assert engine.told("total.pulses")[1:] == [
        (0.0, UNCERTAIN, "went back from 30000 to 20000: too far for a wrap, not far enough for a reset"),
        (3.0, UNCERTAIN, "went back from 20000 to 3: it was reset, what it counted just before is not in it"),
        (4.0, GOOD, ""),
    ]


def test_what_no_counter_can_read_is_bad_and_passed_over():
    engine = SmallEngine(derivers=[counted(65536.0)])
    engine.polls([10, 70000, -1, 20], "flow")
    told = engine.told("total.pulses")
    assert [quality for _, quality, _ in told] == [GOOD, BAD, BAD, GOOD]
    assert told[1][2] == "70000 is no reading of a counter from 0 to 65536"
    assert told[-1][0] == 10.0


def test_a_counter_misses_nothing_in_a_gap():
    engine = SmallEngine(derivers=[counted()])
    engine.poll(0, flow=10)
    engine.poll(1000, flow=500)
    assert engine.told("total.pulses")[-1] == (490.0, GOOD, "")


@given(st.lists(st.integers(0, 250), max_size=40), st.integers(0, 999))
def test_any_count_is_found_again_behind_its_wraps(steps, start):
    meter, at, total = Counter(1000.0), start, 0.0
    meter.take(0, float(start))
    for n, step in enumerate(steps):
        at += step
        total += meter.take(n + 1, float(at % 1000)).added
    assert total == sum(steps)


# --- what is left after a stop ------------------------------------------------------------------------------------


def test_it_goes_on_after_a_restart():
    engine = SmallEngine(derivers=[volume])
    engine.polls([60.0] * 4, "flow")
    engine.stop(3.5)
    again = SmallEngine(derivers=[volume], saved=engine.saved, restored_at=5)
    again.poll(6, flow=60.0)
    assert again.values("total.volume") == [pytest.approx(6.0)]


def test_after_a_kill_a_minute_at_most_is_missed_and_that_is_counted():
    engine = SmallEngine(derivers=[volume])
    engine.polls([60.0] * 111, "flow")
    again = SmallEngine(derivers=[volume], saved=engine.saved, restored_at=115)
    again.poll(115, flow=60.0)
    again.poll(116, flow=60.0)
    assert engine.values("total.volume")[-1] == pytest.approx(110.0)
    assert again.values("total.volume") == [pytest.approx(60.0), pytest.approx(61.0)]
    assert again.values("total.volume.missed") == [55.0, 55.0]


def test_a_counter_loses_nothing_by_a_kill_or_a_power_cut():
    for boot in ("boot-1", "boot-2"):
        engine = SmallEngine(derivers=[counted(65536.0)])
        engine.polls(range(0, 1110, 10), "flow")
        again = SmallEngine(derivers=[counted(65536.0)], saved=engine.saved, boot=boot)
        again.poll(3, flow=2000)
        assert again.values("total.pulses") == [2000.0]


def test_after_a_power_cut_a_rate_goes_on_from_what_was_saved():
    engine = SmallEngine(derivers=[volume])
    engine.polls([60.0] * 100, "flow")
    again = SmallEngine(derivers=[volume], saved=engine.saved, boot="boot-2")
    again.polls([60.0, 60.0], "flow", start=5)
    assert again.values("total.volume") == [pytest.approx(60.0), pytest.approx(61.0)]
    assert again.values("total.volume.missed") == [0.0, 0.0]


def test_it_is_saved_once_a_minute():
    engine = SmallEngine(derivers=[volume])
    outputs = [engine.poll(at, flow=60.0) for at in range(181)]
    assert [n for n, output in enumerate(outputs) if any(each.stage == "totals" for each in output.saved)] == [
        60,
        120,
        180,
    ]


def test_another_definition_begins_at_0():
    engine = SmallEngine(derivers=[counted(65536.0)])
    engine.polls([10, 20], "flow")
    engine.stop(2)
    again = SmallEngine(derivers=[counted(1000.0)], saved=engine.saved)
    again.poll(3, flow=30)
    assert again.values("total.pulses") == [0.0]


def test_what_was_saved_and_cannot_be_read_is_passed_over():
    engine = SmallEngine(derivers=[volume])
    engine.polls([60.0] * 3, "flow")
    engine.stop(3)
    spoilt = {key: type(item)(item.stage, item.name, item.definition, b"\xff") for key, item in engine.saved.items()}
    again = SmallEngine(derivers=[volume], saved=spoilt)
    again.poll(4, flow=60.0)
    assert again.values("total.volume") == [0.0]


def test_a_rate_of_another_unit_of_time():
    meter = Rate(3600 * SECOND, 10 * SECOND)
    meter.take(0, 7.2)
    assert meter.take(SECOND, 7.2).added == pytest.approx(0.002)
