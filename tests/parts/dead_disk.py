"""A call that waits in the kernel as for a disk that does not answer: nothing can break it off."""

import ctypes
import os
import threading
from contextlib import contextmanager

ROOM = 256
"""Bytes: more than the library's own record of what a new process does first takes."""
PATIENCE = 20.0


class Answer:
    """What such a disk answers, at last: nothing at all."""

    def __init__(self, path):
        self._path = path
        self._waiting = 0
        self._changed = threading.Condition()

    def awaited(self):
        """Wait for it."""
        self._count(1)
        try:
            self._wait()
        finally:
            self._count(-1)

    def give(self):
        """Give it to all who wait, until none does: a process that is being started may open the FIFO only now."""
        answer = os.open(self._path, os.O_RDWR)
        try:
            with self._changed:
                assert self._changed.wait_for(lambda: not self._waiting, PATIENCE)
        finally:
            os.close(answer)

    def _count(self, more):
        with self._changed:
            self._waiting += more
            self._changed.notify_all()

    def _wait(self):
        """Who starts a process sleeps as if for a disk until that does something, which opens a FIFO."""
        libc, first, process = ctypes.CDLL(None), ctypes.create_string_buffer(ROOM), ctypes.c_int()
        arguments = (ctypes.c_char_p * 2)(b"true", None)
        libc.posix_spawn_file_actions_init(first)
        libc.posix_spawn_file_actions_addopen(first, 0, os.fsencode(self._path), os.O_RDONLY, 0)
        assert libc.posix_spawn(ctypes.byref(process), b"/bin/true", first, None, arguments, None) == 0
        os.waitpid(process.value, 0)


@contextmanager
def dead_disk(folder):
    """Gives the answer of a disk that comes at the end of the block, if anybody waits for it then."""
    path = folder / "dead disk"
    os.mkfifo(path)
    answer = Answer(path)
    try:
        yield answer
    finally:
        answer.give()
