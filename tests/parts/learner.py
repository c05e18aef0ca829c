"""A plugin whose sources learn: what one is given back that it has not learned itself of the same device is noted.

They share a line, and their polls take so long that one is under way at about any time.
"""

import sys

CODE = """
import asyncio
from dataclasses import dataclass

from gatewayd.plugin import Block, Channel, Line, Source, hookimpl

GIVEN, WRONG = [], []


@dataclass
class Learner(Source):
    unit: int

    def __post_init__(self):
        self.learned = 0

    def declare(self):
        return [Channel("level", "m")]

    def line(self):
        return Line("bus")

    async def poll(self, poll):
        await asyncio.sleep(0.5)
        self.learned += 1
        return Block(poll.channels, [float(self.learned)])

    def memory(self):
        return f"{self.unit} {self.learned}".encode()

    def recall(self, memory):
        unit, learned = map(int, memory.split())
        (GIVEN if unit == self.unit else WRONG).append(memory)
        self.learned = learned


@hookimpl
def register_sources(register):
    register("learner", Learner)
"""


def recalled():
    """What was given back: what was learned of the same device, and what was not."""
    module = sys.modules["acme_learner"]
    return module.GIVEN, module.WRONG
