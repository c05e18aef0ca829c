"""Formats: the options of a source become the decoder of its advertisements, and the channels that it is to give."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from gatewayd.plugin import Channel, OptionError
from gatewayd_plugins.ble.decoders.bthome import Bthome
from gatewayd_plugins.ble.decoders.decoded import Decoder
from gatewayd_plugins.ble.decoders.eddystone import EddystoneTlm
from gatewayd_plugins.ble.decoders.ruuvi import Ruuvi
from gatewayd_plugins.ble.hearing.link import ALWAYS, LINK


class Format(enum.StrEnum):
    """What advertisements are known here."""

    BTHOME = "bthome"
    RUUVI = "ruuvi"
    EDDYSTONE_TLM = "eddystone_tlm"


_DECODERS: Mapping[Format, type[Decoder]] = {
    Format.BTHOME: Bthome,
    Format.RUUVI: Ruuvi,
    Format.EDDYSTONE_TLM: EddystoneTlm,
}


def decoder_of(form: Format) -> Decoder:
    """A decoder that has heard nothing yet."""
    return _DECODERS[form]()


def channels_of(decoder: Decoder, names: Sequence[str] | None, form: str) -> list[Channel]:
    """The channels called `names`, or the usual ones. Raises OptionError for names that there are none of."""
    if names is None:
        link = [*ALWAYS, "packet_loss"] if decoder.numbered else ALWAYS
        names = [*decoder.usual, *link] if decoder.usual else []
    if not names:
        what = f"each {form} device sends something else" if not decoder.usual else "there are no channels"
        raise OptionError(["channels"], what, 'say what is wanted: channels = ["temperature", "battery", "rssi"]')
    found = []
    for place, name in enumerate(names):
        channel = LINK.get(name) or decoder.channel(name)
        path: list[str | int] = ["channels", place]
        if channel is None:
            raise OptionError(path, f"{form} has no channel {name!r}", _instead(name, [*decoder.channels, *LINK]))
        if name in names[:place]:
            raise OptionError(path, f"{name!r} is there twice", "leave one out")
        if name == "packet_loss" and not decoder.numbered:
            raise OptionError(path, f"the readings of {form} have no numbers, so none is missed", "leave it out")
        found.append(channel)
    return found


def _instead(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0.7)
    return f'did you mean "{close[0]}"?' if close else f"it has {', '.join(sorted(known))}"
