"""The screen: the story of a demo in one picture, made for 80 columns by 24 lines."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group
from rich.table import Table
from rich.text import Text

from gatewayd_plugins.simulator.demo.chart import COLOURS, chart, phases
from gatewayd_plugins.simulator.demo.site import Site
from gatewayd_plugins.simulator.demo.story import Channel, RaisedAlarm, Story
from gatewayd_plugins.simulator.demo.timeline import Timeline
from gatewayd_plugins.simulator.demo.words import counted, number

WIDEST = 110
BESIDE_CHARTS = 36
"""Columns that a channel's name, value and unit take."""
NARROWEST_CHART = 12
MOST_ALARMS = 3
ALARM_LINES = 6
"""What 24 lines leave for them."""
SEVERITIES = {"info": "blue", "warning": "yellow", "critical": "bold red"}


def picture(story: Story, timeline: Timeline, site: Site, time: float, width: int) -> Group:
    """All there is to see at `time`."""
    width = min(width, WIDEST)
    return Group(
        _title(timeline, time, width),
        Text(),
        _channels(story, timeline, max(width - BESIDE_CHARTS, NARROWEST_CHART)),
        Text(),
        *_alarms(story.alarms),
        Text(),
        *_foot(story, site),
    )


def _title(timeline: Timeline, time: float, width: int) -> Table:
    title = Table.grid(expand=True)
    title.width = width
    title.add_column(no_wrap=True)
    title.add_column(justify="right", no_wrap=True)
    way = "  simulated pump → Modbus → gatewayd → MQTT → here"
    progress = f"{min(time, timeline.seconds):.0f} of {timeline.seconds:.0f} s"
    title.add_row(Text.assemble(("gatewayd demo", "bold"), (way, "dim")), Text(progress, "dim"))
    stop = "Ctrl-C stops" if time < timeline.seconds else ""
    title.add_row(Text(timeline.words(time), COLOURS[timeline.phase(time)]), Text(stop, "dim"))
    return title


def _channels(story: Story, timeline: Timeline, width: int) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(min_width=18, no_wrap=True)
    table.add_column(min_width=7, justify="right", no_wrap=True)
    table.add_column(min_width=6, no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_row(Text("pump1", "dim"), Text("now", "dim"), "", phases(timeline, width))
    for name, channel in story.channels.items():
        table.add_row(name, *_now(channel), chart(channel, timeline, width))
    return table


def _now(channel: Channel) -> tuple[Text, Text]:
    value = number(channel.values[-1]) if channel.values else "-"
    return Text(value, "bold"), Text("" if channel.unit == "1" else channel.unit, "dim")


def _alarms(alarms: list[RaisedAlarm]) -> Iterator[Text]:
    """The newest alarms: the open ones with their reason and, if there is room, with what to do."""
    newest = alarms[-MOST_ALARMS:]
    lines = [_alarm(alarm) for alarm in newest]
    most = 3 if sum(map(len, lines)) <= ALARM_LINES else 2
    if not alarms:
        yield Text("no alarm so far", "dim")
    for alarm_lines in lines:
        yield from alarm_lines[:most]


def _alarm(alarm: RaisedAlarm) -> list[Text]:
    if alarm.cleared is not None:
        words = f"raised at {alarm.raised:.1f} s, cleared at {alarm.cleared:.1f} s"
        return [Text.assemble(("✓ ", "green"), (alarm.rule, "bold"), f"  {words}")]
    style = SEVERITIES.get(alarm.severity, "bold")
    title = Text.assemble(("▲ ", style), (alarm.rule, style), f"  {alarm.severity}, raised at {alarm.raised:.1f} s")
    return [title, _whole(f"  {alarm.reason}"), _whole(f"  {alarm.text}", "italic")]


def _whole(line: str, style: str = "") -> Text:
    """A line that stays one."""
    return Text(line, style, no_wrap=True, overflow="ellipsis")


def _foot(story: Story, site: Site) -> Iterator[Text]:
    heard = counted(story.counts) or "nothing yet"
    colour = "green" if story.status == "online" else "yellow"
    yield Text.assemble(("gateway ", "dim"), (story.status, colour), ("   received ", "dim"), heard)
    yield Text.assemble(("summary ", "dim"), story.period or "none yet")
    yield Text.assemble(("config  ", "dim"), str(site.config), (f", {site.log.name} beside it", "dim"))
