"""What a long run's samples say: what grows, and how sure that is."""

import json
import math

import numpy as np

CERTAINTY = 1.96
"""Standard errors to either side that are right 95 times of 100."""
KINDS = "Python's blocks", "bytes of malloc", "private bytes", "files", "tasks", "threads"
BLOCKS, HEAP, BYTES, FILES, TASKS, THREADS = range(len(KINDS))
MEMORY = BLOCKS, HEAP, BYTES
COUNTED = FILES, TASKS, THREADS


class Grown:
    """How much was `held` of each kind `at` so much work; `said` is what else there is to say of the run, as JSON."""

    def __init__(self, at, held, said):
        self.said = said
        self._at = at
        self._held = held

    @classmethod
    def load(cls, path):
        with np.load(path) as saved:
            return cls(saved["at"], saved["held"], json.loads(str(saved["said"])))

    def save(self, path):
        np.savez(path, at=self._at, held=self._held, said=json.dumps(self.said))

    def slope(self, what):
        """How much more is held after one more piece of work, and how much that may be off with 95 % certainty."""
        return slope(self._at, self._held[:, what])

    def added(self, what):
        """How much more is held in the second half than in the first, by the medians.

        The least of each would be wrong: when a device hangs up, there is a connection less for a moment.
        """
        half = len(self._held) // 2
        first, second = (np.median(each) for each in (self._held[:half, what], self._held[half:, what]))
        return int(second - first)

    def __str__(self):
        slopes = [(KINDS[what], *self.slope(what)) for what in MEMORY]
        return ", ".join(f"{slope:+.4f} +- {doubt:.4f} {kind}" for kind, slope, doubt in slopes)

    def __repr__(self):
        series = [f"{kind}: {self._held[:, what].astype(int).tolist()}" for what, kind in enumerate(KINDS)]
        return "\n".join([str(self), *series, str(self.said)])


def slope(at, held):
    """The slope of a straight line through points, by least squares, and half of its 95 % confidence interval."""
    x, y = at - at.mean(), held - held.mean()
    steepness = (x @ y) / (x @ x)
    rest = y - steepness * x
    return steepness, CERTAINTY * math.sqrt((rest @ rest) / (len(x) - 2) / (x @ x))
