"""The verdict: when a demo has gone well, and what is said about it."""

from types import MappingProxyType

import pytest

from gatewayd_plugins.simulator.demo.story import RaisedAlarm, Story
from gatewayd_plugins.simulator.demo.verdict import Ending, failures, report
from gatewayd_plugins.simulator.faults import Fault


def story(*, alarms=1, cleared=42.0, numbers=(1, 2), counts=MappingProxyType({"summary": 2}), **more):
    told = Story(**{"status": "offline", **more})
    told.counts.update(counts)
    told.alarms += [RaisedAlarm("rough_running", "warning", 21.42, "why", "", cleared)] * alarms
    for number in numbers:
        told.ledger.enter("e1", "live", number)
    return told


def test_summaries_and_the_alarm_are_what_a_demo_is_for():
    assert failures(story(), Ending.DONE, Fault.CAVITATION) == []


@pytest.mark.parametrize(
    ("told", "ending", "fault", "wrong"),
    [
        (Story(), Ending.STOPPED, Fault.CAVITATION, ["no message reached the broker"]),
        (story(counts={"status": 1}), Ending.DONE, Fault.CAVITATION, ["no summary reached the broker"]),
        (story(alarms=0), Ending.DONE, Fault.DRY_RUN, ["dry-run raised no alarm"]),
        (story(), Ending.DONE, Fault.NONE, ["an alarm was raised although the pump was well"]),
        (story(numbers=(1, 4)), Ending.DONE, Fault.BEARING, ["messages that are missing: 2"]),
        (story(cleared=None), Ending.DONE, Fault.BEARING, ["rough_running did not clear"]),
        (story(), Ending.DIED, Fault.BEARING, ["the gateway died"]),
        (story(status="online"), Ending.DONE, Fault.BEARING, ["the gateway did not take its leave"]),
        (story(waiting=3), Ending.DONE, Fault.BEARING, ["messages left behind in the outbox: 3"]),
        (
            story(unreadable=["no JSON", "no kind"]),
            Ending.STOPPED,
            Fault.BEARING,
            ["messages that cannot be read: 2 (no JSON)"],
        ),
    ],
)
def test_what_is_wrong_is_said(told, ending, fault, wrong):
    assert failures(told, ending, fault) == wrong
    assert wrong[0] in report(told, ending, fault)[-1]


def test_a_demo_that_is_stopped_early_is_asked_for_messages_only():
    assert failures(story(alarms=0, counts={"status": 1}), Ending.STOPPED, Fault.CAVITATION) == []


def test_the_report_gives_counts_completeness_and_the_course_of_each_alarm():
    told = story(counts={"summary": 12, "alarm": 1})
    told.alarms.append(RaisedAlarm("no_flow", "critical", 30.0, "why", ""))
    assert report(told, Ending.STOPPED, Fault.CAVITATION) == [
        "received  12 summaries, 1 alarm",
        "complete  none missing, none twice, by their sequence numbers",
        "alarm     rough_running raised at 21.4 s, cleared at 42.0 s",
        "          why",
        "alarm     no_flow raised at 30.0 s, still open at the end",
        "          why",
        "verdict   all is well (stopped early)",
    ]


def test_where_nothing_arrived_nothing_is_called_complete():
    assert report(Story(), Ending.STOPPED, Fault.CAVITATION) == [
        "received  nothing",
        "verdict   no message reached the broker (stopped early)",
    ]
