"""The whole gateway, for so long that what it does not give back would be seen, for each protocol."""

import pytest
from effort import effort
from grown import BLOCKS, BYTES, COUNTED, HEAP, KINDS
from mosquitto import needs_mosquitto
from soak_alone import soak

from gatewayd.testing.bluetooth import available

POLLS = effort(200_000, 12_000)
BREAKS = effort(600, 40)
WARM_UP = effort(0.5, 0.6)
"""The share that is left out: 100,000 polls and 300 reconnects are judged in full. It takes as many until the
last pages are there (a dozen of 4 kB, of 54 MB) and no more come.
"""
MOST = {
    BLOCKS: effort(0.005, 0.5),
    HEAP: effort(0.25, 8.0),
    BYTES: effort(0.25, 250.0),
}
"""What memory may grow by with each poll, with 95 % certainty. In brief the same noise meets a tenth of the polls and
of the samples, and pages, which come and go by the dozen, hardly tell anything: there the exact accounts do.
"""

needs_dbus = pytest.mark.skipif(not available(), reason="there is no dbus-daemon (package dbus)")
BLE = pytest.param("ble", marks=needs_dbus)
pytestmark = [pytest.mark.campaign, needs_mosquitto]


@pytest.mark.parametrize("protocol", ["modbus tcp", "modbus rtu", BLE])
def test_polling_devices_that_fail_and_come_back_leaves_nothing_behind(protocol, tmp_path, note):
    flat(protocol, tmp_path, note)


def test_a_broker_that_comes_and_goes_leaves_nothing_behind(tmp_path, note):
    flat("broker", tmp_path, note)


def flat(protocol, folder, note):
    grown = soak(protocol, POLLS, BREAKS, WARM_UP, folder)
    note(f"{grown} a poll; {grown.said}")
    beyond = [KINDS[what] for what, most in MOST.items() if sum(grown.slope(what)) > most]
    beyond += [KINDS[what] for what in COUNTED if grown.added(what) > 0]
    assert not beyond, f"{beyond}: {grown!r}"


@pytest.mark.parametrize("protocol", ["modbus tcp", BLE])
def test_what_is_not_given_back_is_noticed(protocol, tmp_path, note):
    """So the tests above can fail: for one object and 100 bytes a poll, one file, task and thread in two reconnects."""
    grown = soak(protocol, 6000, 20, 0.4, tmp_path, leaks=True)
    note(f"{grown} a poll, and more than before: {[grown.added(what) for what in COUNTED]}")
    (blocks, blocks_doubt), (size, size_doubt) = grown.slope(BLOCKS), grown.slope(HEAP)
    assert blocks - blocks_doubt > 0.5, repr(grown)
    assert size - size_doubt > 50, repr(grown)
    assert all(grown.added(what) > 0 for what in COUNTED), repr(grown)
