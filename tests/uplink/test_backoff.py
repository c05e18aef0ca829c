from gatewayd.uplink.backoff import Backoff


def test_waits_grow_twofold_up_to_the_longest():
    backoff = Backoff(0.5, 30.0, chance=lambda: 0.0)
    assert [backoff.next() for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]


def test_waits_are_shortened_at_random_by_up_to_a_half():
    assert Backoff(8.0, chance=lambda: 1.0).next() == 4.0


def test_a_connection_that_was_worth_the_wait_begins_the_waits_anew():
    backoff = Backoff(0.5, chance=lambda: 0.0)
    assert [backoff.next() for _ in range(3)] == [0.5, 1, 2]
    backoff.worked(lived=1.0)
    assert backoff.next() == 4
    backoff.worked(lived=5.0)
    assert backoff.next() == 0.5


def test_a_broker_that_does_what_it_must_not_is_waited_for_longer_than_any_other():
    backoff = Backoff(0.5, 1.5, chance=lambda: 0.0)
    assert [backoff.next(offended=True) for _ in range(9)] == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]
    assert backoff.next() == 1.5, "once it behaves it is one like others"
    assert Backoff(0.5, 100.0, chance=lambda: 0.0).next(offended=True) == 0.5
