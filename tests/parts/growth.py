"""What a process holds while it works, sampled often enough to tell what grows from what comes and goes."""

import asyncio
import ctypes
import gc
import re
import sys
import threading
from collections import Counter
from pathlib import Path

import numpy as np
from grown import BLOCKS, BYTES, FILES, HEAP, KINDS, TASKS, THREADS, Grown

LOOKS = 5
BETWEEN = 0.05
"""A sample is the median of so many looks, seconds apart: what is in the making at one of them is sent by another."""
NAMES = 500_000
"""More than fit into the table of interned strings."""
RESERVE = 8000
"""Objects of half a kB: 4 MB, more than any moment takes in addition."""
EXACT = "glibc.malloc.tcache_count=0:glibc.malloc.arena_max=1"
"""What GLIBC_TUNABLES must be for exact accounts. Else each thread keeps up to seven chunks of each size that were
given back: they count as held, 200 kB at most, and it takes long until it has them all. And what is free at the end of
a thread's own arena is not given back to the kernel, 140 kB more or less from one moment to the next.
"""


class MallInfo(ctypes.Structure):
    """glibc's `struct mallinfo2`, of which two fields are of use: bytes in use in its arenas, and mapped singly."""

    _names = "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"
    _fields_ = tuple((name, ctypes.c_size_t) for name in _names)


LIBC = ctypes.CDLL(None)
LIBC.mallinfo2.restype = MallInfo


class Growth:
    """Blocks of Python, bytes of malloc, bytes that are this process's alone, open files, tasks and threads.

    Blocks and bytes of malloc are exact accounts that add up to nearly all memory; private bytes are what it costs, in
    pages, of which those for the worst moment are there beforehand. The samples' own memory is, too: a list that grows
    would look like a leak. As a context it spares the garbage collector what was there before. `warm_up` is the share
    of the samples that is left out at the beginning: caches fill.
    """

    def __init__(self, count, warm_up):
        self._begin = int(count * warm_up)
        self._taken = 0
        self._at = np.zeros(count)
        self._held = np.zeros((count, len(KINDS)))
        self._looks = np.zeros((LOOKS, len(KINDS)))
        self._names = Counter()

    def __enter__(self):
        fill_the_table_of_names()
        self._reserve = reserve()
        gc.collect()
        gc.freeze()
        return self

    def __exit__(self, *_):
        gc.unfreeze()

    async def sample(self, at):
        """Take one; `at` is how much work was done before."""
        for number in range(LOOKS):
            await asyncio.sleep(BETWEEN)
            look(self._looks[number])
        self._held[self._taken] = np.median(self._looks, axis=0)
        self._at[self._taken] = at
        self._taken += 1
        if self._taken == max(self._begin, 1):
            self._names = names()

    def grown(self, **said):
        """What the samples say; besides, by name, what is open now that was not when they began."""
        settled = slice(self._begin, self._taken)
        return Grown(self._at[settled], self._held[settled], {**said, "new": names() - self._names})


def fill_the_table_of_names():
    """Have Python's table of interned strings as large as it becomes in a long run.

    Names that were forgotten take up places in it until it is full and made anew, twice as large, once: that is one
    MB, whenever it happens. From then on it is made anew in the same size.
    """
    for number in range(NAMES):
        sys.intern(f"a name for a moment: {number}")


def reserve():
    """Give Python pages for small objects, and have it keep them: it gives back 1 MB in which no object is left.

    Else such a MB comes with a peak and goes minutes later. What the small objects themselves take, `blocks` tells.
    """
    return [bytes(460) for _ in range(RESERVE)][:: RESERVE // 8]


def look(held):
    """Write down what is held now."""
    gc.collect()
    held[BLOCKS] = sys.getallocatedblocks()
    held[HEAP] = heap_bytes()
    held[BYTES] = own_bytes()
    held[FILES] = count("/proc/self/fd")
    held[TASKS] = len(asyncio.all_tasks())
    held[THREADS] = count("/proc/self/task")


def heap_bytes():
    """What was taken from the C library's allocator and not given back, to the byte, in all its arenas."""
    info = LIBC.mallinfo2()
    return info.uordblks + info.hblkhd


def own_bytes():
    """What the kernel would have back if this process ended, but for what its allocator keeps in reserve."""
    LIBC.malloc_trim(0)
    rollup = Path("/proc/self/smaps_rollup").read_text(encoding="ascii")
    return 1024 * sum(map(int, re.findall(r"^(?:Private_\w+|Swap): +(\d+)", rollup, re.MULTILINE)))


def count(folder):
    return sum(1 for _ in Path(folder).iterdir())


def names():
    """How often there is an open file, a task and a thread of each name, apart from the numbers in it."""
    files = [f"file {link.readlink()}" for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    tasks = [f"task {task.get_name()}: {task.get_coro().__qualname__}" for task in asyncio.all_tasks()]
    threads = [f"thread {thread.name}" for thread in threading.enumerate()]
    return Counter(re.sub(r"\d+", "N", name) for name in files + tasks + threads)
