from itertools import pairwise

from gatewayd_plugins.ble.adapter.cures import BETWEEN_CYCLES, LONGEST_WAIT, REFUSALS, SILENCE, Cure, Cures


def silence(cures, begin, end):
    """The cures for a silence, each with its time."""
    now, given = begin, []
    while (now := now + max(cures.wait(now), 1e-6)) < end:
        cure = cures.due(now)
        if cure is not Cure.NONE:
            given.append((now, cure))
    return given


def heard_every(cures, seconds, end):
    now = 0.0
    while now <= end:
        cures.heard(now)
        now += seconds
    return now - seconds


def test_an_adapter_that_falls_silent_gets_a_new_scan_then_is_switched_off_and_on():
    cures = Cures(0.0)
    last = heard_every(cures, 1.0, 100.0)
    (first, cure), (second, other), *_ = silence(cures, last, last + 1000)
    assert (first - last, cure) == (SILENCE, Cure.SCAN_AGAIN)
    assert (second - first, other) == (2 * SILENCE, Cure.POWER_CYCLE)


def test_cures_become_rarer_but_never_end():
    cures = Cures(0.0)
    last = heard_every(cures, 1.0, 30.0)
    times = [time for time, _ in silence(cures, last, last + 86_400)]
    waits = [after - before for before, after in pairwise(times)]
    assert waits == sorted(waits)
    assert max(waits) <= LONGEST_WAIT + 1
    assert len(times) > 86_400 / LONGEST_WAIT - 10


def test_an_adapter_is_not_switched_off_more_often_than_others_can_bear():
    cures = Cures(0.0)
    last = heard_every(cures, 1.0, 30.0)
    cycles = [time for time, cure in silence(cures, last, last + 86_400) if cure is Cure.POWER_CYCLE]
    assert len(cycles) > 10
    assert all(after - before >= BETWEEN_CYCLES for before, after in pairwise(cycles))


def test_an_adapter_that_never_heard_anything_is_switched_off_late():
    given = silence(Cures(0.0), 0.0, 3600)
    assert [cure for _, cure in given[:4]] == [Cure.SCAN_AGAIN] * 3 + [Cure.POWER_CYCLE]


def test_silences_that_are_usual_are_no_reason():
    cures = Cures(0.0)
    last = heard_every(cures, 20.0, 200.0)
    assert silence(cures, last, last + 79) == []
    assert silence(cures, last, last + 81)


def test_one_slow_beacon_alone_is_no_trouble():
    for every in (45.0, 300.0, 3600.0):
        cures = Cures(0.0)
        cures.heard(0.0)
        first = heard_again(cures, 0.0, every)
        assert len([cure for _, cure in first if cure is Cure.POWER_CYCLE]) <= 3
        assert not [cure for place in range(1, 100) for cure in heard_again(cures, every * place, every)]


def heard_again(cures, last, after):
    """The cures until something is heard again."""
    given = silence(cures, last, last + after)
    cures.heard(last + after)
    return given


def test_long_silences_are_forgotten():
    cures = Cures(0.0)
    heard_every(cures, 100.0, 300.0)
    assert cures.wait(300.0) == 400.0
    for second in range(100):
        cures.heard(301.0 + second)
    assert cures.wait(400.0) == SILENCE


def test_what_was_before_the_adapter_was_away_is_no_silence():
    cures = Cures(0.0)
    last = heard_every(cures, 1.0, 30.0)
    silence(cures, last, last + 1000)
    cures.begun(last + 1000)
    assert cures.tried == 0
    assert cures.quiet_for(last + 1001) == 1.0
    assert cures.due(last + 1001) is Cure.NONE


def test_scans_that_are_refused_again_and_again_need_a_switch():
    cures = Cures(0.0)
    asked = [cures.refused(float(second)) for second in range(REFUSALS + 10)]
    assert asked[: REFUSALS - 1] == [Cure.NONE] * (REFUSALS - 1)
    assert asked.count(Cure.POWER_CYCLE) == 1
    assert asked[REFUSALS - 1] is Cure.POWER_CYCLE
