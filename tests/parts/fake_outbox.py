"""An outbox in memory: hands rows out in order, and everything that is not settled again after a restart."""

import asyncio
from dataclasses import replace

from gatewayd.clock import Dating
from gatewayd.uplink.row import MessageClass, Row

EPOCH = "8c1f2a5e9b7d4c30"
OFFSET = 1_795_711_000_000_000_000


class FakeOutbox:
    """Rows are what `put` was given, in the class that their record belongs to."""

    epoch = EPOCH

    def __init__(self):
        self.acknowledged = []
        self.aside = {}
        self.restarts = 0
        self.time_is_known = True
        self._open = {}
        self._ready = []
        self._news = asyncio.Event()
        self._numbers = dict.fromkeys(MessageClass, 0)
        self._empty = asyncio.Event()

    def put(self, *records):
        for record in records:
            message_class = class_of(record)
            self._numbers[message_class] += 1
            number = self._numbers[message_class]
            row = Row(sum(self._numbers.values()), message_class, number, record, late=False, epoch=EPOCH)
            self._open[row.id] = row
            self._ready.append(row)
        self._empty.clear()
        self._news.set()

    async def next_row(self):
        while not self._ready:
            self._news.clear()
            await self._news.wait()
        return self._ready.pop(0)

    def acked(self, row):
        self.acknowledged.append(row)
        self._settle(row)

    def set_aside(self, row, why):
        self.aside[row.id] = why
        self._settle(row)

    def restart(self):
        self.restarts += 1
        self._open = {number: replace(row, late=True) for number, row in self._open.items()}
        self._ready = list(self._open.values())
        self._news.set()

    def dating(self, boot):
        known = self.time_is_known and boot != "unknown"
        return Dating(OFFSET, vouched=True) if known else Dating()

    @property
    def waiting(self):
        return len(self._open)

    async def settled(self, patience=10.0):
        """Wait until every row is acknowledged or set aside."""
        async with asyncio.timeout(patience):
            await self._empty.wait()

    def _settle(self, row):
        del self._open[row.id]
        if not self._open:
            self._empty.set()


def class_of(record):
    kind = record.__struct_config__.tag
    return MessageClass(kind) if kind in ("summary", "readings") else MessageClass.EVENT
