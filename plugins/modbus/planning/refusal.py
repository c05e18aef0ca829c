"""Refusals and silence: what a device may do in place of giving data. Pure."""

from __future__ import annotations

from gatewayd.plugin import SourceError

MEANINGS = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "device failure",
    5: "acknowledged, not yet ready",
    6: "device busy",
    7: "negative acknowledge",
    8: "memory parity error",
    10: "the gateway has no path to the device",
    11: "the device behind the gateway does not respond",
}
"""The exception codes of the Modbus Application Protocol V1.1b3, chapter 7."""
FROM_A_GATEWAY = {10, 11}
OF_ADDRESSES = {2, 3, 4}
"""Those with which devices refuse addresses that they do not have, or requests that are too long for them."""


class Refused(Exception):  # noqa: N818 - the device is well
    """A device answered with an exception code."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"exception {code}: {MEANINGS.get(code, 'unknown')}")

    @property
    def by_gateway(self) -> bool:
        """Whether it is a gateway's way of saying that the device did not answer."""
        return self.code in FROM_A_GATEWAY

    @property
    def by_address(self) -> bool:
        """Whether another request, of some of the same addresses, may be answered."""
        return self.code in OF_ADDRESSES


class Silent(SourceError):  # noqa: N818 - it is what the device is
    """Nothing at all came."""
