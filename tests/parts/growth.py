"""What a process holds while it works, sampled often enough to tell what grows from what comes and goes."""

import asyncio
import ctypes
import gc
import math
import re
import sys
from pathlib import Path

import numpy as np

CERTAINTY = 1.96
"""Standard errors to either side that are right 95 times of 100."""
BLOCKS, BYTES, FILES, TASKS, THREADS = range(5)
LIBC = ctypes.CDLL(None)
LIBC.malloc.restype = ctypes.c_void_p
LIBC.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
LIBC.free.argtypes = [ctypes.c_void_p]


class Growth:
    """Memory blocks of Python, bytes that are this process's alone, open files, tasks and threads.

    The samples' own memory is set aside beforehand: a list that grows would look like a leak. As a context it spares
    the garbage collector what was there before. `warm_up` is the share of the samples that is left out at the
    beginning: caches fill.
    """

    def __init__(self, count, warm_up=0.2):
        self._warm_up = warm_up
        self._taken = 0
        self._at = np.zeros(count)
        self._held = np.zeros((count, 5))

    def __enter__(self):
        gc.collect()
        gc.freeze()
        return self

    def __exit__(self, *_):
        gc.unfreeze()

    def sample(self, at):
        """Take one; `at` is how much work was done before."""
        gc.collect()
        row = self._held[self._taken]
        row[BLOCKS] = sys.getallocatedblocks()
        row[BYTES] = own_bytes()
        row[FILES] = count("/proc/self/fd")
        row[TASKS] = len(asyncio.all_tasks())
        row[THREADS] = count("/proc/self/task")
        self._at[self._taken] = at
        self._taken += 1

    def slope(self, what):
        """How much more is held after one more piece of work, and how much that may be off with 95 % certainty."""
        at, held = self._settled()
        return slope(at, held[:, what])

    def added(self, what):
        """How much more is held in the second half than in the first: the least of each, for others come and go."""
        _, held = self._settled()
        half = len(held) // 2
        return int(held[half:, what].min() - held[:half, what].min())

    def _settled(self):
        begin = int(self._taken * self._warm_up)
        return self._at[begin : self._taken], self._held[begin : self._taken]


def own_bytes():
    """What the kernel would have back if this process ended, but for what its allocator keeps in reserve."""
    LIBC.malloc_trim(0)
    rollup = Path("/proc/self/smaps_rollup").read_text(encoding="ascii")
    return 1024 * sum(map(int, re.findall(r"^(?:Private_\w+|Swap): +(\d+)", rollup, re.MULTILINE)))


def count(folder):
    return sum(1 for _ in Path(folder).iterdir())


def slope(at, held):
    """The slope of a straight line through points, by least squares, and half of its 95 % confidence interval."""
    x, y = at - at.mean(), held - held.mean()
    steepness = (x @ y) / (x @ x)
    rest = y - steepness * x
    return steepness, CERTAINTY * math.sqrt((rest @ rest) / (len(x) - 2) / (x @ x))
