"""The listener, with the demo's real broker in between."""

import asyncio
import json
import socket
from contextlib import asynccontextmanager, suppress

import aiomqtt

from gatewayd_plugins.simulator.demo import broker, listener
from gatewayd_plugins.simulator.demo.listener import Listener
from gatewayd_plugins.simulator.demo.story import Story


def status(word):
    return json.dumps({"v": 1, "kind": "status", "gateway": "demo", "status": word, "time": None})


def client(port, **options):
    return aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V311, **options)


@asynccontextmanager
async def listening():
    """A listener that has subscribed, its story, and a client that publishes to it."""
    story = Story()
    hearer = Listener(story, lambda: 0.0)
    async with asyncio.timeout(10), broker.serving() as port:
        task = asyncio.create_task(hearer.listen(port))
        await hearer.subscribed.wait()
        async with client(port) as publisher:
            yield hearer, story, publisher
        task.cancel()
        await asyncio.wait({task})


async def test_what_the_gateway_publishes_becomes_part_of_the_story():
    async with listening() as (hearer, story, publisher):
        await publisher.publish("gatewayd/demo/status", status("online"), qos=1, retain=True)
        await hearer.online.wait()
        await publisher.publish("gatewayd/demo/status", b"what?", qos=1)
        await publisher.publish("gatewayd/demo/status", status("offline"), qos=1, retain=True)
        await hearer.farewell()
    assert story.status == "offline"
    assert len(story.unreadable) == 1


async def test_a_gateway_that_was_killed_is_told_by_its_will():
    async with listening() as (hearer, story, publisher):
        will = aiomqtt.Will("gatewayd/demo/status", status("lost"), 1, retain=True)
        with suppress(aiomqtt.MqttError):
            async with client(publisher._port, will=will) as gateway:
                gateway._client.socket().shutdown(socket.SHUT_RDWR)
                await hearer.farewell()
    assert story.status == "lost"


async def test_nobody_waits_for_ever_for_a_gateway_that_says_nothing(monkeypatch):
    monkeypatch.setattr(listener, "FAREWELL", 0.01)
    async with listening() as (hearer, story, _):
        await hearer.farewell()
    assert story.status == "starting"
