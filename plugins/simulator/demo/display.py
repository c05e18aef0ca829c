"""Displays: a live picture for a terminal, plain lines for everything else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.live import Live

from gatewayd_plugins.simulator.demo.screen import picture
from gatewayd_plugins.simulator.demo.site import Site
from gatewayd_plugins.simulator.demo.story import Story
from gatewayd_plugins.simulator.demo.timeline import Timeline

Refresh = Callable[[float], None]
"""Show the story as it is at this time (seconds since the start)."""


@contextmanager
def display(story: Story, timeline: Timeline, site: Site) -> Iterator[Refresh]:
    """What suits the standard output."""
    if not sys.stdout.isatty():
        yield _lines(story, timeline, site)
        return
    console = Console(highlight=False)
    with Live(console=console, auto_refresh=False) as live:
        yield lambda time: live.update(picture(story, timeline, site, time, console.width), refresh=True)


def _lines(story: Story, timeline: Timeline, site: Site) -> Refresh:
    """Each event of the story once, as a line."""
    click.echo(f"gatewayd demo: {timeline.seconds:g} s, fault: {timeline.fault}")
    click.echo(f"config  {site.config}\nlog     {site.log}")
    told = 0

    def refresh(_time: float) -> None:
        nonlocal told
        for event in story.events[told:]:
            click.echo(f"{event.time:6.1f} s  {event.kind:<8} {event.words}")
        told = len(story.events)

    return refresh
