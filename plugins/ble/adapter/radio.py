"""The radio: one Bluetooth adapter, which all BLE sources on it share."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from contextlib import suppress

from bleak.args.bluez import OrPattern
from bleak.backends.device import BLEDevice

from gatewayd.plugin import Line, SourceError
from gatewayd_plugins.ble.adapter.scan import Mode, of_company, of_service
from gatewayd_plugins.ble.adapter.watch import Watch
from gatewayd_plugins.ble.advertisement import Advertisement, Inbox

OPENING = 3.0
"""Seconds that opening waits for the adapter to scan, so that the first polls find it at work."""
CLOSING = 1.5
"""Seconds that it may take to end the scan."""
FIRST_WORDS = 3.0
"""Seconds after the opening in which a device to connect to is waited for: most advertise once a second."""
LATELY = 60.0
"""Seconds for which a device that was heard is taken to be within reach."""


class Radio(Line):
    """The line of one adapter.

    Opening it never fails: what is wrong with the adapter is mended or waited for in the background, by the watch, and
    `trouble` says what it is. So no source is quarantined for it, and all are back as soon as the adapter is.
    """

    def __init__(self, adapter: str, mode: Mode = "active") -> None:
        super().__init__(key=f"ble:{adapter}", terms=f"scan = {mode}", name=adapter)
        self.adapter = adapter
        self._mode = mode
        self._inboxes: dict[str, list[Inbox]] = {}
        self._wanted: dict[OrPattern, None] = {}
        self._devices: dict[str, tuple[BLEDevice, float]] = {}
        self.waiting: set[asyncio.Event] = set()
        """Set when all connections are lost: of those who wait for something that comes by one."""
        self._expected: dict[str, asyncio.Event] = {}
        self._opened = -math.inf
        self._watch: Watch | None = None
        self._watching: asyncio.Task[None] | None = None

    @property
    def trouble(self) -> str:
        """Why nothing can be heard ("adapter hci0 is switched off"); empty while it scans."""
        return self._watch.trouble if self._watch else "the adapter is not in use"

    @property
    def alive(self) -> bool:
        """Whether it scans and hears."""
        return not self.trouble

    @property
    def losses(self) -> int:
        """How often all connections were lost with the adapter, the daemon or the bus."""
        return self._watch.losses if self._watch else 0

    def inbox(self, address: str) -> Inbox:
        """A new inbox for the advertisements of `address` ("AA:BB:CC:DD:EE:FF")."""
        inbox = Inbox()
        self._inboxes.setdefault(address.upper(), []).append(inbox)
        return inbox

    def look_for(self, *, company: int | None = None, service: str | None = None) -> None:
        """Have a passive scan hear what has data of this company, or of the service with this full UUID.

        BlueZ has no passive scan for everything. Beacons that send the usual flags are heard in any case. To be called
        before the radio is opened.
        """
        if company is not None:
            self._wanted[of_company(company)] = None
        if service is not None:
            self._wanted[of_service(service)] = None

    def expect(self, address: str) -> None:
        """Remember the device of this address when it is heard: it is to be connected to."""
        self._inboxes.setdefault(address.upper(), [])
        self._expected.setdefault(address.upper(), asyncio.Event())

    async def open(self) -> None:
        """Begin to watch over the adapter, and wait a moment for it to scan."""
        self._watch = Watch(self.adapter, self._mode, self._hear, list(self._wanted), self._lost)
        self._watching = asyncio.create_task(self._watch.run(), name=f"radio {self.adapter}")
        with suppress(TimeoutError):
            async with asyncio.timeout(OPENING):
                await self._watch.settled.wait()
        self._opened = _time()

    async def close(self) -> None:
        """End the scan."""
        watching, self._watching, self._watch = self._watching, None, None
        self._devices.clear()
        for each in self._expected.values():
            each.clear()
        if watching is not None:
            watching.cancel()
            await asyncio.wait({watching}, timeout=CLOSING)

    async def reach(self, address: str) -> BLEDevice:
        """The device to connect to. Raises SourceError when it is not within reach."""
        address = address.upper()
        if self._watch is None or self._watch.news is None:
            raise SourceError(self.trouble)
        device, heard = self._devices.get(address, (None, 0.0))
        if device is not None and _time() - heard < LATELY:
            return device
        # What holds a connection (ours, from before a crash) does not advertise.
        path = f"/org/bluez/{self.adapter}/dev_{address.replace(':', '_')}"
        if await self._watch.news.connected(path):
            return BLEDevice(address, None, {"path": path, "props": {}})
        if device is not None:
            raise SourceError(f"{address} has not advertised for {LATELY:g} s")
        return await self._first_heard(address)

    async def _first_heard(self, address: str) -> BLEDevice:
        """A device that was not heard so far, if it is before long. Raises SourceError."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._opened + FIRST_WORDS):
                await self._expected.setdefault(address, asyncio.Event()).wait()
        if address not in self._devices:
            raise SourceError(f"{address} was never heard")
        return self._devices[address][0]

    def came(self) -> None:
        """Something came by a connection: the adapter works, even when nobody advertises."""
        if self._watch is not None:
            self._watch.alive()

    def _lost(self) -> None:
        for each in self.waiting:
            each.set()

    def _hear(self, heard: Advertisement, device: BLEDevice) -> None:
        inboxes: Sequence[Inbox] | None = self._inboxes.get(heard.address)
        if inboxes is None:
            return
        self._devices[heard.address] = device, _time()
        if heard.address in self._expected:
            self._expected[heard.address].set()
        for inbox in inboxes:
            inbox.put(heard)


def _time() -> float:
    return asyncio.get_running_loop().time()
