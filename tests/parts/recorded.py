"""Records of what an engine was fed: made and replayed."""

from contextlib import asynccontextmanager
from unittest import mock

from gatewayd.engine.engine import Engine
from gatewayd.recorder import Begun, Clock, Heading, Missed, Recorder, Stopped, read
from gatewayd.recorder import recorder as recorder_module

BUDGET = 10_000_000
PATIENCE = 60.0
"""Seconds in which all is written, also where others keep the processor busy."""


@asynccontextmanager
async def recording(folder, plan, max_size=BUDGET, boot="boot-1"):
    """A recorder that has not begun yet; all is written at the end."""
    recorder = Recorder(folder, max_size, Heading.of(plan, version="1", boot=boot, digest="d"))
    try:
        yield recorder
    finally:
        with mock.patch.object(recorder_module, "CLOSE", PATIENCE):
            await recorder.close()


async def record(folder, plan, inputs, *, saved=(), at=0, max_size=BUDGET):
    """Record a run."""
    async with recording(folder, plan, max_size) as recorder:
        recorder.begin(saved, at)
        for item in inputs:
            recorder.put(item)
        recorder.stop(10**15)


def replayed(folder, plan):
    """All outputs of an engine of `plan` that is fed with a record, of one run or more."""
    outputs, engine, boot = [], None, ""
    for entry in read(folder):
        if isinstance(entry, Heading):
            boot = entry.boot
        elif isinstance(entry, Begun):
            engine, before = Engine(plan, boot), engine
            if entry.going_on is None:
                outputs.append(engine.restore(entry.saved, entry.time))
            else:
                outputs.append(engine.take_over(before, entry.saved, entry.going_on, entry.time))
        elif isinstance(entry, Stopped):
            outputs.append(engine.stop(entry.time))
        elif not isinstance(entry, Clock):
            assert not isinstance(entry, Missed), entry
            outputs.append(engine.feed(entry))
    return outputs
