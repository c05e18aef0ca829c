"""A simulated centrifugal pump: its readings, and the vibration behind them, as pure functions of time.

A pump of about 1 kW: two poles, six blades, delivering 120 l/min against 3 bar. What its vibration sensor reads is
the RMS of exactly the components that its acceleration waveform is made of, so both tell one story.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatewayd_plugins.simulator.faults import Episode, Fault
from gatewayd_plugins.simulator.noise import Noise

RATE = 6400.0
"""Values per second of the acceleration waveform."""

FLOW = 120.0
SHUT_OFF = 3.9
"""The pressure against a closed valve, in bar."""
STEEPNESS = 6.25e-5
"""How much pressure the flow costs on the pump's curve, in bar per (l/min)²."""
EFFICIENCY = 0.65
IDLE_POWER = 240.0
WARM = 41.0
"""The temperature of a healthy body, in Cel."""

SHAFT = 48.5
"""Revolutions per second, under load."""
BLADES = 6
OUTER_RACE = 3.58 * SHAFT
"""How often per second a ball rolls over a flaw in the bearing's outer ring."""
SLIP = 0.04
"""By what part of the time between two a ball may come late: balls slip, so that their impacts are no exact tones."""
RING = 2200.0
"""The frequency in Hz that an impact makes the housing ring at, and how long (s) until it has died down to 1/e."""
RING_DECAY = 0.0006

HEATING = {Fault.DRY_RUN: (45.0, 90.0), Fault.BEARING: (18.0, 120.0)}
"""By how many kelvin a fault heats the body in the end, and its time constant in seconds."""


@dataclass(frozen=True, slots=True)
class Readings:
    """What the sensors on the pump say: bar, l/min, m/s2 (RMS), Cel, W, and whether it runs (1 or 0)."""

    pressure: float
    flow: float
    vibration: float
    body_temp: float
    power: float
    running: float


@dataclass(frozen=True, slots=True)
class Vibration:
    """The components of the acceleration, each as an RMS in m/s2."""

    shaft: float
    double: float
    blades: float
    broadband: float
    impacts: float

    @property
    def rms(self) -> float:
        """All of them together."""
        return math.hypot(self.shaft, self.double, self.blades, self.broadband, self.impacts)


class Pump:
    """One pump of many alike: `seed` makes it an individual, `episode` is what befalls it. Times are seconds."""

    def __init__(self, seed: int = 1, episode: Episode | None = None) -> None:
        self.episode = episode or Episode()
        self._seed = seed
        rng = np.random.default_rng(seed)
        self._demand = Noise(rng, 0.01, 0.08)
        self._ripple = Noise(rng, 0.5, 4.0)
        self._tremor = Noise(rng, 0.3, 5.0)
        self._surge = Noise(rng, 0.6, 4.0)
        self._draught = Noise(rng, 0.005, 0.05)

    def readings(self, time: float) -> Readings:
        """What the sensors say at `time`."""
        flow, pressure = self._hydraulics(time)
        hydraulic_power = pressure * flow / 0.6  # W from bar and l/min
        return Readings(
            pressure=pressure,
            flow=flow,
            vibration=self.vibration(time).rms * (1.0 + 0.03 * self._tremor(time)),
            body_temp=WARM + 0.2 * self._draught(time) + self._heat(time),
            power=(IDLE_POWER + hydraulic_power / EFFICIENCY) * (1.0 + 0.004 * self._ripple(time)),
            running=1.0,
        )

    def vibration(self, time: float) -> Vibration:
        """What makes the pump vibrate at `time`, and how much."""
        cavitation, bearing, dry = (
            self.episode.severity(fault, time) for fault in (Fault.CAVITATION, Fault.BEARING, Fault.DRY_RUN)
        )
        collapsing = 4.2 * cavitation * (1.0 + 0.25 * _soft(self._surge(time)))
        return Vibration(
            shaft=1.0 + 0.8 * dry,
            double=0.5,
            blades=0.9 * (1.0 - 0.9 * dry),
            broadband=math.hypot(1.0, collapsing, 3.2 * bearing**3, 1.6 * dry),
            impacts=2.6 * bearing * (1.0 + 0.2 * _soft(self._tremor(time))),
        )

    def acceleration(self, time: float, count: int) -> NDArray[np.float64]:
        """A burst of the acceleration in m/s2: `count` values, RATE a second, the first one at `time`."""
        parts = self.vibration(time)
        times = time + np.arange(count) / RATE
        rng = np.random.default_rng([self._seed, round(time * 1e6)])
        return (
            parts.shaft * _tone(SHAFT, times)
            + parts.double * _tone(2.0 * SHAFT, times)
            + parts.blades * _tone(BLADES * SHAFT, times)
            + parts.broadband * rng.standard_normal(count)
            + parts.impacts * _impacts(times)
        )

    def _hydraulics(self, time: float) -> tuple[float, float]:
        """The flow in l/min and the pressure in bar: the demand sets the one, the pump's curve the other."""
        cavitation = self.episode.severity(Fault.CAVITATION, time)
        full = 1.0 - self.episode.severity(Fault.DRY_RUN, time)
        surge = _soft(self._surge(time))
        flow = FLOW * (1.0 + 0.015 * self._demand(time)) * (1.0 - cavitation * (0.14 - 0.05 * surge))
        pressure = (SHUT_OFF - STEEPNESS * flow**2) * (1.0 - cavitation * (0.20 - 0.10 * surge))
        ripple = 1.0 + 0.003 * self._ripple(time)
        return flow * full**2 * ripple, (pressure * full + 0.02) * ripple

    def _heat(self, time: float) -> float:
        """By how many kelvin the fault has warmed the body."""
        rise, constant = HEATING.get(self.episode.fault, (0.0, 1.0))
        cooling = max(time - self.episode.ends, 0.0)
        return rise * (1.0 - math.exp(-self.episode.duration(time) / constant)) * math.exp(-cooling / constant)


def _soft(noise: float) -> float:
    """Noise that stays within ±1."""
    return math.tanh(noise)


def _tone(frequency: float, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """A sine with an RMS of one."""
    return math.sqrt(2.0) * np.sin(2.0 * math.pi * frequency * times)


def _impacts(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """A ball hitting a flaw again and again, the housing ringing each time, with an RMS of one.

    Balls slip a little, each time differently: exactly regular impacts would be those of a gear.
    """
    number, place = np.divmod(times * OUTER_RACE, 1.0)
    late, before = SLIP * _scatter(number), SLIP * _scatter(number - 1.0)
    since = np.where(place < late, place + 1.0 - before, place - late)
    amplitude = 2.0 / math.sqrt(OUTER_RACE * RING_DECAY)
    seconds = since / OUTER_RACE
    ringing: NDArray[np.float64] = amplitude * np.exp(-seconds / RING_DECAY) * np.sin(2.0 * math.pi * RING * seconds)
    return ringing


def _scatter(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each whole number its own place between 0 and 1."""
    return np.mod(np.sin(numbers * 12.9898) * 43758.5453, 1.0)
