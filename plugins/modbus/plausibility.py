"""Plausibility: whether the options of a source go together, and with what Modbus and its line allow."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from gatewayd.plugin import Duration, OptionError
from gatewayd_plugins.modbus.fields.field import Field
from gatewayd_plugins.modbus.planning.requests import Request
from gatewayd_plugins.modbus.waveforms.waveform import WaveField
from gatewayd_plugins.modbus.wire.address import Address

SHORTEST_TIMEOUT = 0.01
LONGEST_TIMEOUT = 60.0
LONGEST_PAUSES = {"pause": 10.0, "pause_after_connect": 3.0}
"""Seconds. A line may take 10 s to open, in which it is dialled and becomes quiet as well."""
AROUND_VALUES = 13
"""Bytes on a serial line of a request and of its answer without the values."""


def check_unit(unit: int, address: Address) -> None:
    """Raise OptionError for a number that no device on a serial line has."""
    if address.serial and not 1 <= unit <= 247:
        what = "is for all devices, and none answers" if unit == 0 else "is reserved"
        raise OptionError(["unit"], f"on a serial line {unit} {what}", "give the device's own, 1 to 247")


def check_waits(timeout: Duration, turnaround: Duration | None, pauses: Mapping[str, Duration]) -> None:
    """Raise OptionError for times that are too long or too short; `pauses` by their options."""
    if not SHORTEST_TIMEOUT <= timeout <= LONGEST_TIMEOUT:
        raise OptionError(["timeout"], f"{timeout:g} s is no time to wait", 'give "10ms" to "60s"')
    if turnaround is not None and turnaround > timeout:
        what = f"it takes {turnaround:g} s to answer, but is waited for only {timeout:g} s"
        raise OptionError(["turnaround"], what, "give a longer timeout, or what the device usually takes")
    for option, pause in pauses.items():
        most = LONGEST_PAUSES[option]
        if pause > most:
            raise OptionError([option], f"{pause:g} s is too long a pause", f'give "{most:g}s" at most')


def check_lengths(fields: Mapping[str, Field], waves: Mapping[str, WaveField], most: int) -> None:
    """Raise OptionError for a number that needs more registers than a request may have."""
    for name, each in (*fields.items(), *_parts(waves)):
        if not each.table.of_bits and each.length > most:
            what = f"a number of channel {name!r} alone takes {each.length} registers"
            raise OptionError(["max_registers"], what, f"give at least {each.length}")


def check_pace(name: str, requests: Sequence[Request], interval: float, address: Address, path: Sequence[str]) -> None:
    """Raise OptionError for a waveform that takes longer on a serial line than there is from one to the next.

    `path` is where its `interval` is written.
    """
    sizes = [AROUND_VALUES + request.size for request in requests]
    takes = address.wire_time(sum(sizes)) + 2 * len(sizes) * address.gap
    if takes > interval:
        what = f"waveform {name!r} is on the line for {takes:.2f} s, and is to be read every {interval:g} s"
        raise OptionError(path, what, f'give it interval = "{math.ceil(2 * takes)}s", so that others are read, too')


def _parts(waves: Mapping[str, WaveField]) -> Iterator[tuple[str, Field]]:
    """All numbers that are read of waveforms, with the waveform that each is read for."""
    for name, wave in waves.items():
        parts = (wave.first, wave.rate, wave.ready, wave.sequence)
        yield from ((name, each) for each in parts if isinstance(each, Field))
