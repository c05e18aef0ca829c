import pytest
from fake_field import FakeField, FakeSource

from gatewayd.plugin import Quality, SourceError, Waveform
from gatewayd.testing import simulate

NAMES = ("x", "y")


def last_told(*polls):
    """What the status says of the flaws after polls that gave these, or raised them."""
    given = list(polls)

    def answer(_poll):
        now = given.pop(0)
        if isinstance(now, Exception):
            raise now
        return now

    field = FakeField({"pump1": FakeSource(names=NAMES, waveforms=NAMES, answer=answer)})
    return simulate(field.run(len(polls) - 0.5)).status("pump1").flawed


def wave(channel="x", **more):
    return Waveform(channel, [1.0], 100.0, **more)


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        ({"gap": True}, "has gaps"),
        ({"clipped": True}, "is clipped"),
        ({"gap": True, "clipped": True}, "has gaps and is clipped"),
    ],
)
def test_what_a_waveform_has_is_in_the_status(flags, says):
    assert last_told([wave(**flags), wave("y")]) == {"x": says}


def test_it_is_gone_with_the_next_waveform_of_that_channel():
    assert last_told([wave(gap=True), wave("y", clipped=True)], wave()) == {"y": "is clipped"}


def test_polls_without_a_waveform_change_nothing():
    assert last_told(wave(gap=True), [], SourceError("no answer within 1 s")) == {"x": "has gaps"}


def test_a_bad_waveform_without_flaws_is_no_flaw():
    assert last_told(wave(gap=True), wave(quality=Quality.BAD, reason="overwritten")) == {}
