"""The verdict on a demo: what arrived, what was raised and cleared, what is missing, and whether all was well."""

from __future__ import annotations

import enum
from collections.abc import Iterator

from gatewayd_plugins.simulator.demo.story import RaisedAlarm, Story
from gatewayd_plugins.simulator.demo.words import counted
from gatewayd_plugins.simulator.faults import Fault


class Ending(enum.Enum):
    """How a demo came to its end."""

    DONE = "the demo ran to its end"
    STOPPED = "stopped early"
    DIED = "the gateway died"


def failures(story: Story, ending: Ending, fault: Fault) -> list[str]:
    """What went wrong; nothing if all was well. Of a demo that was stopped early only messages are asked."""
    return list(_failures(story, ending, fault))


def _failures(story: Story, ending: Ending, fault: Fault) -> Iterator[str]:
    if ending is Ending.DIED:
        yield "the gateway died"
    if not story.counts:
        yield "no message reached the broker"
    if story.ledger.missing:
        yield f"{story.ledger.missing} messages are missing"
    if ending is Ending.DONE:
        yield from _unfulfilled(story, fault)


def _unfulfilled(story: Story, fault: Fault) -> Iterator[str]:
    if not story.counts["summary"]:
        yield "no summary reached the broker"
    if fault is Fault.NONE and story.alarms:
        yield "an alarm was raised although the pump was well"
    if fault is not Fault.NONE and not story.alarms:
        yield f"{fault} raised no alarm"


def report(story: Story, ending: Ending, fault: Fault) -> list[str]:
    """The verdict in lines."""
    wrong = failures(story, ending, fault)
    return [
        f"received  {counted(story.counts) or 'nothing'}",
        f"complete  {_completeness(story)}",
        *(f"alarm     {_course(alarm)}" for alarm in story.alarms),
        f"verdict   {'; '.join(wrong) if wrong else 'all is well'}{'' if ending is Ending.DONE else f' ({ending.value})'}",
    ]


def _completeness(story: Story) -> str:
    missing, duplicates = story.ledger.missing, story.ledger.duplicates
    return f"{missing or 'none'} missing, {duplicates or 'none'} twice, by their sequence numbers"


def _course(alarm: RaisedAlarm) -> str:
    end = "still open at the end" if alarm.cleared is None else f"cleared at {alarm.cleared:.1f} s"
    return f"{alarm.rule} raised at {alarm.raised:.1f} s, {end}"
