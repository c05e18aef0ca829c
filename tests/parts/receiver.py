"""A subscriber that keeps what it receives, stays subscribed while the broker comes and goes, and counts."""

import asyncio
import json
from collections import defaultdict
from contextlib import asynccontextmanager, suppress

import aiomqtt
from message_store import MessageStore

PATIENCE = 20.0


class Receiver:
    """All messages below `gatewayd/`, as (topic, decoded payload); `unsequenced` ones are among them."""

    def __init__(self, port):
        self.messages = []
        self.subscribed = asyncio.Event()
        self._port = port
        self._store = MessageStore(":memory:")
        self._news = asyncio.Condition()

    async def listen(self):
        """Listen for ever, in a session that outlives connections."""
        while True:
            client = aiomqtt.Client(
                "127.0.0.1", self._port, identifier="receiver", clean_session=False,
                protocol=aiomqtt.ProtocolVersion.V311,
            )  # fmt: skip
            try:
                async with client:
                    await client.subscribe("gatewayd/#", qos=1)
                    self.subscribed.set()
                    async for message in client.messages:
                        await self._take(message)
            except aiomqtt.MqttError:
                while len(client.messages):  # the broker counts as received what came before we had subscribed again
                    await self._take(await anext(client.messages))
                await asyncio.sleep(0.1)

    async def _take(self, message):
        async with self._news:
            self.messages.append((str(message.topic), json.loads(message.payload)))
            with suppress(ValueError):  # some tests send what is no message of a gateway
                self._store.take(str(message.topic), message.payload)
            self._news.notify_all()

    def of(self, kind, **fields):
        """The messages of a kind, each once although it may have come twice."""
        unique = {}
        for _, message in self.messages:
            if message["kind"] == kind and fields.items() <= message.items():
                key = tuple(message[name] for name in ("epoch", "class", "seq")) if "seq" in message else len(unique)
                unique.setdefault(key, message)
        return list(unique.values())

    def missing(self):
        """Numbers of each epoch and class that have not come, as ranges, and that nothing explains."""
        accounts = ((each, each.on_their_way + each.unexplained) for each in self._store.accounts())
        return {(each.epoch, each.message_class): ranges for each, ranges in accounts if ranges}

    def highest(self):
        """The highest number of each class and epoch."""
        highest = defaultdict(int)
        for _, message in self.messages:
            if "seq" in message:
                key = message["epoch"], message["class"]
                highest[key] = max(highest[key], message["seq"])
        return dict(highest)

    async def until(self, condition, patience=PATIENCE):
        """Wait until `condition()` holds; it is asked after every message."""
        async with asyncio.timeout(patience), self._news:
            await self._news.wait_for(condition)

    async def first(self, kind, **fields):
        """Wait for a message of that kind with these fields; give it."""
        await self.until(lambda: self.of(kind, **fields))
        return self.of(kind, **fields)[0]


@asynccontextmanager
async def receiving(port):
    """A receiver that has subscribed."""
    receiver = Receiver(port)
    task = asyncio.create_task(receiver.listen(), name="receiver")
    try:
        async with asyncio.timeout(PATIENCE):
            await receiver.subscribed.wait()
        yield receiver
    finally:
        task.cancel()
        await asyncio.wait({task})
