"""The `simulator` source as a gateway sees it."""

from types import SimpleNamespace

import msgspec
import numpy as np
import pytest

from gatewayd.plugin import Block, Duration, Kind, OptionError, Source, Waveform
from gatewayd.testing import made as configured
from gatewayd_plugins import simulator
from gatewayd_plugins.simulator.source import Simulator


def test_the_plugin_registers_the_simulator():
    registered = {}
    simulator.register_sources(registered.__setitem__)
    assert registered == {"simulator": Simulator}
    assert issubclass(Simulator, Source)


def test_without_bursts_all_is_read_together():
    source = configured(Simulator)
    assert [channel.name for channel in source.declare()] == [
        "pressure",
        "flow",
        "vibration",
        "body_temp",
        "power",
        "running",
    ]
    (poll,) = source.polls(0.5)
    assert poll.interval == 0.5
    assert poll.channels == tuple(channel.name for channel in source.declare())


def test_bursts_are_a_waveform_channel_with_an_interval_of_their_own():
    source = configured(Simulator, burst="5m")
    assert source.declare()[-1].kind is Kind.WAVEFORM
    assert source.polls(1.0)[1].interval == 300
    assert source.polls(1.0)[1].channels == ("acceleration",)


async def test_a_poll_gives_one_block_of_readings():
    source = configured(Simulator, seed=5)
    await source.open()
    block = await source.poll(source.polls(1.0)[0])
    assert isinstance(block, Block)
    readings = dict(zip(block.channels, block.values, strict=True))
    assert 2.5 < readings["pressure"] < 3.5
    assert readings["running"] == 1


async def test_a_burst_gives_a_waveform():
    source = configured(Simulator, burst="1s")
    await source.open()
    waveform = await source.poll(source.polls(1.0)[1])
    assert isinstance(waveform, Waveform)
    assert waveform.rate == 6400
    assert len(waveform.values) == 1024
    assert np.std(waveform.values) == pytest.approx(1.8, rel=0.2)


async def test_a_fault_begins_so_long_after_the_start(monkeypatch):
    moments = iter([1000.0, 1119.0, 1150.0, 1200.0])
    clock = SimpleNamespace(monotonic=lambda: next(moments))
    monkeypatch.setattr("gatewayd_plugins.simulator.source.time", clock)
    source = configured(Simulator, fault="dry-run", fault_after="2m", fault_for="1m")
    flows = []
    for _ in range(3):
        await source.open()
        block = await source.poll(source.polls(1.0)[0])
        await source.close()
        flows.append(block.values[1])
    assert flows[0] > 100
    assert flows[1] < 1
    assert flows[2] > 100


@pytest.mark.parametrize("option", ["fault_for", "burst"])
def test_what_takes_no_time_at_all_is_refused_with_its_option(option):
    with pytest.raises(OptionError) as caught:
        Simulator(**{option: Duration(0)})
    assert caught.value.option == (option,)


@pytest.mark.parametrize("option", ["fault_after", "fault_for", "burst"])
def test_what_is_not_a_duration_is_refused(option):
    with pytest.raises(msgspec.ValidationError, match=f"10.* is not a duration.*{option}"):
        configured(Simulator, **{option: 10})


def test_a_fault_may_be_there_from_the_start():
    assert configured(Simulator, fault="cavitation", fault_after="0s").fault_after == 0.0


def test_an_unknown_fault_is_refused():
    with pytest.raises(msgspec.ValidationError, match="fault"):
        configured(Simulator, fault="rust")


async def test_a_burst_has_as_many_values_as_are_wanted():
    source = configured(Simulator, burst="1s", burst_values=6400)
    await source.open()
    assert len((await source.poll(source.polls(1.0)[1])).values) == 6400
