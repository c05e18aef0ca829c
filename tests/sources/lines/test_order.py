"""Who has the next turn on a line: simulated, without an event loop."""

import itertools
import random

import pytest
from simulated_line import Device, SimulatedLine

HEALTHY = {f"healthy{n}": Device() for n in range(9)}


def gaps(line, name):
    """The seconds between the turns of a device."""
    times = [time for time, who in line.turns if who == name]
    return [after - before for before, after in itertools.pairwise(times)]


def test_what_must_begin_first_so_as_not_to_be_missed_is_first():
    devices = {"hourly": Device(interval=3600.0), "minutely": Device(interval=60.0), "busy": Device(interval=0.5)}
    line = SimulatedLine(devices).run(0.1)
    assert [name for _, name in line.turns] == ["busy", "minutely", "hourly"]


def test_a_long_turn_waits_until_its_neighbours_have_time_for_it():
    line = SimulatedLine({**HEALTHY, "wave": Device(interval=10.0, takes=1.2, planned=1.2)}).run(300.0)
    assert line.lost(HEALTHY, 300.0) <= 0.001
    assert len(gaps(line, "wave")) >= 29


def test_a_long_turn_that_always_harms_is_not_put_off_for_ever():
    line = SimulatedLine({**HEALTHY, "wave": Device(interval=10.0, takes=4.0, planned=4.0)}).run(300.0)
    assert line.answered("wave") >= 29
    assert max(gaps(line, "wave")) <= 20.0


def test_a_long_turn_is_wished_for_when_its_plugin_said_how_long_it_is():
    """Nine neighbours lose three polls each at each turn; without the plan that is borne seldom only."""
    wished = SimulatedLine({**HEALTHY, "wave": Device(interval=20.0, takes=4.0, planned=4.0)}).run(600.0)
    unknown = SimulatedLine({**HEALTHY, "wave": Device(interval=20.0, takes=4.0)}).run(600.0)
    assert wished.answered("wave") >= 29
    assert 2 <= unknown.answered("wave") <= 10


def test_who_takes_a_small_part_of_its_own_interval_may_be_long():
    line = SimulatedLine({**HEALTHY, "wave": Device(interval=60.0, takes=3.0)}).run(1200.0)
    assert line.answered("wave") >= 19


@pytest.mark.parametrize("takes", [1.0, 2.0, 5.0])
def test_a_dead_device_is_tried_again_and_again_in_the_gaps_of_its_neighbours(takes):
    line = SimulatedLine({**HEALTHY, "dead": Device(dead=True, takes=takes)}).run(800.0)
    assert line.status("dead").polls >= 3
    assert max(gaps(line, "dead")) <= 125.0 * takes


def test_what_is_quarantined_comes_after_what_answers_even_when_it_is_brief():
    devices = {"slow_bus": Device(interval=60.0, takes=0.5), "dead": Device(interval=60.0, dead=True, takes=0.4)}
    line = SimulatedLine(devices).run(600.0)
    assert line.status("slow_bus").missed == 0


def test_what_is_quarantined_has_its_turn_even_on_a_line_that_is_never_idle():
    devices = {f"busy{n}": Device(interval=1.0, takes=0.3, also=(1.0, 1.0)) for n in range(4)}
    line = SimulatedLine({**devices, "dead": Device(dead=True, takes=1.0)})
    line.pacing.review = lambda now: None  # nobody is slowed down
    line.run(400.0)
    assert line.status("dead").polls >= 4


def test_a_device_alone_on_its_line_is_polled_as_often_as_it_can():
    line = SimulatedLine({"slow": Device(takes=3.0)}).run(300.0)
    assert line.answered("slow") == 100


def test_dead_devices_together_take_a_twentieth_of_the_time_at_most():
    devices = {f"dead{n}": Device(dead=True, takes=1.0) for n in range(8)}
    line = SimulatedLine({**devices, "healthy": Device()}).run(1800.0)
    assert sum(line.status(name).polls for name in devices) <= 16 + 1800 / 20
    assert line.lost(["healthy"], 1800.0) <= 0.01
    assert min(line.status(name).polls for name in devices) >= 6


def test_a_device_that_is_back_is_polled_at_its_full_rate():
    device = Device(dead=True, takes=1.0)
    line = SimulatedLine({**HEALTHY, "device": device}).run(600.0)
    device.dead, device.takes = False, 0.02
    before = line.status("device").polls
    line.run(100.0)
    assert line.status("device").state == "ok"
    assert line.status("device").polls - before >= 39


def test_when_a_whole_bus_was_dead_all_of_it_is_back_within_a_minute_or_so():
    """Attempts are seldom as long as they fail, but one that is answered keeps no other waiting."""
    devices = {f"device{number}": Device(dead=True, takes=1.0) for number in range(10)}
    line = SimulatedLine(devices).run(1800.0)
    for device in devices.values():
        device.dead, device.takes = False, 0.02
    line.run(75.0)
    assert [line.status(name).state for name in devices] == ["ok"] * 10


INTERVALS = (0.1, 0.5, 1.0, 1.0, 10.0)
CHANGES = 6


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_devices_have_done_all_of_them_are_polled_when_they_are_well(seed):
    """Some die and come back, some become slow and quick again, whenever they like."""
    chance = random.Random(seed)
    devices = {f"device{number}": Device(chance.choice(INTERVALS), 0.005) for number in range(8)}
    line = SimulatedLine(devices)
    for _ in range(CHANGES):
        line.run(chance.uniform(5.0, 40.0))
        for device in chance.sample(list(devices.values()), 3):
            device.dead = not device.dead
            device.takes = chance.choice([0.005, 0.1, 0.9])
    for device in devices.values():
        device.dead, device.takes = False, 0.005
    line.run(300.0)
    before = {name: line.answered(name) for name in devices}
    line.run(60.0)
    for name, device in devices.items():
        assert line.answered(name) - before[name] >= 60.0 / device.interval - 1
        assert line.status(name).state == "ok"
