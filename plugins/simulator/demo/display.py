"""Displays: a live picture for a terminal, plain lines for everything else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import click
from rich.console import Console
from rich.live import Live

from gatewayd_plugins.simulator.demo.screen import picture
from gatewayd_plugins.simulator.demo.site import Site
from gatewayd_plugins.simulator.demo.story import Story
from gatewayd_plugins.simulator.demo.timeline import Timeline

Refresh = Callable[[float], None]
"""Show the story as it is at this time (seconds since the start)."""


def display(story: Story, timeline: Timeline, site: Site) -> AbstractContextManager[Refresh]:
    """What suits the standard output."""
    console = Console(highlight=False)
    if sys.stdout.isatty() and not console.is_dumb_terminal:
        return _pictures(console, story, timeline, site)
    return _lines(story, timeline, site)


@contextmanager
def _pictures(console: Console, story: Story, timeline: Timeline, site: Site) -> Iterator[Refresh]:
    """A picture that is drawn again and again on the terminal's other screen; the last one stays on the usual one."""
    last = picture(story, timeline, site, 0.0, console.width)
    with Live(last, console=console, screen=True, auto_refresh=False) as live:

        def refresh(time: float) -> None:
            nonlocal last
            last = picture(story, timeline, site, time, console.width)
            live.update(last, refresh=True)

        yield refresh
    console.print(last)


@contextmanager
def _lines(story: Story, timeline: Timeline, site: Site) -> Iterator[Refresh]:
    """Each event of the story once, as a line."""
    click.echo(f"gatewayd demo: {timeline.seconds:g} s, fault: {timeline.fault}")
    click.echo(f"config  {site.config}\nlog     {site.log}")
    told = 0

    def refresh(_time: float) -> None:
        nonlocal told
        for event in story.events[told:]:
            click.echo(f"{event.time:6.1f} s  {event.kind:<8} {event.words}")
        told = len(story.events)

    yield refresh
