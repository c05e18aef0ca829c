"""Declaring: what a channel's options say of it, as gatewayd wants to know it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gatewayd.plugin import Channel, Kind
from gatewayd_plugins.modbus.fields.complaints import Complaints
from gatewayd_plugins.modbus.fields.field import Field, channel_field
from gatewayd_plugins.modbus.fields.options import ChannelOptions
from gatewayd_plugins.modbus.fields.states import labels
from gatewayd_plugins.modbus.waveforms.waveform import WaveField, check_range, refuse_for_scalars, wave_field
from gatewayd_plugins.modbus.writing.setting import check_write

Declared = tuple[Channel, Field | WaveField]
"""A channel, and where its values lie."""


def declared(channels: Mapping[str, ChannelOptions], base: int) -> Mapping[str, Declared]:
    """The channels by their names; addresses count from `base`. Raises OptionError for all that are wrong."""
    right: dict[str, Declared] = {}
    complaints = Complaints()
    for name, options in channels.items():
        with complaints.collect():
            right[name] = _declared(name, options, ("channels", name), base)
    complaints.tell()
    return right


def _declared(name: str, options: ChannelOptions, path: Sequence[str], base: int) -> Declared:
    check_range(options, path)
    if options.count is not None:
        wave = wave_field(options, path, base)
        return Channel(name, options.unit, Kind.WAVEFORM, options.range), wave
    refuse_for_scalars(options, path)
    field = channel_field(options, path, base)
    names, limits = labels(options, field.capacity, path), check_write(options, field, path)
    return Channel(name, options.unit, Kind.SCALAR, options.range, names, limits), field
