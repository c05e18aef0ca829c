from types import SimpleNamespace

from gatewayd.status import headline


def told(*bad_counts):
    return headline(
        SimpleNamespace(
            sources=[SimpleNamespace(state="ok", bad_count=count) for count in bad_counts],
            alarms=(),
            uplink=SimpleNamespace(connected=True),
            outbox=SimpleNamespace(waiting=3),
        )
    )


def test_all_of_it_is_in_one_line():
    assert told(0, 0) == "2 of 2 sources ok, 0 alarms, broker connected, 3 messages wait"


def test_sources_that_answer_without_a_good_value_are_not_passed_off_as_well():
    assert told(0, 2, 1) == "3 of 3 sources ok, 3 channels bad, 0 alarms, broker connected, 3 messages wait"
