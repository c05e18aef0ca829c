"""The yardstick: the shortest honest loop of pymodbus and aiomqtt. No outbox, windows, rules or summaries.

A task per device polls on a fixed grid; one task publishes what they read as JSON with QoS 1.
Use: floor.py MQTT_PORT REGISTERS PERIOD MODBUS_PORT...
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys

import aiomqtt
from pymodbus.client import AsyncModbusTcpClient


async def poll(port: int, registers: int, period: float, queue: asyncio.Queue[str]) -> None:
    """Poll one device for ever."""
    client = AsyncModbusTcpClient("127.0.0.1", port=port)
    await client.connect()
    words, floats = struct.Struct(f">{registers}H"), struct.Struct(f">{registers // 2}f")
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        reply = await client.read_holding_registers(0, count=registers, device_id=1)
        await queue.put(json.dumps({"device": port, "values": floats.unpack(words.pack(*reply.registers))}))
        due = max(due + period, loop.time())
        await asyncio.sleep(due - loop.time())


async def main(mqtt_port: int, registers: int, period: float, modbus_ports: list[int]) -> None:
    """Poll all and publish."""
    queue: asyncio.Queue[str] = asyncio.Queue(100_000)
    async with aiomqtt.Client("127.0.0.1", mqtt_port) as client, asyncio.TaskGroup() as tasks:
        for port in modbus_ports:
            tasks.create_task(poll(port, registers, period, queue), name=f"device {port}")
        while True:
            await client.publish("gatewayd/floor/readings", await queue.get(), qos=1)


asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), [int(port) for port in sys.argv[4:]]))
