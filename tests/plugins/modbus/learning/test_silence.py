"""What a device does not answer at all: large requests, single values, or everything while it is away."""

from hypothesis import given
from hypothesis import strategies as st
from modbus_device import Asker, FakeBus, right

from gatewayd.testing import hold, simulate
from gatewayd_plugins.modbus.learning.silence import ENOUGH, FULL_WAIT_EVERY, SHORTEST_WAIT, TIMES_AS_LONG, Patience

SILENT = "no answer within 1 s"
MUTE = "no answer to this one, though the device answers others"


def polls(asker, count=1):
    async def run():
        hold(asker.time)
        given = [await asker.poll() for _ in range(count)]
        asker.time += 60.0
        return given

    return simulate(run())


def until_it_works(asker, most):
    """How many polls fail before one gives something; what that gives."""
    for lost in range(most):
        (values,) = polls(asker)
        if values != SILENT:
            return lost, values
    raise AssertionError("it never works")


def test_a_device_that_is_silent_to_large_requests_is_asked_for_less():
    asker = Asker(FakeBus(longest_heard=60), range(100))
    lost, values = until_it_works(asker, 10)
    assert values == right(range(100))
    assert lost == ENOUGH + 1
    polls(asker)
    assert asker.spans == [(0, 50), (50, 50)]


def test_a_register_that_makes_a_device_silent_is_isolated_and_spoils_only_itself():
    asker = Asker(FakeBus(mute={37}), range(100))
    lost, values = until_it_works(asker, 30)
    assert values == right(range(100), {37}, MUTE)
    assert lost <= ENOUGH + 8
    assert (37, 1) not in asker.spans


def test_a_mute_value_is_tried_again_without_a_loss_for_the_others():
    bus = FakeBus(mute={3})
    asker = Asker(bus, range(6))
    until_it_works(asker, 30)
    asker.time += 4000
    assert polls(asker) == [right(range(6), {3}, MUTE)]
    assert asker.spans[-1] == (3, 1)
    assert bus.recovered == 1
    bus.mute.clear()
    asker.time += 9000
    polls(asker)
    assert polls(asker) == [right(range(6))]
    assert asker.spans == [(0, 6)]


def test_a_device_that_is_away_is_not_taken_for_one_that_is_silent_to_something():
    bus = FakeBus(away=True)
    asker = Asker(bus, range(100))
    assert polls(asker, 20) == [SILENT] * 20
    bus.away = False
    assert polls(asker)[0] == right(range(100))
    assert [count for _, count in asker.spans] == [1, 100], "a sign of life, then all"
    polls(asker)
    assert asker.spans == [(0, 100)]


def test_a_device_that_is_away_is_asked_for_little():
    asker = Asker(FakeBus(away=True), range(100))
    polls(asker, ENOUGH + 1)
    assert [count for _, count in asker.spans] == [1]


def test_a_mute_value_is_no_sign_of_life():
    bus = FakeBus(mute={0})
    asker = Asker(bus, range(6))
    until_it_works(asker, 30)
    bus.longest_heard = 3
    polls(asker, ENOUGH)
    until_it_works(asker, 10)
    assert polls(asker) == [right(range(6), {0}, MUTE)]
    assert asker.spans == [(1, 3), (4, 2)]


def test_of_two_values_either_may_be_the_mute_one():
    for mute in (0, 1):
        asker = Asker(FakeBus(mute={mute}), [0, 1])
        assert until_it_works(asker, 20)[1] == right([0, 1], {mute}, MUTE)


def test_a_device_with_nothing_but_mute_values_fails():
    asker = Asker(FakeBus(mute={5}), [5])
    assert polls(asker, 20) == [SILENT] * 20


def test_a_single_lost_answer_changes_nothing():
    bus = FakeBus()
    asker = Asker(bus, range(100))
    for _ in range(20):
        bus.away = True
        assert polls(asker) == [SILENT]
        bus.away = False
        assert polls(asker) == [right(range(100))]
        assert asker.spans == [(0, 100)]


@given(
    st.sets(st.integers(0, 60), min_size=2, max_size=15), st.sets(st.integers(0, 60), max_size=2), st.integers(1, 60)
)
def test_whatever_a_device_is_silent_to_all_the_rest_is_read_in_the_end(registers, mute, longest):
    asker = Asker(FakeBus(mute=mute, longest_heard=longest), sorted(registers))
    expected = right(sorted(registers), mute, MUTE)
    for values in polls(asker, 60):
        assert isinstance(values, str) or all(value in {expected[name], MUTE} for name, value in values.items())
    assert values == expected if registers - mute else isinstance(values, str)


# --- patience -----------------------------------------------------------------------------------------------------


def test_a_device_that_was_quick_is_waited_for_less_when_it_is_away():
    patience = Patience(1.0)
    for _ in range(100):
        patience.answered(0.03)
    waits = []
    for _ in range(ENOUGH + 2 * FULL_WAIT_EVERY):
        waits.append(patience.wait)
        patience.silent()
    assert waits[:ENOUGH] == [1.0] * ENOUGH
    assert set(waits[ENOUGH:]) == {1.0, TIMES_AS_LONG * 0.03}
    assert waits[ENOUGH:].count(1.0) == 2, "now and then as long as ever: it may have become slower"
    patience.answered(0.5)
    assert patience.wait == 1.0


def test_a_device_that_never_answered_is_waited_for_as_long_as_the_config_says():
    patience = Patience(1.0)
    for _ in range(20):
        patience.silent()
        assert patience.wait == 1.0


def test_no_wait_is_too_short_nor_longer_than_the_time_out():
    quick, slow = Patience(1.0), Patience(0.2)
    quick.answered(0.0001)
    slow.answered(0.19)
    for each in (quick, slow):
        for _ in range(ENOUGH):
            each.silent()
    assert (quick.wait, slow.wait) == (SHORTEST_WAIT, 0.2)


def test_one_slow_answer_is_forgotten_after_some_hundred_quick_ones():
    patience = Patience(1.0)
    patience.answered(0.9)
    for _ in range(100):
        patience.answered(0.01)
    assert 0.3 < patience.slowest < 0.4
    for _ in range(500):
        patience.answered(0.01)
    assert patience.slowest < 0.02
