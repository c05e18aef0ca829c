"""What the live picture shows, drawn for a terminal of 80 columns by 24 lines."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from gatewayd_plugins.simulator.demo.chart import chart, phases
from gatewayd_plugins.simulator.demo.screen import picture
from gatewayd_plugins.simulator.demo.site import Site
from gatewayd_plugins.simulator.demo.story import Channel, RaisedAlarm, Story
from gatewayd_plugins.simulator.demo.timeline import Timeline
from gatewayd_plugins.simulator.faults import Fault

TIMELINE = Timeline(60, Fault.CAVITATION)
SITE = Site(Path("/tmp/gatewayd-demo-abcdefgh"))


def channel(unit, *values, step=1.0):
    return Channel(unit, [n * step for n in range(len(values))], list(values))


def full_story():
    story = Story(status="online")
    for name in ("pressure", "flow", "vibration", "power", "body_temp", "running"):
        story.channels[name] = channel("l/min", *[120.25] * 47)
    for name in ("vibration.rms", "vibration.std", "pressure.std"):
        story.channels[name] = channel("m/s2", 1.8, 1.8, 4.6, 4.6, step=10)
    reason = "pump1.vibration.rms: 4.21437 m/s2, above 3.2 m/s2 for 1 s"
    story.alarms += [
        RaisedAlarm("older", "warning", 1.0, reason, "", 2.0),
        RaisedAlarm("restless_pressure", "warning", 21.4, reason, "Typical of cavitation.", 42.0),
        RaisedAlarm("rough_running", "warning", 22.4, reason, "Listen to it."),
        RaisedAlarm("no_flow", "critical", 23.4, reason, "It runs dry."),
    ]
    story.counts.update(summary=12, readings=53, alarm=6)
    return story


def drawn(story, time=47.0, width=80):
    console = Console(file=io.StringIO(), width=width, height=24)
    console.print(picture(story, TIMELINE, SITE, time, width))
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize("width", [80, 110, 200])
def test_all_of_it_fits(width):
    lines = drawn(full_story(), width=width)
    assert len(lines) <= 24
    assert max(map(len, lines)) <= width
    assert not any(line.rstrip().endswith("…") for line in lines)


def test_every_channel_is_shown_with_its_value_unit_and_course():
    line = next(line for line in drawn(full_story()) if line.startswith("vibration.rms"))
    assert line.split()[1:3] == ["4.60", "m/s2"]
    assert "█" in line


def test_an_open_alarm_is_shown_with_its_reason_and_a_cleared_one_with_its_times():
    text = "\n".join(drawn(full_story()))
    assert "▲ no_flow  critical, raised at 23.4 s" in text
    assert "pump1.vibration.rms: 4.21437 m/s2, above 3.2 m/s2 for 1 s" in text
    assert "✓ restless_pressure  raised at 21.4 s, cleared at 42.0 s" in text


def test_what_to_do_is_shown_where_there_is_room():
    story = full_story()
    assert "  Listen to it." not in drawn(story)
    story.alarms[-1].cleared = 44.0
    assert "  Listen to it." in drawn(story)


def test_where_to_read_on_is_shown():
    text = "\n".join(drawn(full_story()))
    assert "/tmp/gatewayd-demo-abcdefgh/gatewayd.toml" in text
    assert "gatewayd.log beside it" in text
    assert "12 summaries, 53 readings, 6 alarm messages" in text


def test_an_empty_story_can_be_drawn_too():
    text = "\n".join(drawn(Story(), time=0.0))
    assert "cavitation begins in 20 s" in text
    assert "no alarm so far" in text
    assert "nothing yet" in text


def test_the_heading_of_the_charts_names_the_phases():
    assert phases(TIMELINE, 36).plain.split() == ["healthy", "───", "cavitation", "recovery", "──"]


def test_a_chart_ends_at_the_newest_value_and_goes_on_over_gaps():
    rising = Channel("", [5.0, 25.0], [1.0, 2.0])
    assert chart(rising, Timeline(60, Fault.NONE), 6).plain == "▁▁█   "


def test_a_chart_of_small_noise_is_flat():
    assert set(chart(channel("", *[3.0, 3.01, 2.99] * 20), Timeline(60, Fault.NONE), 60).plain) <= {"▄", "▅"}


def test_a_value_that_is_not_a_number_leaves_the_chart_alone():
    assert chart(channel("", 1.0, float("nan")), Timeline(2, Fault.NONE), 2).plain.strip() in {"▄▄", "▅▅", "▄", "▅"}
