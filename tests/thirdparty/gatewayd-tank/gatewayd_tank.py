"""The gatewayd plugin tank: a sensor that answers every TCP connection with one line of text, a number."""

import asyncio
from dataclasses import dataclass

from gatewayd.plugin import Channel, Sample, Source, SourceError, hookimpl


@dataclass
class Tank(Source):
    host: str
    port: int = 4001

    def declare(self):
        return [Channel("level", unit="m")]

    async def poll(self, poll):
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            return Sample("level", float(await reader.readline()))
        except ValueError as error:
            raise SourceError(f"the sensor gave no number: {error}") from None
        finally:
            writer.close()


@hookimpl
def register_sources(register):
    register("tank", Tank)


def inflow(window, noise=0.01):
    steps = window.values[1:] - window.values[:-1]
    return steps[steps > noise].sum()


@hookimpl
def register_features(register):
    register("inflow", inflow)
