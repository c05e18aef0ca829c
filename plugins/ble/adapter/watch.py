"""The watch over one adapter: it scans, and when it cannot, that is mended or waited for, for ever."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress

from bleak.args.bluez import OrPattern
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError

from gatewayd_plugins.ble.adapter.bluez import AdapterNews
from gatewayd_plugins.ble.adapter.cures import Cure, Cures
from gatewayd_plugins.ble.adapter.scan import Mode, Scan
from gatewayd_plugins.ble.advertisement import Advertisement

RETRY = 2.0
"""Seconds from one attempt to the next, when nothing tells that it is worthwhile earlier."""
MOMENT = 0.2
"""Seconds in which BlueZ may tell why it does not scan any more: it may say that first. Or bleak's connection broke."""
START_LIMIT = 8.0
"""Seconds that a scan may take to begin."""
STOP_LIMIT = 1.0
"""Seconds that it may take to end: then it is left to itself."""

log = logging.getLogger("gatewayd_plugins.ble")
log.addHandler(logging.NullHandler())  # what a command shows, it says itself


class Watch:
    """Keeps one adapter scanning. `hear` is called for each advertisement; a passive scan looks for those `wanted`.

    `lost` is called when what ran on the adapter has ended with it.
    """

    def __init__(
        self,
        adapter: str,
        mode: Mode,
        hear: Callable[[Advertisement, BLEDevice], None],
        wanted: Sequence[OrPattern] = (),
        lost: Callable[[], None] = lambda: None,
    ) -> None:
        self.trouble = "the adapter was not tried yet"
        """Why nothing can be heard; empty while the adapter scans and hears."""
        self.losses = 0
        """How often what ran on the adapter has ended with it: connections are void, too."""
        self.settled = asyncio.Event()
        """Set when it is known for the first time whether the adapter scans."""
        self.news: AdapterNews | None = None
        """The connection to the D-Bus, while there is one."""
        self._adapter = adapter
        self._mode = mode
        self._hand_over = hear
        self._wanted = wanted
        self._lost = lost
        self._cures = Cures(_time())
        self._logged = False

    async def run(self) -> None:
        """Scan until cancelled."""
        while True:
            try:
                async with AdapterNews(self._adapter) as self.news:
                    await self._care(self.news)
            except Exception as error:  # noqa: BLE001 - bleak and dbus-fast raise whatever they like; it goes on
                self._tell(in_words(error))
            self.news = None
            self._lose()
            await asyncio.sleep(RETRY)

    def alive(self) -> None:
        """Something came by radio, whatever it was."""
        self._cures.heard(_time())
        if self.trouble:
            self._tell("")

    async def _care(self, news: AdapterNews) -> None:
        """Scan again and again while there is a D-Bus."""
        while True:
            self._tell(await news.trouble() or await self._scan(news))
            if not news.lost:
                await _changed(news, RETRY)
            if news.lost:
                self._lose()

    async def _scan(self, news: AdapterNews) -> str:
        """Scan while that is possible; why it is not any more."""
        scan = Scan(self._adapter, self._mode, self._hear, self._wanted)
        try:
            async with asyncio.timeout(START_LIMIT):
                await scan.start()
        except (BleakError, OSError, EOFError, AssertionError) as error:
            await self._cure(news, self._cures.refused(_time()))
            return f"adapter {self._adapter} does not scan: {in_words(error)}"
        try:
            return await self._listen(news)
        finally:
            await _stop(scan)

    async def _listen(self, news: AdapterNews) -> str:
        """Wait until the scan has ended or hears nothing for too long; which of both."""
        if not self._cures.tried:
            self._cures.begun(_time())
            self._tell("")
        while not news.lost:
            await _changed(news, self._cures.wait(_time()))
            cure = self._cures.due(_time())
            if cure is not Cure.NONE and not news.lost:
                await self._cure(news, cure)
                news.changed.set()
                return f"adapter {self._adapter} has heard nothing for {self._cures.quiet_for(_time()):.0f} s"
            if self._mode == "active" and not news.lost and await news.stopped_scanning():
                await asyncio.sleep(MOMENT)
                return news.lost or f"adapter {self._adapter} has stopped scanning"
        self._cures.begun(_time())
        return news.lost

    async def _cure(self, news: AdapterNews, cure: Cure) -> None:
        """Do what is to be done besides beginning a new scan."""
        if cure is Cure.POWER_CYCLE:
            log.warning("adapter %s is switched off and on", self._adapter)
            self._lose()
            await news.power_cycle()

    def _hear(self, heard: Advertisement, device: BLEDevice) -> None:
        self.alive()
        self._hand_over(heard, device)

    def _lose(self) -> None:
        self.losses += 1
        self._lost()

    def _tell(self, trouble: str) -> None:
        """Remember it, and log once when trouble begins and once when it ends."""
        if trouble and not self._logged:
            log.warning("adapter %s hears nothing: %s", self._adapter, trouble)
        if self._logged and not trouble:
            log.warning("adapter %s hears again", self._adapter)
        self._logged = bool(trouble)
        self.trouble = trouble
        self.settled.set()


async def _changed(news: AdapterNews, limit: float) -> None:
    """Wait for news, but not for longer than `limit` seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(limit):
            await news.changed.wait()
            news.changed.clear()


async def _stop(scan: Scan) -> None:
    """End a scan, which may have ended by itself."""
    with suppress(BleakError, OSError, EOFError, AssertionError):
        async with asyncio.timeout(STOP_LIMIT):
            await scan.stop()


def in_words(error: BaseException) -> str:
    """What an error of bleak or dbus-fast says, or what kind of one it is."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return str(error) or type(error).__name__


def _time() -> float:
    return asyncio.get_running_loop().time()
