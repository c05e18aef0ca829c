import asyncio
import sys

import numpy as np
import pytest
from fake_field import FakeField, FakeSource

from gatewayd.model import Block
from gatewayd.sources.calling import weighing
from gatewayd.sources.calling.weighing import reachable
from gatewayd.testing import simulate


class Device:
    """Stands for a source of a plugin."""


def weight(*roots, most=10_000):
    return list(reachable(roots, most))[-1]


def test_what_a_source_keeps_is_counted_once():
    device, kept = Device(), [bytes(1000) for _ in range(10)]
    before = weight(device)
    device.kept, device.again = kept, {"the same": kept}
    grown = weight(device) - before
    assert 10 * 1033 + sys.getsizeof(kept) < grown < 10 * 1033 + 2000


@pytest.mark.parametrize("dtype", [np.float64, np.uint8])
def test_arrays_count_with_their_values_and_views_with_those_of_their_base(dtype):
    device = Device()
    device.values = np.zeros(100_000, dtype)[10:20]
    assert weight(device) > 100_000 * np.dtype(dtype).itemsize


async def test_what_leads_out_of_the_plugin_is_not_counted():
    device = Device()
    before = weight(device)
    device.others = [sys, Device, weight, asyncio.get_running_loop(), asyncio.current_task(), weighing.asyncio.sleep]
    assert weight(device) - before < 1000


def test_a_look_is_bounded_and_takes_small_steps():
    device = Device()
    device.kept = [[n] for n in range(100_000)]
    assert len(list(reachable([device], 2000))) == 2000 // weighing.STEP + 1


@pytest.mark.parametrize("error", [ZeroDivisionError(), BaseException("panic")], ids=repr)
def test_an_object_that_cannot_tell_its_size_does_no_harm(error):
    class Odd:
        def __sizeof__(self):
            raise error

    device = Device()
    device.odd = Odd()
    assert weight(device) > 0


def test_the_growth_of_a_source_is_in_its_accounts():
    kept = []

    async def leaking(poll):
        kept.append(bytes(1000))
        return Block(poll.channels, [1.0])

    leaky = FakeSource(answer=leaking)
    leaky.log.append(kept)  # so that it can be reached
    field = FakeField({"leaky": leaky, "good": FakeSource()})
    early, later = weighing.FIRST - 10, weighing.FIRST + weighing.EVERY + 10

    async def watched():
        async with field.running():
            await asyncio.sleep(early)
            first = field.status("leaky").accounts
            await asyncio.sleep(later - early)
            return first, field.field.status()

    first, statuses = simulate(watched())
    assert (first.memory, first.growth) == (None, None)
    growth = {each.name: each.accounts.growth for each in statuses}
    assert 300_000 < growth["leaky"] < 400_000
    assert 0 <= growth["good"] < 100_000
