"""Who asks too much of a line is polled less often: simulated, without an event loop."""

import asyncio

import pytest
from effort import campaign
from fake_field import FakeField, FakeLine, FakeSource
from simulated_line import Device, SimulatedLine
from structlog.testing import capture_logs

from gatewayd.testing import simulate

BAD = {
    "dead, 1 s": (Device(dead=True, takes=1.0), 240.0),
    "dead, 2 s": (Device(dead=True, takes=2.0), 600.0),
    "dead, 5 s": (Device(dead=True, takes=5.0), 900.0),
    "slow, 0.5 s": (Device(takes=0.5), 240.0),
    "slow, 0.9 s": (Device(takes=0.9), 240.0),
    "slow, 2 s": (Device(takes=2.0), 600.0),
    "slow, 6 s": (Device(takes=6.0), 900.0),
}
"""Devices, and for how many seconds to look at them: the more seldom their turns harm others, the longer."""


def healthy(load):
    """Nine devices that ask for so much of their line's time."""
    return {f"healthy{n}": Device(takes=load / 9) for n in range(9)}


@pytest.mark.parametrize("load", [0.8, *campaign(0.2)])
@pytest.mark.parametrize(("bad", "seconds"), BAD.values(), ids=BAD)
def test_healthy_devices_lose_at_most_a_hundredth_of_their_polls(bad, seconds, load):
    """One in ten is dead or slow. The first minutes, in which that is found out, do not count."""
    devices = healthy(load)
    line = SimulatedLine({**devices, "bad": bad}).run(300.0)
    before = {name: line.answered(name) for name in devices}
    line.run(seconds)
    lost = 1 - sum(line.answered(name) - before[name] for name in devices) / (9 * seconds)
    assert lost <= 0.01
    assert line.status("bad").polls >= 2


def test_a_slow_device_gets_what_the_others_leave():
    line = SimulatedLine({**healthy(0.5), "slow": Device(takes=0.8)}).run(100.0)
    assert line.every("slow") == pytest.approx(0.8 / 0.4)
    assert line.every("healthy0") == 1.0


def test_devices_that_ask_for_more_than_there_is_get_equally_much_time():
    devices = {"eager": Device(interval=0.1, takes=0.1), **{f"calm{n}": Device(takes=0.3) for n in range(4)}}
    line = SimulatedLine(devices).run(100.0)
    assert line.every("eager") == pytest.approx(0.1 / 0.18)
    assert line.every("calm0") == pytest.approx(0.3 / 0.18)


def test_the_polls_of_a_source_share_what_it_gets():
    devices = {"busy": Device(takes=0.3, also=(1.0, 100.0)), "other": Device(takes=0.4)}
    line = SimulatedLine(devices).run(100.0)
    polls = line.order._polls[:3]
    assert line.every("other") == 1.0
    assert [poll.schedule.every for poll in polls] == pytest.approx([0.3 / 0.2485] * 2 + [100.0])


def test_a_slow_device_that_is_fast_again_is_back_at_its_pace():
    device = Device(takes=2.0)
    line = SimulatedLine({**healthy(0.2), "device": device}).run(60.0)
    assert line.every("device") > 60.0
    device.takes = 0.02
    before = len(line.turns)
    line.run(600.0)
    assert line.every("device") == 1.0
    quick = [time for time, name in line.turns[before:] if name == "device"]
    assert quick[2] - quick[1] <= 3.0  # two quick answers say so, and the third is not waited for at the slow pace


def test_a_slow_device_is_told_of_once_and_once_when_it_is_over():
    line = FakeLine()
    slow = FakeSource(takes=0.9, shares=line)
    field = FakeField({"slow": slow, **{f"healthy{n}": FakeSource(takes=0.1, shares=line) for n in range(4)}})

    async def story():
        async with field.running():
            await asyncio.sleep(60)
            (slowed,) = field.status("slow").slowed
            slow.takes = 0.1
            await asyncio.sleep(200)
        return slowed

    with capture_logs() as logs:
        slowed = simulate(story())
    assert (slowed.interval, round(slowed.every, 1), round(slowed.takes, 2)) == (1.0, 1.8, 0.9)
    begun, ended = logs
    assert {**begun, "every": round(begun["every"], 1)} == {
        "event": "source_slowed",
        "log_level": "warning",
        "source": "slow",
        "takes": 0.9,
        "interval": 1.0,
        "every": 1.8,
    }
    assert ended == {"event": "source_at_pace", "log_level": "info", "source": "slow"}
    assert field.status("slow").slowed == ()
    assert field.status("healthy0").missed == 0


@pytest.mark.parametrize("load", [0.2, 0.8])
def test_one_odd_turn_has_no_lasting_consequence(load):
    """A packet that was lost, an event loop that was held up: not one of them may make a device a slow one."""
    device = Device()
    line = SimulatedLine({**healthy(load), "device": device}).run(60.0)
    device.takes = 9.0
    line.run(5.0)
    device.takes = 0.02
    line.run(20.0)
    before = line.status("device").missed
    line.run(60.0)
    assert line.status("device").missed - before <= 1
    assert line.status("device").slowed == ()


def test_a_slow_device_that_dies_is_not_called_at_pace():
    line = FakeLine()
    slow = FakeSource(takes=0.9, shares=line)
    field = FakeField({"slow": slow, **{f"healthy{n}": FakeSource(takes=0.1, shares=line) for n in range(4)}})

    async def story():
        async with field.running():
            await asyncio.sleep(60)
            slow.silent = True
            await asyncio.sleep(300)
            assert field.status("slow").slowed == ()
            slow.silent, slow.takes = False, 0.1
            await asyncio.sleep(300)

    with capture_logs() as logs:
        simulate(story())
    told = [each["event"] for each in logs]
    assert told == ["source_slowed", "source_failed", "source_recovered", "source_at_pace"]
