"""What a decoder makes of one advertisement, and what every decoder offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from gatewayd.plugin import Channel
from gatewayd_plugins.ble.advertisement import Advertisement

NOTHING: Mapping[str, str] = MappingProxyType({})


class Undecodable(ValueError):  # noqa: N818 - the fault is the sender's
    """An advertisement is of the format and cannot be used; the text says why, alike for all of a kind."""


@dataclass(frozen=True, slots=True)
class Serial:
    """The number of a reading: the next one's is one more, and after `span - 1` comes 0.

    `once`: whoever hears the number again hears an old reading. Otherwise the device repeats what still holds.
    """

    number: int
    span: int
    once: bool = True


@dataclass(frozen=True, slots=True)
class Decoded:
    """What one advertisement says: `values` by channel; of `bad` ones why there is no value, of `doubtful` ones why.

    `events` are channels whose values happen and do not last; one without a value: nothing has happened. `about` is
    what the device tells of itself.
    """

    values: Mapping[str, float]
    bad: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    doubtful: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    serial: Serial | None = None
    events: frozenset[str] = frozenset()
    about: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    @property
    def kind(self) -> frozenset[str]:
        """The channels that it is about, by which the advertisements of one device are told apart."""
        return frozenset((*self.values, *self.bad, *self.events))

    def lasting(self) -> Decoded:
        """What still holds when it is said again."""
        if not self.events:
            return self
        return replace(self, values={name: each for name, each in self.values.items() if name not in self.events})


class Decoder:
    """A format: which `channels` its advertisements may give, and what one of them says."""

    channels: Mapping[str, Channel] = MappingProxyType({})
    numbered = False
    """Whether its readings have numbers, by which lost ones are known."""

    @property
    def usual(self) -> Sequence[str]:
        """The channels of a source that names none; empty: it must name them."""
        return tuple(self.channels)

    def channel(self, name: str) -> Channel | None:
        """The channel of that name, if the format has it."""
        return self.channels.get(name)

    def lasts(self, name: str) -> bool:  # noqa: ARG002 - for those who override it
        """Whether a channel has a value at all times, and not only at the moments when something happens."""
        return True

    def decode(self, advertisement: Advertisement) -> Decoded | None:
        """What it says; None when it is not of the format. Raises Undecodable."""
        raise NotImplementedError

    def recall(self, memory: bytes) -> None:
        """Take up what `memory` gave in an earlier run."""

    def memory(self) -> bytes:
        """What must outlive a restart."""
        return b""
