"""The plain twin of gatewayd.features.bearings: the same steps as a textbook has them, for tests and benchmarks."""

import math
from statistics import median

import numpy as np
import scipy


def plain_scores(values, rate, shaft, orders):
    """Scores of outer race, inner race and balls."""
    bpfo, bpfi, balls, cage = orders.bpfo, orders.bpfi, 2 * orders.bsf, orders.ftf
    known = [(bpfo, 0.0), (bpfi, 1.0), (balls, cage)]
    count = _smooth(len(values))
    turns = count * shaft / rate
    top = math.ceil((1.6 * max(3 * order + side for order, side in known) + 1) * turns)
    levels = plain_levels(plain_envelope_amplitudes(values)[:top], turns)
    return [_score(levels, turns, order, side, [each for each, _ in known]) for order, side in known]


def plain_envelope_amplitudes(values):
    """The spectrum of the squared envelope after cepstrum pre-whitening."""
    signal = np.asarray(values[: _smooth(len(values))], dtype=float)
    spectrum = scipy.fft.rfft(signal - np.mean(signal))
    white = np.exp(1j * np.angle(spectrum))
    white[0] = white[-1] = 0
    envelope = np.abs(scipy.signal.hilbert(scipy.fft.irfft(white, len(signal)) * 0.5)) ** 2
    window = scipy.signal.windows.cosine(len(signal))
    return np.abs(scipy.fft.rfft((envelope - np.mean(envelope)) * window))


def plain_levels(amplitudes, turns):
    """Logarithmic levels over the running median, less those of noise; NaN at whole orders, by a speed 0.5 % off."""
    half = round(turns / 2)
    nodes = np.arange(half, len(amplitudes) - half, math.floor(turns / 4))
    medians = scipy.ndimage.median_filter(amplitudes, 2 * half + 1)
    around = np.interp(np.arange(len(amplitudes)), nodes, medians[nodes])
    levels = np.log(1 + (amplitudes / around) ** 2) - 0.757
    for place in range(len(levels)):
        if abs(place - round(place / turns) * turns) <= 2 + 0.005 * place:
            levels[place] = math.nan
    return levels


def _score(levels, turns, order, side, known):
    step = math.log(1 + 1 / (2 * 3 * order * turns))
    highest = ((len(levels) - 1) / turns - side) / (3 * order)
    first, last = math.floor(math.log(0.55) / step), math.floor(math.log(min(1.6, highest)) / step)
    sums = {place: _sum(levels, turns, order * math.exp(place * step), side) for place in range(first, last + 1)}
    sums = {place: found for place, found in sums.items() if found is not None}
    decoys = [found for place, found in sums.items() if _is_decoy(order * math.exp(place * step), known)]
    slips = range(round(math.log(0.98) / step), round(math.log(1.012) / step) + 1)
    spread = 1.4826 * scipy.stats.median_abs_deviation(decoys)
    return (max(sums[place] for place in slips if place in sums) - median(decoys)) / spread


def _sum(levels, turns, order, side):
    lines = []
    for harmonic in (1, 2, 3):
        lines.append((harmonic * order, 1.0))
        if side:
            lines += [(harmonic * order - side, 0.5), (harmonic * order + side, 0.5)]
    kept = [(levels[round(place * turns)], weight) for place, weight in lines if levels[round(place * turns)] > -9]
    squares = sum(weight**2 for _, weight in kept)
    if squares < 0.5 * sum(weight**2 for _, weight in lines):
        return None
    return sum(weight * level for level, weight in kept) / math.sqrt(squares)


def _is_decoy(order, known):
    return not any(0.96 <= order / each <= 1.024 for each in known)


def _smooth(count):
    def rest(number):
        for prime in (2, 3, 5, 7, 11):
            while number % prime == 0:
                number //= prime
        return number

    return max(number for number in range(2, count + 1, 2) if rest(number) == 1)
