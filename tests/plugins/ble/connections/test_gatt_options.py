"""Options of what is read by a connection: what follows from them, and which are refused."""

import pytest
from ble_gatt import BATTERY, BURST, HEART, STARTED, TEMPERATURE, made_gatt

from gatewayd.plugin import OptionError

SMALL = {"burst": None, "at": 1, "counts": "bytes"}


def test_channels_polls_and_efforts_follow_from_the_options_alone():
    made, polls = made_gatt({"a": BATTERY, "b": TEMPERATURE | {"interval": "60s"}}, {"v": STARTED | {"count": 6400}})
    assert [(each.name, each.unit, each.kind) for each in made.channels()] == [
        ("a", "%", "scalar"),
        ("b", "Cel", "scalar"),
        ("v", "m/s2", "waveform"),
    ]
    assert [(poll.interval, poll.channels) for poll in polls] == [(1.0, ("a",)), (60.0, ("b",)), (1.0, ("v",))]
    assert [made.effort(poll)[-1].what for poll in polls] == ["read 2a19", "read 2a6e", "burst of 1525"]
    assert made.effort(polls[2])[-1].seconds == 1.0
    assert made.poll_limit > 15


@pytest.mark.parametrize(
    ("characteristics", "bursts", "path", "what"),
    [
        ({"a": BATTERY | {"uuid": "2a1"}}, {}, ("characteristics", "a", "uuid"), "'2a1' is not a UUID"),
        ({"a": BATTERY | {"scale": 0.0}}, {}, ("characteristics", "a", "scale"), "leaves nothing"),
        (
            {"a": HEART, "b": HEART | {"interval": "2s"}},
            {},
            ("characteristics", "b", "interval"),
            "'b' and 'a' come in the same",
        ),
        ({}, {"v": BURST | {"rate": 0.0}}, ("bursts", "v", "rate"), "0 Hz is no rate"),
        ({}, {"v": BURST | {"type": "sfloat"}}, ("bursts", "v", "type"), "no waveforms of sfloat"),
        ({}, {"v": BURST | {"bits": [0, 3], "type": "uint16"}}, ("bursts", "v", "bits"), "this is a waveform"),
        ({}, {"v": BURST | {"timeout": "0s"}}, ("bursts", "v", "timeout"), "no time to wait"),
        ({}, {"v": BURST | {"index": {"at": 0, "type": "float32"}}}, ("bursts", "v", "index", "type"), "nothing is"),
        (
            {},
            {"v": BURST | SMALL | {"count": 383}},
            ("bursts", "v", "index", "type"),
            "the last packet has at least 256",
        ),
        (
            {},
            {"v": BURST | SMALL | {"count": 513, "counts": "values"}},
            ("bursts", "v", "index", "type"),
            "uint8 counts to 255, and the last packet has at least 258",
        ),
        ({}, {"v": BURST | SMALL | {"count": 65_281, "counts": "packets"}}, ("bursts", "v", "index", "type"), "256"),
        ({}, {"v": BURST | {"index": None, "first": 1}}, ("bursts", "v", "first"), "there is no index"),
        (
            {},
            {"v": STARTED | {"start": {"uuid": "1526", "value": "x"}}},
            ("bursts", "v", "start", "value"),
            "hexadecimal",
        ),
        (
            {},
            {"v": STARTED | {"start": {"uuid": "1526", "value": ""}}},
            ("bursts", "v", "start", "value"),
            "nothing to",
        ),
    ],
)
def test_options_that_cannot_be_are_refused_at_their_place(characteristics, bursts, path, what):
    with pytest.raises(OptionError) as raised:
        made_gatt(characteristics, bursts)
    assert raised.value.option == path
    assert what in raised.value.what
    assert raised.value.fix


@pytest.mark.parametrize(
    "options",
    [
        {"count": 382},
        {"count": 510, "counts": "values"},
        {"count": 65_280, "counts": "packets"},
        {"count": 383, "burst": {"at": 0}},
        {"count": 383, "start": STARTED["start"]},
        {"count": 383, "index": {"at": 0, "type": "uint16"}},
    ],
)
def test_an_index_that_may_be_enough_is_believed_to_be(options):
    made, _ = made_gatt({}, {"v": BURST | SMALL | options})
    assert [each.name for each in made.channels()] == ["v"]
