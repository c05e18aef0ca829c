"""Vibrations as a scenario writes them: `6400 at 6400 Hz: sine 24.7 3 + noise 0.5 + impacts 107.4 20 2500; clipped`."""

import numpy as np

DECAY = 800.0
"""How fast what an impact has set ringing dies away, 1/s."""
SLIP = 0.01
"""By how much of the time between them impacts come early or late: balls slip a little."""


def is_vibration(text):
    return " Hz: " in text


def vibration(text, seed):
    """The values, their rate, and the flaws (`gap`, `clipped`) that it says."""
    shape, _, rest = text.partition(" Hz: ")
    parts, _, flaws = rest.partition(";")
    n, _, rate = shape.partition(" at ")
    seconds = np.arange(int(n)) / float(rate)
    random = np.random.default_rng(seed)
    values = sum(_part(part.split(), seconds, random) for part in parts.split("+"))
    return values, float(rate), dict.fromkeys(flaws.split(), True)


def _part(words, seconds, random):
    kind, *numbers = words
    return KINDS[kind](seconds, random, *map(float, numbers))


def _sine(seconds, random, frequency, amplitude):
    return amplitude * np.sin(2 * np.pi * frequency * seconds + random.uniform(0, 2 * np.pi))


def _noise(seconds, random, rms):
    return random.normal(0.0, rms, len(seconds))


def _impacts(seconds, random, frequency, height, resonance):
    found = np.zeros(len(seconds))
    for time in np.arange(random.uniform(0, 1), seconds[-1] * frequency) / frequency:
        after = seconds - time - random.normal(0, SLIP) / frequency
        ringing = np.exp(-DECAY * after.clip(0)) * np.sin(2 * np.pi * resonance * after)
        found += np.where(after > 0, height * ringing, 0.0)
    return found


KINDS = {"sine": _sine, "noise": _noise, "impacts": _impacts}
