"""A proxy between a client and a broker that can be told to misbehave as networks and brokers do."""

import asyncio
import socket
import struct
from contextlib import asynccontextmanager, suppress

from gatewayd.testing import serving

CONNACK, PUBLISH, PUBACK = 2, 3, 4
QUOTA_EXCEEDED = 0x97


class FaultProxy:
    """Passes everything on until told otherwise; what it is told holds for later connections as well."""

    def __init__(self, target):
        self.port = 0
        self.connections = 0
        self.delay = 0.0
        """Seconds by which each packet is late, either way."""
        self.late_welcome = 0.0
        """Seconds by which the broker's first answer, that it lets the client in, is later than that."""
        self.swallows = False
        """Nothing gets through any more, and nobody is told: a black hole."""
        self.drops_pubacks = False
        """What the broker acknowledges never gets back; all else does."""
        self.hangs_up_at = None
        """Bytes at which the connection is closed when the client sends them."""
        self.swallows_if = None
        """Bytes for which what the client sends is not passed on."""
        self.quota = None
        """How many more messages are passed on; the others are answered with "quota exceeded" (MQTT 5)."""
        self._target = target
        self._clients = set()

    def say(self, data):
        """Send this to all clients, as if it came from the broker."""
        for writer in self._clients:
            writer.write(data)

    def hang_up(self):
        """Close all connections in an orderly way (FIN)."""
        for writer in list(self._clients):
            writer.close()

    def reset(self):
        """Break all connections off (RST)."""
        for writer in list(self._clients):
            linger = struct.pack("ii", 1, 0)
            with suppress(OSError):  # it is just being closed
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()

    async def serve(self, reader, writer):
        self.connections += 1
        try:
            broker_reader, broker_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            return
        self._clients.add(writer)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._upstream(reader, writer, broker_writer))
                tasks.create_task(self._downstream(broker_reader, writer))
        except* (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._clients.discard(writer)
            broker_writer.close()

    async def _upstream(self, reader, client, broker):
        while True:
            packet = await _packet(reader)
            await asyncio.sleep(self.delay)
            if self.hangs_up_at is not None and self.hangs_up_at in packet:
                client.close()
                return
            if packet[0] >> 4 == PUBLISH and self.quota is not None:
                if self.quota <= 0:
                    client.write(bytes([PUBACK << 4, 3, *_number(packet), QUOTA_EXCEEDED]))
                    continue
                self.quota -= 1
            if not self.swallows and not (self.swallows_if is not None and self.swallows_if in packet):
                broker.write(packet)
                await broker.drain()

    async def _downstream(self, broker, client):
        while True:
            packet = await _packet(broker)
            await asyncio.sleep(self.delay + (self.late_welcome if packet[0] >> 4 == CONNACK else 0.0))
            if not self.swallows and not (self.drops_pubacks and packet[0] >> 4 == PUBACK):
                client.write(packet)
                await client.drain()


@asynccontextmanager
async def fault_proxy(target):
    """A proxy to this port of this machine."""
    proxy = FaultProxy(target)
    async with serving(proxy.serve) as proxy.port:
        yield proxy


async def _packet(reader):
    """One MQTT packet: header, length in groups of seven bits, the rest."""
    packet = await reader.readexactly(1)
    length, shift, more = 0, 0, True
    while more:
        byte = await reader.readexactly(1)
        packet += byte
        length |= (byte[0] & 127) << shift
        shift += 7
        more = byte[0] & 128
    return packet + await reader.readexactly(length)


def _number(publish):
    """The two bytes by which a PUBLISH of QoS 1 is acknowledged: they follow header, length and topic."""
    rest = 2 + next(number for number, byte in enumerate(publish[1:]) if not byte & 128)
    topic = int.from_bytes(publish[rest : rest + 2], "big")
    return publish[rest + 2 + topic : rest + 4 + topic]
