"""Any bytes in reply to a request: no crash, no hang, and no value that was not told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modbus_replies import REQUESTS, TRANSACTION, UNIT, Reply, check, right

from gatewayd.plugin import SourceError
from gatewayd_plugins.modbus.planning.refusal import Refused
from gatewayd_plugins.modbus.wire.address import Framing
from gatewayd_plugins.modbus.wire.exchange import Exchange

framings = st.sampled_from(Framing)
of_each = settings(max_examples=2 * settings.default.max_examples)


@pytest.mark.parametrize("framing", Framing)
@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_a_right_answer_is_believed(framing, request_):
    answer = right(request_)
    assert check(framing, request_, [answer.framed(framing)]) == answer.values[1:]
    bytewise = [bytes([byte]) for byte in answer.framed(framing)]
    assert check(framing, request_, bytewise) == answer.values[1:]


@pytest.mark.parametrize("framing", Framing)
def test_a_refusal_is_a_refusal(framing):
    refused = check(framing, REQUESTS[0], [Reply(b"\x02", function=0x83).framed(framing)])
    assert isinstance(refused, Refused)
    assert refused.code == 2


@pytest.mark.parametrize("framing", Framing)
@pytest.mark.parametrize(
    "wrong",
    [{"unit": UNIT + 1}, {"function": 4}, {"values": b"\x04\0\0\0\0"}, {"values": b"\x02\0"}, {"values": b"\x03\0\0"}],
    ids=str,
)
def test_an_answer_with_anything_wrong_is_none(framing, wrong):
    answer = Reply(**{"values": b"\x02\x12\x34", **wrong}).framed(framing)
    assert isinstance(check(framing, REQUESTS[0], [answer]), SourceError)


@pytest.mark.parametrize(
    ("framing", "wrong"),
    [
        (Framing.TCP, {"transaction": TRANSACTION + 1}),
        (Framing.TCP, {"protocol": 1}),
        (Framing.RTU, {"check": 1}),
        (Framing.ASCII, {"check": 1}),
    ],
)
def test_an_answer_with_a_wrong_frame_is_none(framing, wrong):
    assert isinstance(check(framing, REQUESTS[0], [Reply(b"\x02\x12\x34", **wrong).framed(framing)]), SourceError)


def test_a_plugin_that_believes_too_much_is_noticed(monkeypatch):
    """So the tests below can fail."""
    monkeypatch.setattr(Exchange, "_checked", lambda _self, answer, *_: answer.data[1:])
    with pytest.raises(AssertionError, match="nobody sent"):
        check(Framing.TCP, REQUESTS[0], [Reply(b"\x04\0\0\0\0").framed(Framing.TCP)])


near = st.builds(
    Reply,
    values=st.one_of(st.sampled_from([right(each).values for each in REQUESTS]), st.binary(max_size=40)),
    unit=st.sampled_from([UNIT, UNIT, UNIT, 0, 1, 255]),
    function=st.sampled_from([3, 3, 4, 1, 2, 0x83, 0x81, 0x84, 6, 16, 0x90, 0]),
    transaction=st.sampled_from([TRANSACTION, TRANSACTION, TRANSACTION, 0, 2, 65535]),
    protocol=st.sampled_from([0, 0, 0, 1, 256]),
    length=st.sampled_from([None, None, None, 0, 1, 2, 3, 5, 300, 65535]),
    check=st.sampled_from([0, 0, 0, 1, 256]),
)


@st.composite
def streams(draw, framing):
    """Frames that are nearly right, rubbish between them, flipped bits, cut anywhere."""
    parts = draw(st.lists(st.one_of(near.map(lambda each: each.framed(framing)), st.binary(max_size=12)), max_size=4))
    stream = bytearray(b"".join(parts))
    for place in draw(st.lists(st.integers(0, len(stream) - 1), max_size=3)) if stream else []:
        stream[place] ^= 1 << draw(st.integers(0, 7))
    cuts = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=4)))
    return [bytes(stream[a:b]) for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]


@of_each
@given(st.data(), framings, st.sampled_from(REQUESTS))
def test_of_frames_that_are_nearly_right_only_true_ones_are_believed(data, framing, request_):
    check(framing, request_, data.draw(streams(framing)))


@of_each
@given(framings, st.sampled_from(REQUESTS), st.lists(st.binary(max_size=600), max_size=3))
def test_rubbish_is_never_believed(framing, request_, chunks):
    assert not isinstance(check(framing, request_, chunks), bytes)


@of_each
@given(framings, st.sampled_from(REQUESTS), st.binary(max_size=8))
def test_what_follows_an_answer_changes_nothing(framing, request_, more):
    answer = right(request_)
    assert check(framing, request_, [answer.framed(framing) + more]) == answer.values[1:]
