"""What an acknowledged message costs: our connection against plain aiomqtt, turn by turn in one run. Needs mosquitto.

Both keep 20 messages of QoS 1 in flight.
Prints CPU time of this process per message, the best round of each, and the ratio.
Use: uplink.py [--messages 5000] [--rounds 5] [--size 200]
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiomqtt
from stage import broker

from gatewayd.uplink.mqtt.broker import Broker
from gatewayd.uplink.mqtt.client import IN_FLIGHT, connect
from gatewayd.uplink.mqtt.connection import Connection, Message

TOPIC = "gatewayd/bench/readings/pump1"


async def ours(connection: Connection, messages: int, payload: bytes) -> None:
    """Publish through our connection, as the sender does."""
    message = Message(TOPIC, payload)
    for _ in range(messages):
        await connection.room()
        last = connection.publish(message)
    await last


async def plain(client: aiomqtt.Client, messages: int, payload: bytes) -> None:
    """Publish with aiomqtt as it is: a task for each message in flight."""
    numbers = iter(range(messages))

    async def publish() -> None:
        for _ in numbers:
            await client.publish(TOPIC, payload, qos=1)

    async with asyncio.TaskGroup() as tasks:
        for number in range(IN_FLIGHT):
            tasks.create_task(publish(), name=f"publisher {number}")


async def cost(messages: int, run: Callable[[], Awaitable[None]]) -> float:
    """CPU microseconds per message."""
    begun = time.process_time()
    await run()
    return (time.process_time() - begun) / messages * 1e6


async def main(port: int, messages: int, rounds: int, size: int) -> None:
    """Measure and print."""
    server = Broker(host="127.0.0.1", port=port, client_id="bench")
    v5, payload = aiomqtt.ProtocolVersion.V5, b"x" * size
    costs: dict[str, list[float]] = {"gatewayd": [], "aiomqtt": []}
    async with (
        connect(server, Message(f"{TOPIC}/status", b"lost")) as connection,
        aiomqtt.Client("127.0.0.1", port, protocol=v5) as client,
    ):
        client.pending_calls_threshold = IN_FLIGHT
        for _ in range(rounds):
            costs["gatewayd"].append(await cost(messages, lambda: ours(connection, messages, payload)))
            costs["aiomqtt"].append(await cost(messages, lambda: plain(client, messages, payload)))
    best = {name: min(each) for name, each in costs.items()}
    for name, microseconds in best.items():
        print(f"{name:<10} {microseconds:6.1f} us CPU per acknowledged message of {size} bytes")
    print(f"ratio      {best['gatewayd'] / best['aiomqtt']:6.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--size", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, broker(Path(folder)) as broker_port:
        asyncio.run(main(broker_port, options.messages, options.rounds, options.size))
