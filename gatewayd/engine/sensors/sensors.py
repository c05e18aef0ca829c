"""Sensors: what comes in is checked before anything is made of it, and what a sensor's fault spoils is marked.

A fault is told from the moment at which it is certain: what came before has gone its way, and is not taken back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from gatewayd.engine.derived import Derived
from gatewayd.engine.plan import Plan
from gatewayd.engine.said import Said
from gatewayd.engine.sensors.checked import SENSORS, Checked
from gatewayd.engine.sensors.guarded import Guarded
from gatewayd.engine.sensors.mounts import Mount
from gatewayd.model import Burst, Bytes, Floats, Kind, Polled, Quality
from gatewayd.records import Cause, Saved


class Sensors:
    """All sensors that are checked: groups of single values together, each channel of waveforms alone.

    While the gate of a sensor is 0, its machine rests, and so may the sensor. A gate counts as it was last known before
    this poll, and as 0 until it is known.
    """

    def __init__(self, plan: Plan, boot: str) -> None:
        together = plan.checked()
        scalar = [each for each in together if plan.channels[each[0].channel].kind is Kind.SCALAR]
        groups = {channel: number for number, group in enumerate(plan.groups) for channel in group.channels}
        self._guarded = {groups[each[0].channel]: Guarded(each, groups[each[0].channel], plan, boot) for each in scalar}
        waves = [each[0] for each in together if plan.channels[each[0].channel].kind is Kind.WAVEFORM]
        self._mounts = {each.channel: Mount(each, plan, boot) for each in waves}
        self._awaited = _awaited(plan, self._mounts)
        self._all: tuple[Checked, ...] = (*self._guarded.values(), *self._mounts.values())
        self._by_output = {sensor.outputs[0]: stage for stage in self._all for sensor in stage.sensors}
        self._followers = _followers(self._all)
        sets = (*(group.channels for group in plan.groups), *plan.derivations())
        self._watched = {channels: gates for channels in sets if (gates := self._gates_of(channels))}
        self._channels = [group.channels for group in plan.groups]

    def _gates_of(self, channels: Sequence[int]) -> tuple[tuple[int, int], ...]:
        return tuple((column, channel) for column, channel in enumerate(channels) if channel in self._followers)

    def polled(self, polled: Polled, said: Said) -> tuple[Polled, Sequence[Derived]]:
        """Check one poll: it comes back with the qualities that it deserves, and with what is found."""
        if not self._all:
            return polled, ()
        found = []
        if (guarded := self._guarded.get(polled.group)) is not None:
            polled, faults = guarded.polled(polled, said)
            found.append(faults)
        for column, mount in self._awaited.get(polled.group, ()):
            if polled.qualities[column] == Quality.BAD:
                found.append(mount.missing(polled.time, said))
        self._follow(self._channels[polled.group], polled.values, polled.qualities)
        return polled, found

    def burst(self, burst: Burst, said: Said) -> tuple[Burst, Sequence[Derived]]:
        """Check one waveform in the same way."""
        mount = self._mounts.get(burst.channel)
        if mount is None:
            return burst, ()
        burst, fault = mount.burst(burst, said)
        return burst, (fault,)

    def derived(self, derived: Derived) -> None:
        """Derived channels may be gates."""
        self._follow(derived.outputs, derived.values, derived.qualities)

    def _follow(self, channels: tuple[int, ...], values: Floats, qualities: Bytes) -> None:
        if not self._watched:
            return
        for column, channel in self._watched.get(channels, ()):
            value = float(values[column])
            if qualities[column] <= Quality.UNCERTAIN and math.isfinite(value):
                for inverted, rests in self._followers[channel]:
                    rests((value == 0.0) is not inverted)

    def explain(self, channel: int) -> tuple[Cause, ...]:
        """The fault of a sensor as the one cause of its alarm, by the number of its fault's channel."""
        stage = self._by_output.get(channel)
        return () if stage is None else stage.explain(channel)

    def state(self, time: int) -> tuple[Saved, ...]:
        """What must be kept over a stop at `time`."""
        return tuple(stage.state(time) for stage in self._all)

    def restore(self, saved: Iterable[Saved], time: int) -> None:
        """Go on at `time` with what an earlier run saved, as far as the checks are the same."""
        by_name: Mapping[str, Saved] = {item.name: item for item in saved if item.stage == SENSORS}
        for stage in self._all:
            if stage.name in by_name:
                stage.restore(by_name[stage.name], time)


def _awaited(plan: Plan, mounts: Mapping[int, Mount]) -> Mapping[int, Sequence[tuple[int, Mount]]]:
    """By the group: the columns of its channels of waveforms, which say when none came."""
    found = {}
    for number, group in enumerate(plan.groups):
        columns = [(column, mounts[channel]) for column, channel in enumerate(group.channels) if channel in mounts]
        if columns:
            found[number] = columns
    return found


def _followers(stages: Iterable[Checked]) -> Mapping[int, Sequence[tuple[bool, Callable[[bool], None]]]]:
    """By the gate: whether it is inverted, and what is to be told whether the machine rests."""
    found: dict[int, list[tuple[bool, Callable[[bool], None]]]] = {}
    for stage in stages:
        for sensor in stage.sensors:
            if sensor.gate is not None:
                found.setdefault(sensor.gate, []).append((sensor.inverted, stage.rests(sensor)))
    return found
