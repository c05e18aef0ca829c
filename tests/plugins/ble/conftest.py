import pytest

from gatewayd.testing.bluetooth import FakeBluez, PrivateBus, available


@pytest.fixture
def system_bus():
    if not available():
        pytest.skip("there is no dbus-daemon (package dbus)")
    with PrivateBus() as bus:
        yield bus


@pytest.fixture
async def bluez(system_bus):
    async with FakeBluez() as bluez:
        yield bluez
