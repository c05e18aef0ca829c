"""What the narrator makes of messages: hand-made here, as docs/payloads.md describes them."""

import json
import time
from datetime import UTC, datetime

import pytest

from gatewayd_plugins.simulator.demo.narrator import Narrator
from gatewayd_plugins.simulator.demo.story import RaisedAlarm, Story

SUMMARY = {"source": "pump1", "start": None, "end": None, "channels": {}, "alarms": [], "polls": 30, "failed": 0}
ALARM = {"rule": "no_flow", "severity": "critical", "time": None, "text": "It runs dry."}
RAISED = {**ALARM, "state": "raised", "reason": "pump1.flow: 0.2 l/min, below 40 l/min for 1 s"}
CLEARED = {**ALARM, "state": "cleared", "reason": "pump1.flow: 118 l/min"}


class Telling:
    """A narrator 100 s into a demo, and the story that it tells."""

    def __init__(self):
        self.story = Story()
        self._start = time.time() - 100.0
        self._narrator = Narrator(self.story, lambda: time.time() - self._start)

    def hear(self, kind, **message):
        self._narrator.hear(json.dumps({"v": 1, "kind": kind, "gateway": "demo", **message}).encode())

    def hear_numbered(self, kind, number, **message):
        of_class = kind if kind in ("summary", "readings") else "event"
        self.hear(kind, epoch="e1", seq=number, **{"class": of_class}, **message)

    def hear_raw(self, payload):
        self._narrator.hear(payload)

    def at(self, seconds):
        """A time of the demo as the gateway writes it."""
        return datetime.fromtimestamp(self._start + seconds, UTC).isoformat(timespec="milliseconds")

    def words(self, kind):
        return [event.words for event in self.story.events if event.kind == kind]


@pytest.fixture
def telling():
    return Telling()


def test_the_gateways_status_is_told_when_it_changes(telling):
    for status, waiting in [("online", 4), ("online", 2), ("offline", 0)]:
        telling.hear("status", status=status, time=None, waiting=waiting)
    assert (telling.story.status, telling.story.waiting) == ("offline", 0)
    assert telling.words("status") == ["the gateway is online", "the gateway is offline"]
    assert not telling.story.counts


def test_a_will_does_not_say_what_waits(telling):
    telling.hear("status", status="lost", time=None)
    assert telling.story.status == "lost"


def test_the_birth_gives_the_channels_in_their_order_with_their_units(telling):
    channels = {"pressure": {"unit": "bar", "kind": "scalar"}, "vibration.rms": {"unit": "m/s2", "kind": "scalar"}}
    telling.hear("birth", sources={"pump1": {"plugin": "modbus", "channels": channels}}, rules={"no_flow": {}})
    assert [(name, channel.unit) for name, channel in telling.story.channels.items()] == [
        ("pressure", "bar"),
        ("vibration.rms", "m/s2"),
    ]
    assert telling.words("birth") == ["pump1: 2 channels, 1 rule"]


def test_every_reading_is_entered_at_the_time_that_it_was_read(telling):
    channels, values = ["pressure", "flow"], [[3.0, 120.0], [None, 121.0]]
    telling.hear_numbered(
        "readings", 1, source="pump1", channels=channels, time=telling.at(20.5), offsets=[0.0, 0.1], values=values
    )
    pressure, flow = (telling.story.channels[name] for name in channels)
    assert pressure.times == pytest.approx([20.5], abs=0.01)
    assert pressure.values == [3.0]
    assert flow.times == pytest.approx([20.5, 20.6], abs=0.01)
    assert flow.values == [120.0, 121.0]


def test_only_the_first_readings_are_told(telling):
    for number, value in [(1, 120.25), (2, 121.0)]:
        telling.hear_numbered(
            "readings", number, source="pump1", channels=["flow"], time=None, offsets=[0.0], values=[[value]]
        )
    assert telling.words("readings") == ["the first of flow"]


def test_a_summary_gives_the_features_and_leaves_the_readings_alone(telling):
    telling.hear_numbered("readings", 1, source="pump1", channels=["flow"], time=None, offsets=[0.0], values=[[120.0]])
    values = {"count": 30, "mean": 118.0, "min": 1.0, "max": 9.0, "last": 2.0}
    channels = {"flow": values, "vibration.rms": values, "dead": {"count": 0, "mean": None, "last": None}}
    telling.hear_numbered("summary", 1, **{**SUMMARY, "end": telling.at(40), "channels": channels})
    assert telling.story.channels["flow"].values == [120.0]
    assert telling.story.channels["vibration.rms"].values == [2.0]
    assert telling.story.channels["vibration.rms"].times == pytest.approx([40], abs=0.01)
    assert telling.words("summary") == ["flow 118.0, vibration.rms 118.0; 30 polls, none failed"]


