"""What leaks, in every way that a soak must notice."""

import asyncio
import ctypes
import itertools
import os
import threading
from contextlib import ExitStack, contextmanager

SIZE = 100
LIBC = ctypes.CDLL(None)
LIBC.malloc.restype = ctypes.c_void_p
LIBC.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
LIBC.free.argtypes = [ctypes.c_void_p]


class Leaked:
    """A block of Python's, and bytes that only the C library knows of."""

    def __init__(self):
        self.memory = LIBC.malloc(SIZE)
        LIBC.memset(self.memory, 1, SIZE)

    def __del__(self):
        LIBC.free(self.memory)


@contextmanager
def leaking():
    """Gives what is told how many polls there were: it leaks memory for each, and all else every other time."""
    kept, over, threads, calls = [], threading.Event(), [], itertools.count()

    def leak(polls):
        kept.extend(Leaked() for _ in range(len(kept), polls))
        if next(calls) % 2:
            stack.callback(os.close, os.open(os.devnull, os.O_RDONLY))
            stack.callback(asyncio.create_task(asyncio.Event().wait()).cancel)
            threads.append(threading.Thread(target=over.wait))
            threads[-1].start()

    with ExitStack() as stack:
        yield leak
    over.set()
    for thread in threads:
        thread.join()


@contextmanager
def tight():
    """Gives what leaks nothing."""
    yield lambda _polls: None
