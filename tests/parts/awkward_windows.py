"""Windows that kernels get wrong more easily than others: each makes n values with a random generator."""

import numpy as np


def spiked(height):
    """Noise with one value of this height."""

    def make(rng, n):
        values = rng.normal(0.0, 1.0, n)
        values[rng.integers(n)] = height
        return values

    return make


AWKWARD = {
    "Gauss": lambda rng, n: rng.normal(0.3, 2.0, n),
    "Cauchy": lambda rng, n: rng.standard_cauchy(n),
    "long tail": lambda rng, n: np.exp(5 * rng.normal(0.0, 1.0, n)),
    "ties": lambda rng, n: rng.integers(-3, 4, n) / 4,
    "0 and 1": lambda rng, n: rng.integers(0, 2, n),
    "walk": lambda rng, n: np.cumsum(rng.normal(0.0, 1.0, n)),
    "large": lambda rng, n: 1e30 * rng.normal(0.3, 2.0, n),
    "small": lambda rng, n: 1e-30 * rng.normal(0.3, 2.0, n),
}
