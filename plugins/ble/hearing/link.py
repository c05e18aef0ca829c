"""The link: the channels that every format has, which tell how well a device is heard."""

from __future__ import annotations

from dataclasses import dataclass

from gatewayd.plugin import Channel

LINK = {
    channel.name: channel
    for channel in (
        Channel("rssi", "dB{mW}"),
        Channel("age", "s"),
        Channel("packet_loss", "%"),
        Channel("packets"),
        Channel("repeats"),
        Channel("unusable"),
    )
}
ALWAYS = ("rssi", "age")
"""Those that a source has without naming them; one whose readings are numbered has `packet_loss` as well."""


@dataclass(slots=True)
class Counts:
    """How many advertisements since the last poll were news, repetitions, or of no use."""

    packets: int = 0
    repeats: int = 0
    unusable: int = 0

    def values(self) -> dict[str, float]:
        """As channels."""
        return {"packets": self.packets, "repeats": self.repeats, "unusable": self.unusable}
