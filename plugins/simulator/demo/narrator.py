"""The narrator: makes the story out of the messages that arrive."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec

from gatewayd_plugins.simulator.demo.messages import (
    Alarm,
    AnyMessage,
    Birth,
    Epoch,
    Flood,
    Loss,
    Model,
    Readings,
    Sequenced,
    Status,
    Summary,
    Verdict,
    decode,
)
from gatewayd_plugins.simulator.demo.story import Channel, RaisedAlarm, Story
from gatewayd_plugins.simulator.demo.words import counted, number


class Narrator:
    """Enters messages into a story; `clock` gives the seconds since its start."""

    def __init__(self, story: Story, clock: Callable[[], float]) -> None:
        self._story = story
        self._clock = clock
        self._read: set[str] = set()

    def hear(self, payload: bytes) -> None:
        """Take a message in. What is none, or came before, is counted and otherwise ignored."""
        try:
            message = decode(payload)
        except msgspec.DecodeError as error:
            self._story.unreadable.append(str(error))
            self._tell("message", f"cannot be read: {error}")
            return
        ledger = self._story.ledger
        if isinstance(message, Sequenced) and not ledger.enter(message.epoch, message.of_class, message.seq):
            return
        self._enter(message)
        if not isinstance(message, Status | Birth | Epoch):
            self._story.counts[type(message).__name__.lower()] += 1

    def _enter(self, message: AnyMessage) -> None:
        match message:
            case Status():
                self._status(message)
            case Birth():
                self._birth(message)
            case Readings():
                self._readings(message)
            case Summary():
                self._summary(message)
            case Alarm():
                self._alarm(message)
            case Flood() | Verdict() | Model():
                self._tell(type(message).__name__.lower(), message.reason)
            case Loss():
                self._tell("loss", message.why)
            case Epoch():
                self._tell("epoch", f"messages are numbered from 1: {message.why}")

    def _status(self, status: Status) -> None:
        if status.status != self._story.status:
            self._tell("status", f"the gateway is {status.status}")
        self._story.status, self._story.waiting = status.status, status.waiting

    def _birth(self, birth: Birth) -> None:
        for source, born in birth.sources.items():
            for name, channel in born.channels.items():
                self._channel(name).unit = channel.unit
            self._tell("birth", f"{source}: {counted({'channel': len(born.channels), 'rule': len(birth.rules)})}")

    def _readings(self, readings: Readings) -> None:
        if not self._read.issuperset(readings.channels):
            self._read.update(readings.channels)
            self._tell("readings", f"the first of {', '.join(readings.channels)}")
        begin = self._seconds(readings.time)
        for offset, row in zip(readings.offsets, readings.values, strict=True):
            for name, value in zip(readings.channels, row, strict=True):
                if value is not None:
                    self._channel(name).add(begin + offset, value)

    def _summary(self, summary: Summary) -> None:
        end = self._seconds(summary.end)
        for name, channel in summary.channels.items():
            # Of what arrives reading by reading, the summary tells nothing new.
            if name not in self._read and channel.last is not None:
                self._channel(name).add(end, channel.last)
        self._story.period = f"{counted({'poll': summary.polls})}, {summary.failed or 'none'} failed"
        self._tell("summary", f"{', '.join(self._means(summary))}; {self._story.period}")

    def _means(self, summary: Summary) -> Iterator[str]:
        for name, channel in summary.channels.items():
            if channel.mean is not None:
                unit = self._channel(name).unit
                yield f"{name} {number(channel.mean)}{'' if unit in ('', '1') else f' {unit}'}"

    def _alarm(self, alarm: Alarm) -> None:
        at, alarms = self._seconds(alarm.time), self._story.alarms
        if alarm.state == "raised":
            alarms.append(RaisedAlarm(alarm.rule, alarm.severity, at, alarm.reason, alarm.text))
        for raised in alarms:
            if alarm.state == "cleared" and raised.rule == alarm.rule and raised.cleared is None:
                raised.cleared = at
        self._tell("alarm", f"{alarm.rule} {alarm.state} ({alarm.severity}): {alarm.reason}")

    def _channel(self, name: str) -> Channel:
        return self._story.channels.setdefault(name, Channel())

    def _seconds(self, moment: datetime | None) -> float:
        age = 0.0 if moment is None else time.time() - moment.timestamp()
        return self._clock() - age

    def _tell(self, kind: str, words: str) -> None:
        self._story.tell(self._clock(), kind, words)
