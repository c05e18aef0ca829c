"""The `recording` source: its channels are the columns of what is replayed."""

import pytest

from gatewayd.plugin import SourceError
from gatewayd.testing import made as configured
from gatewayd_plugins.file.replayed import Replayed


def names(source):
    return [channel.name for channel in source.declare()]


def test_without_channels_and_columns_it_is_open():
    source = configured(Replayed)
    assert source.open_ended
    assert names(source) == []


def test_columns_become_channels_whatever_they_are_called():
    source = configured(Replayed, columns=["Volume Flow RateRMS", "°C", "a b", "a.b"])
    assert not source.open_ended
    assert names(source) == ["Volume_Flow_RateRMS", "C", "a_b", "a_b_2"]
    assert source.recorded()["Volume_Flow_RateRMS"] == "Volume Flow RateRMS"
    assert source.recorded()["a_b_2"] == "a.b"


def test_a_table_of_channels_says_which_columns_are_meant():
    source = configured(Replayed, channels={"flow": {"column": "Q 1", "unit": "l/min"}, "pressure": {}})
    assert not source.open_ended
    assert [(channel.name, channel.unit) for channel in source.declare()] == [("flow", "l/min"), ("pressure", "")]
    assert source.recorded() == {"flow": "Q 1", "pressure": "pressure"}


async def test_it_cannot_be_polled():
    with pytest.raises(SourceError, match="a recording is replayed, not polled: gatewayd replay CONFIG FILE"):
        await configured(Replayed, columns=["a"]).poll(None)
