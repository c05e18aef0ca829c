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
    """What went wrong; nothing if all was well. What a demo had no time for because it was stopped is not asked."""
    return list(_failures(story, ending, fault))


def _failures(story: Story, ending: Ending, fault: Fault) -> Iterator[str]:
    if ending is Ending.DIED:
        yield ending.value
    elif story.counts and story.status != "offline":
        yield "the gateway did not take its leave"
    if not story.counts:
        yield "no message reached the broker"
    if story.unreadable:
        yield f"messages that cannot be read: {len(story.unreadable)} ({story.unreadable[0]})"
    if story.ledger.missing:
        yield f"messages that are missing: {story.ledger.missing}"
    if story.waiting:
        yield f"messages left behind in the outbox: {story.waiting}"
    if ending is Ending.DONE:
        yield from _unfulfilled(story, fault)


def _unfulfilled(story: Story, fault: Fault) -> Iterator[str]:
    if not story.counts["summary"]:
        yield "no summary reached the broker"
    if fault is Fault.NONE and story.alarms:
        yield "an alarm was raised although the pump was well"
    if fault is not Fault.NONE and not story.alarms:
        yield f"{fault} raised no alarm"
    for alarm in story.alarms:
        if alarm.cleared is None:
            yield f"{alarm.rule} did not clear"


def report(story: Story, ending: Ending, fault: Fault) -> list[str]:
    """The verdict in lines."""
    verdict = "; ".join(failures(story, ending, fault)) or "all is well"
    return [
        f"received  {counted(story.counts) or 'nothing'}",
        *([f"complete  {_completeness(story)}"] if story.counts else []),
        *(line for alarm in story.alarms for line in _course(alarm)),
        f"verdict   {verdict}{f' ({ending.value})' if ending is Ending.STOPPED else ''}",
    ]


def _completeness(story: Story) -> str:
    missing, duplicates = story.ledger.missing, story.ledger.duplicates
    return f"{missing or 'none'} missing, {duplicates or 'none'} twice, by their sequence numbers"


def _course(alarm: RaisedAlarm) -> Iterator[str]:
    end = "still open at the end" if alarm.cleared is None else f"cleared at {alarm.cleared:.1f} s"
    yield f"alarm     {alarm.rule} raised at {alarm.raised:.1f} s, {end}"
    yield f"          {alarm.reason}"