def test_an_alarm_is_told_from_its_raising_to_its_clearing(telling):
    telling.hear_numbered("alarm", 1, **{**RAISED, "time": telling.at(30)})
    assert telling.story.alarms[0].cleared is None
    telling.hear_numbered("alarm", 2, **{**CLEARED, "time": telling.at(50)})
    (alarm,) = telling.story.alarms
    assert (alarm.raised, alarm.cleared) == (pytest.approx(30, abs=0.01), pytest.approx(50, abs=0.01))
    assert telling.words("alarm") == [
        "no_flow raised (critical): pump1.flow: 0.2 l/min, below 40 l/min for 1 s",
        "no_flow cleared (critical): pump1.flow: 118 l/min",
    ]


def test_an_alarm_is_cleared_by_its_own_rule_only(telling):
    telling.story.alarms.append(RaisedAlarm("another", "warning", 20.0, "", ""))
    telling.hear_numbered("alarm", 1, **CLEARED)
    assert telling.story.alarms[0].cleared is None


def test_a_verdict_is_told_in_the_gateways_words(telling):
    reason = "drive_end: outer race, 4 of 5 windows"
    telling.hear_numbered("verdict", 1, bearing="drive_end", fault="outer race", before=None, reason=reason)
    assert telling.words("verdict") == [reason]
    assert (telling.story.counts, telling.story.unreadable) == ({"verdict": 1}, [])


@pytest.mark.parametrize("kind", ["flood", "model"])
def test_floods_and_news_of_models_are_told_in_the_gateways_words(telling, kind):
    telling.hear_numbered(kind, 1, time=None, reason="in words")
    assert (telling.words(kind), telling.story.unreadable) == (["in words"], [])


@pytest.mark.parametrize("state", ["acknowledged", "returned", "shelved", "unshelved"])
def test_what_else_happens_to_an_alarm_is_told_and_leaves_it_raised(telling, state):
    telling.hear_numbered("alarm", 1, **RAISED)
    telling.hear_numbered("alarm", 2, **{**RAISED, "state": state})
    (alarm,) = telling.story.alarms
    assert alarm.cleared is None
    assert len(telling.words("alarm")) == 2


def test_losses_and_new_epochs_are_told(telling):
    telling.hear_numbered("loss", 1, time=None, why="the outbox is full", of={})
    telling.hear_numbered("epoch", 2, time=None, why="the outbox was damaged", previous=None, ends={})
    assert telling.words("loss") == ["the outbox is full"]
    assert telling.words("epoch") == ["messages are numbered from 1: the outbox was damaged"]


def test_what_comes_twice_is_entered_once(telling):
    for _ in range(2):
        telling.hear_numbered("alarm", 1, **RAISED)
    assert len(telling.story.alarms) == 1
    assert telling.story.counts == {"alarm": 1}
    assert telling.story.ledger.duplicates == 1


def test_a_number_left_out_is_missing(telling):
    for number in (1, 3):
        telling.hear_numbered("summary", number, **SUMMARY)
    assert telling.story.ledger.missing == 1


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[1, 2]",
        b'{"v": 1, "kind": "gossip"}',
        b'{"v": 2, "kind": "status", "status": "online"}',
        b'{"v": 1, "kind": "status"}',
        b'{"v": 1, "kind": "loss", "epoch": "e1", "class": "event", "seq": 0, "why": "numbers begin with 1"}',
    ],
)
def test_what_is_no_message_is_counted_and_changes_nothing_else(telling, payload):
    telling.hear_raw(payload)
    assert len(telling.story.unreadable) == 1
    assert telling.story.unreadable[0]
    assert not telling.story.counts
    assert not telling.story.channels
    assert telling.words("message") == [f"cannot be read: {telling.story.unreadable[0]}"]


@pytest.mark.parametrize(("offsets", "values"), [([0], [[1, 2]]), ([0, 1], [[1]]), ([0], [[]])])
def test_readings_that_do_not_fit_their_channels_and_times_are_no_message(telling, offsets, values):
    telling.hear_numbered("readings", 1, source="pump1", channels=["flow"], time=None, offsets=offsets, values=values)
    assert "do not fit" in telling.story.unreadable[0]
    assert not telling.story.channels
