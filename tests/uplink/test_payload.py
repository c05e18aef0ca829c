"""Payloads: exact examples, which are those of docs/payloads.md, and what holds for all records."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import msgspec
import numpy as np
import pytest
from fake_outbox import EPOCH, OFFSET, class_of
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from sample_records import (
    ALARM,
    BOOT,
    EPOCH_BEGUN,
    FLOOD,
    LOSS,
    MODEL_NEWS,
    READINGS,
    RETURNED,
    SUMMARY,
    VERDICT,
    readings,
)
from texts import texts

from gatewayd.clock import ClockState, Dating
from gatewayd.records import AlarmKind, AlarmState, AnyRecord, ChannelSummary, Fault, Stamp
from gatewayd.uplink import payload
from gatewayd.uplink.payload import EncodingFailedError, Moment
from gatewayd.uplink.row import Row

DOCS = Path(__file__).parents[2] / "docs" / "payloads.md"
SAMPLES = {
    "alarm": ALARM,
    "returned": RETURNED,
    "flood": FLOOD,
    "verdict": VERDICT,
    "model": MODEL_NEWS,
    "summary": SUMMARY,
    "readings": READINGS,
    "loss": LOSS,
    "epoch": EPOCH_BEGUN,
}
NUMBERS = {
    "alarm": 17,
    "returned": 21,
    "flood": 22,
    "verdict": 19,
    "model": 20,
    "summary": 1204,
    "readings": 9321,
    "loss": 18,
    "epoch": 1,
}
LONG_AGO = 1_111 * 1_000_000_000


def encoded(record, *, seq=1, late=False, wall_offset=lambda boot: OFFSET, vouched=lambda boot: True):
    """Topic and decoded message of a record."""
    row = Row(7, class_of(record), seq, record, late, EPOCH)
    topic, content = payload.encode(
        row, "hafen-01", lambda boot: Dating(wall_offset(boot), vouched(boot) and wall_offset(boot) is not None)
    )
    return topic, json.loads(content)


@pytest.mark.parametrize("kind", SAMPLES)
def test_the_page_for_receivers_shows_what_is_really_sent(kind):
    topic, message = encoded(SAMPLES[kind], seq=NUMBERS[kind])
    assert documented()[f"gatewayd/hafen-01/{topic}"] == message


def test_the_page_for_receivers_shows_the_status_and_the_will_as_they_are():
    online = payload.status("hafen-01", "online", Moment(OFFSET, ClockState.SYNCHRONIZED), waiting=3)
    assert documented()["gatewayd/hafen-01/status"] == json.loads(online)


def test_the_page_for_receivers_shows_the_order_of_the_fields_too():
    for kind, record in SAMPLES.items():
        topic, message = encoded(record, seq=NUMBERS[kind])
        assert list(documented()[f"gatewayd/hafen-01/{topic}"]) == list(message)


def documented():
    """The examples of docs/payloads.md by topic: each topic in a line of its own above its JSON."""
    examples = re.findall(r"^`(gatewayd/\S+)`[^\n]*\n+```json\n(.*?)```", DOCS.read_text(), re.DOTALL | re.MULTILINE)
    assert examples, "no example found"
    return {topic: json.loads(text) for topic, text in examples}


def test_a_message_that_could_not_be_sent_when_it_was_new_says_so():
    assert encoded(ALARM, late=True)[1]["late"] is True
    assert "late" not in encoded(ALARM)[1]


def test_every_numbered_message_begins_with_the_same_fields():
    for record in SAMPLES.values():
        _, message = encoded(record)
        assert list(message)[:6] == ["v", "kind", "gateway", "epoch", "class", "seq"]
        assert (message["v"], message["kind"], message["epoch"]) == (1, record.__struct_config__.tag, EPOCH)


def test_times_of_an_earlier_boot_are_put_on_the_clock_of_that_boot():
    offsets = {BOOT: OFFSET, "before": OFFSET - LONG_AGO}
    cleared = msgspec.structs.replace(ALARM, state=AlarmState.CLEARED, raised=Stamp("before", ALARM.time))
    message = encoded(cleared, wall_offset=offsets.get)[1]
    assert datetime.fromisoformat(message["time"]) - datetime.fromisoformat(message["raised"]) == timedelta(
        seconds=1111
    )


def alarm_id(record, offset=OFFSET):
    return encoded(record, wall_offset=lambda boot: offset)[1]["id"]


def test_both_messages_of_an_alarm_have_one_id_whatever_the_clock_does_and_no_other_alarm_has_it():
    cleared = msgspec.structs.replace(ALARM, boot="after", state=AlarmState.CLEARED, time=1)
    assert alarm_id(ALARM) == alarm_id(cleared, OFFSET + LONG_AGO) == alarm_id(cleared, None)
    others = [
        msgspec.structs.replace(ALARM, rule="underpressure"),
        msgspec.structs.replace(ALARM, raised=Stamp(BOOT, ALARM.raised.time + 1)),
        msgspec.structs.replace(ALARM, raised=Stamp("after", ALARM.raised.time)),
    ]
    shelf = msgspec.structs.replace(ALARM, state=AlarmState.SHELVED)
    assert len({alarm_id(each) for each in [ALARM, shelf, *others]}) == 5
    assert alarm_id(msgspec.structs.replace(shelf, state=AlarmState.UNSHELVED, time=2)) == alarm_id(shelf)


def test_fields_that_say_nothing_of_an_alarm_are_left_out():
    usual = set(encoded(ALARM)[1])
    said = {
        "about": AlarmKind.SENSOR,
        "acknowledged": True,
        "by": "ada",
        "until": Stamp(BOOT, 5),
        "causes": RETURNED.causes,
    }
    for field, value in said.items():
        assert set(encoded(msgspec.structs.replace(ALARM, **{field: value}))[1]) == {*usual, field}
    assert set(encoded(msgspec.structs.replace(ALARM, group="suction"))[1]) == {*usual, "group", "first_out"}


def test_a_source_whose_rules_all_judge_says_nothing_of_suspension():
    assert "suspended" not in encoded(msgspec.structs.replace(SUMMARY, suspended={}))[1]


def test_what_is_not_known_of_a_bearing_is_null():
    first = msgspec.structs.replace(
        VERDICT, fault=Fault.NONE, before=None, score=float("nan"), shaft=None, frequency=None
    )
    message = encoded(first, wall_offset=lambda boot: None)[1]
    assert message["fault"] == "none"
    assert [message[name] for name in ("before", "time", "score", "shaft", "frequency")] == [None] * 5


def test_every_kind_of_record_has_a_sample_and_comes_back_from_the_disk_as_it_was():
    assert {type(record) for record in SAMPLES.values()} == set(get_args(AnyRecord))
    for record in SAMPLES.values():
        stored = msgspec.msgpack.decode(msgspec.msgpack.encode(record), type=AnyRecord)
        assert encoded(stored) == encoded(record)


NAMES = ["pump1.acceleration.band_rms(10, 1000)", "vibration.tank.sludge(2.5)", "bearing.drive_end.outer_race"]


def test_names_with_brackets_commas_and_spaces_arrive_as_they_are():
    channels = tuple(ChannelSummary(name=name, count=1, mean=1.0, min=1.0, max=1.0, last=1.0) for name in NAMES)
    assert list(encoded(msgspec.structs.replace(SUMMARY, channels=channels))[1]["channels"]) == NAMES
    assert encoded(readings([0], [[1.0, 2.0, 3.0]], channels=tuple(NAMES)))[1]["channels"] == NAMES
    topic, message = encoded(msgspec.structs.replace(ALARM, channel=NAMES[0]))
    assert (topic, message["channel"]) == ("alarm/overpressure", NAMES[0])


def test_bursts_with_gaps_and_clipped_ones_are_counted_where_there_are_any():
    flawed = ChannelSummary(name="acceleration", count=12, gaps=1, clipped=2)
    channels = encoded(msgspec.structs.replace(SUMMARY, channels=(flawed,)))[1]["channels"]
    none = dict.fromkeys(("mean", "min", "max", "last"))
    assert channels == {"acceleration": {"count": 12, "gaps": 1, "clipped": 2, **none}}


def test_times_that_were_never_known_are_null():
    message = encoded(READINGS, wall_offset=lambda boot: None)[1]
    assert message["time"] is None
    assert message["offsets"] == [0, 0.1, 0.20004]
    assert encoded(ALARM, wall_offset={BOOT: OFFSET}.get)[1]["since"] is not None
    elsewhere = msgspec.structs.replace(ALARM, since=Stamp("unknown", 5))
    assert encoded(elsewhere, wall_offset={BOOT: OFFSET}.get)[1]["since"] is None


def clock_of(record, **known):
    return encoded(record, **known)[1]["clock"]


def test_every_message_says_how_far_its_times_can_be_trusted():
    for record in SAMPLES.values():
        assert clock_of(record) == "synchronized"
        assert clock_of(record, vouched=lambda boot: False) == "set"
        assert clock_of(record, wall_offset=lambda boot: None) == "unset"


def test_a_message_is_trusted_as_far_as_the_worst_of_its_times():
    returned = msgspec.structs.replace(ALARM, raised=Stamp("before", 5))
    assert clock_of(returned, vouched={BOOT: True, "before": False}.get) == "set"
    assert clock_of(returned, vouched={BOOT: False, "before": True}.get) == "set"
    assert clock_of(returned, vouched={BOOT: True, "before": True}.get) == "synchronized"
    unknown_before = {BOOT: OFFSET}.get
    assert clock_of(returned, wall_offset=unknown_before) == "synchronized", "what is null needs no trust"
    assert clock_of(returned, wall_offset={"before": OFFSET}.get) == "unset"


def test_the_will_speaks_of_no_moment():
    assert json.loads(payload.status("hafen-01", "lost", None)) == {
        "v": 1,
        "kind": "status",
        "gateway": "hafen-01",
        "status": "lost",
        "time": None,
    }


@given(st.integers(-(2**61), 2**62))
def test_a_timestamp_is_the_millisecond_that_the_time_lies_in(time):
    text = payload.timestamp(time)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text)
    since = datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)
    assert since == timedelta(milliseconds=time // 1_000_000)


@given(
    npst.arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 4)), elements=st.floats(width=64)),
    st.data(),
)
def test_good_readings_come_back_exactly_and_all_others_as_null(values, data):
    qualities = data.draw(
        st.none() | npst.arrays(np.uint8, values.shape, elements=st.sampled_from([0, 1, 2, 255]), fill=st.nothing())
    )
    channels = tuple(f"c{number}" for number in range(values.shape[1]))
    _, message = encoded(readings(range(len(values)), values, qualities, channels))
    good = np.isfinite(values) if qualities is None else np.isfinite(values) & (qualities < 2)
    expected = [
        [v if g else None for v, g in zip(*both, strict=True)] for both in zip(values.tolist(), good, strict=True)
    ]
    assert message["values"] == expected
    assert message.get("qualities") == (None if qualities is None else qualities.tolist())


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=6))
def test_the_offsets_of_readings_are_seconds_since_the_first_to_the_microsecond(steps):
    times = np.cumsum(steps)
    _, message = encoded(readings(times, np.zeros((len(times), 2))))
    assert message["offsets"] == pytest.approx([(time - times[0]) / 1e9 for time in times.tolist()], abs=5.1e-7)


@given(texts(max_size=20), texts(max_size=20), st.floats())
def test_any_text_and_number_of_an_alarm_survives(reason, text, value):
    try:
        reason.encode(), text.encode()
    except UnicodeEncodeError:
        return
    _, message = encoded(msgspec.structs.replace(ALARM, reason=reason, text=text, value=value))
    assert (message["reason"], message["text"]) == (reason, text)
    assert message["value"] == (value if np.isfinite(value) else None)


@pytest.mark.parametrize(
    "damaged",
    [
        msgspec.structs.replace(READINGS, values=READINGS.values[:-1]),
        msgspec.structs.replace(READINGS, values=READINGS.values[:-8]),
        msgspec.structs.replace(READINGS, times=b""),
        msgspec.structs.replace(READINGS, qualities=b"\0"),
        msgspec.structs.replace(ALARM, text="\ud800"),
        msgspec.structs.replace(ALARM, time=2**63 - 1),
    ],
)
def test_a_record_that_makes_no_sense_is_refused_in_our_own_words(damaged):
    with pytest.raises(EncodingFailedError, match="cannot be encoded"):
        encoded(damaged, wall_offset=lambda boot: 2**62 * 100)


def test_a_birth_carries_what_the_daemon_says():
    message = json.loads(
        payload.birth("hafen-01", Moment(None, ClockState.UNSET), {"version": "1.2.3", "sources": {"pump1": {}}})
    )
    expected = {
        "v": 1,
        "kind": "birth",
        "gateway": "hafen-01",
        "time": None,
        "clock": "unset",
        "version": "1.2.3",
        "sources": {"pump1": {}},
    }
    assert message == expected
