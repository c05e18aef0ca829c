"""Vibrations of simulated machines, with healthy and with faulty bearings."""

import numpy as np

from gatewayd.features.bearings.types import TYPES
from gatewayd.records import Fault

ORDERS = TYPES["6205"].orders()


def machine(random, rate, seconds, shaft):
    """A healthy machine: noise through resonances, modulated by the shaft, with lines of shaft, blades and mains."""
    count = round(rate * seconds)
    turns = 2 * np.pi * shaft * np.arange(count) / rate
    blades = random.integers(3, 9)
    flow = 1 + sum(random.exponential(0.15) * np.cos(k * turns + random.uniform(0, 6.28)) for k in (1, 2, blades))
    noise = _resonant(random, random.standard_normal(count) * np.maximum(flow, 0), rate)
    lines = _lines(random, turns, 20, 10 ** random.uniform(-1, 1.5))
    passing = _lines(random, blades * turns, 4, 10 ** random.uniform(-1, 1))
    mains = _lines(random, 2 * np.pi * 100 * np.arange(count) / rate, 4, 10 ** random.uniform(-1, 0.5))
    return noise + lines + passing + mains


def impacts(random, rate, seconds, shaft, *, orders=ORDERS, fault, slip=0.0, jitter=0.005):
    """What a fault adds, with a standard deviation of 1: impacts that slip, jitter, and pass through the load."""
    order, passing = {
        Fault.OUTER_RACE: (orders.bpfo, 0.0),
        Fault.INNER_RACE: (orders.bpfi, 1.0),
        Fault.BALL: (2 * orders.bsf, orders.ftf),
    }[fault]
    pace = order * shaft * (1 + slip)
    times = (np.arange(int(seconds * pace)) + random.uniform(0, 1)) / pace
    times += random.standard_normal(len(times)) * jitter / pace
    load = np.maximum(0.15, np.cos(2 * np.pi * passing * shaft * times)) if passing else np.ones(len(times))
    signal = np.zeros(round(rate * seconds))
    places = (times * rate).astype(int)
    inside = (places >= 0) & (places < len(signal))
    np.add.at(signal, places[inside], (load * random.normal(1, 0.2, len(times)))[inside])
    return _resonant(random, signal, rate)


def _resonant(random, signal, rate):
    """The signal through a few resonances, with a standard deviation of 1."""
    frequencies = np.fft.rfftfreq(len(signal), 1 / rate)
    response = np.full(len(frequencies), 0.02, dtype=complex)
    for _ in range(random.integers(1, 6)):
        ratio = frequencies / (random.uniform(0.05, 0.45) * rate)
        response += 10 ** random.uniform(-2, 0) / (1 - ratio**2 + 2j * 10 ** random.uniform(-2, -1) * ratio)
    heard = np.fft.irfft(np.fft.rfft(signal) * response, len(signal))
    return heard / heard.std()


def _lines(random, phase, count, level):
    """Lines at multiples of a phase: powers of one rotation, which is quicker than so many cosines."""
    rotation, turned, lines = np.exp(1j * phase), np.ones(len(phase), complex), np.zeros(len(phase))
    for k in range(1, count + 1):
        turned *= rotation
        strength, angle = level * random.exponential() / k, random.uniform(0, 6.28)
        lines += strength * (np.cos(angle) * turned.real - np.sin(angle) * turned.imag)
    return lines
