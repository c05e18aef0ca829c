"""The play: pump, broker, daemon and subscriber on stage together, from the first message to the verdict."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from asyncio.subprocess import Process
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from gatewayd_plugins.simulator.demo import broker, gateway, plant
from gatewayd_plugins.simulator.demo.display import Refresh, display
from gatewayd_plugins.simulator.demo.listener import Listener
from gatewayd_plugins.simulator.demo.site import Site
from gatewayd_plugins.simulator.demo.story import Story
from gatewayd_plugins.simulator.demo.timeline import Timeline
from gatewayd_plugins.simulator.demo.verdict import Ending, failures, report
from gatewayd_plugins.simulator.faults import Fault
from gatewayd_plugins.simulator.pump import Pump

REFRESH = 0.25
"""Seconds between two looks at the story."""
START_LIMIT = 30.0
"""Seconds that the gateway has to report for the first time."""
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def perform(seconds: float, fault: Fault) -> int:
    """Show a demo; gives the exit code."""
    site = Site.fresh()
    logging.basicConfig(handlers=[logging.FileHandler(site.folder / "demo.log", delay=True)], level=logging.WARNING)
    timeline, story = Timeline(seconds, fault), Story()
    with display(story, timeline, site) as refresh:
        ending = asyncio.run(Play(timeline, story, site, refresh).run())
    click.echo()
    for line in report(story, ending, fault):
        click.echo(line)
    if ending is Ending.DIED:
        click.echo("\n".join(["its last words:", *gateway.last_lines(site.log)]))
    return 1 if failures(story, ending, fault) else 0


class Play:
    """One run of a demo; time is in seconds since the gateway was there, and stands still before."""

    def __init__(self, timeline: Timeline, story: Story, site: Site, refresh: Refresh) -> None:
        self._timeline = timeline
        self._story = story
        self._site = site
        self._refresh = refresh
        self._stop = asyncio.Event()
        self._began: float | None = None

    async def run(self) -> Ending:
        """Put everything up, let it play, and take it down again: the daemon first, the broker after it."""
        pump = Pump(episode=self._timeline.episode)
        with _signals(self._stop.set):
            async with broker.serving() as mqtt_port, plant.serving(lambda: pump.readings(self._time())) as modbus_port:
                self._site.write(modbus_port=modbus_port, mqtt_port=mqtt_port, seconds=self._timeline.seconds)
                return await self._watched(Listener(self._story, self._time), mqtt_port)

    async def _watched(self, listener: Listener, mqtt_port: int) -> Ending:
        """Run the daemon while someone listens to the broker and shows what is heard."""
        async with asyncio.TaskGroup() as tasks:
            watching = [
                tasks.create_task(listener.listen(mqtt_port), name="listener"),
                tasks.create_task(self._show(), name="display"),
            ]
            await listener.subscribed.wait()
            async with gateway.running(self._site.config, self._site.log) as daemon:
                ending = await self._until_ending(daemon, listener.online)
                self._story.tell(self._time(), "demo", "stopping the gateway")
            await listener.farewell()
            for task in watching:
                task.cancel()
        self._refresh(self._time())
        return ending

    async def _until_ending(self, daemon: Process, online: asyncio.Event) -> Ending:
        """Start the clock when the gateway is there, however slow the machine is, and wait until the time is up."""
        died = asyncio.create_task(daemon.wait(), name="daemon")
        stopped = asyncio.create_task(self._stop.wait(), name="stop")
        started = asyncio.create_task(online.wait(), name="start")
        try:
            await asyncio.wait({died, stopped, started}, timeout=START_LIMIT, return_when=asyncio.FIRST_COMPLETED)
            if not stopped.done():
                self._began = time.monotonic()
            await asyncio.wait({died, stopped}, timeout=self._timeline.seconds, return_when=asyncio.FIRST_COMPLETED)
            if died.done():
                return Ending.DIED
            return Ending.STOPPED if stopped.done() else Ending.DONE
        finally:
            for task in (died, stopped, started):
                task.cancel()

    async def _show(self) -> None:
        phase = None
        while True:
            now = self._time()
            if phase is not (phase := self._timeline.phase(now)):
                self._story.tell(now, "pump", self._timeline.words(now))
            try:
                self._refresh(now)
            except OSError:  # the terminal was closed, or the pipe: nobody watches any more
                self._stop.set()
                return
            await asyncio.sleep(REFRESH)

    def _time(self) -> float:
        return 0.0 if self._began is None else time.monotonic() - self._began


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """Have `stop` called instead of being interrupted."""
    loop = asyncio.get_running_loop()
    for number in STOPPING:
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in STOPPING:
            loop.remove_signal_handler(number)
