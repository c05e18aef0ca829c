# cython: boundscheck=False, wraparound=False, cdivision=True, binding=False
"""Sliding: the last values of some columns of a group, and features that are brought up to date at every poll."""

from cpython.buffer cimport PyBUF_WRITABLE, PyBuffer_Release
from cpython.bytes cimport PyBytes_AsString, PyBytes_FromStringAndSize
from libc.math cimport NAN
from libc.stdlib cimport free

from arrays cimport allocate, has_shape, is_open
from bank cimport (
    Bank, SlidingTerm, Stray, TwoStack, bank_close, bank_describe, bank_forget, bank_open, bank_push, stack_new,
    stack_push, stack_resume, stack_stamp, stack_time, stack_value,
)
from polls cimport Poll, close_poll, nanoseconds, open_poll

import numpy as np

from gatewayd_ext.checks import check_row, check_window, refuse
from gatewayd_ext.sliding_state import SlidingShape
from gatewayd_ext.terms import SLIDING, check_terms

cdef struct Sample:
    long long time
    double value    # NaN keeps the place of a value that was bad

cdef struct Column:
    # of the tile it is in step with, or of its own
    TwoStack* stack
    Py_ssize_t place
    long long number     # of values and bad ones so far
    Py_ssize_t sound     # polls since the last value that was not usable; -1: it is in step


cdef class Sliding:
    """The last values of some columns of a group and their features; `reference.Sliding` says what it promises.

    From `restore` on all goes on bit for bit as where `state` was taken, but only this kernel takes its states.
    """

    cdef object shape
    cdef Bank bank
    cdef Py_ssize_t widest, features
    cdef SlidingTerm* terms

    def __cinit__(self, columns, span, capacity, tuple terms not None):
        check_window(columns, span, capacity)
        check_terms(terms, SLIDING)
        chosen, known = columns.tolist(), list(SLIDING)
        cdef Py_ssize_t i
        self.widest, self.features = max(chosen), len(terms)
        self.terms = <SlidingTerm*>allocate(self.features, sizeof(SlidingTerm))
        for i in range(self.features):
            self.terms[i] = SlidingTerm(known.index(terms[i].name), terms[i].scale)
        if not bank_open(&self.bank, len(chosen), span, capacity):
            raise MemoryError
        for i in range(self.bank.columns):
            self.bank.chosen[i] = chosen[i]
        self.bank.in_a_row = chosen == list(range(chosen[0], chosen[0] + len(chosen)))
        self.shape = SlidingShape(tuple(chosen), span, capacity, self.bank.tiles)

    def __dealloc__(self):
        free(self.terms)
        bank_close(&self.bank)

    def push(self, time, values, qualities):
        """Take one poll of the whole group, read at `time` ns: `values` float64[group], `qualities` uint8[group]."""
        cdef Poll poll
        cdef long long now = nanoseconds(time)
        open_poll(&poll, values, qualities, self.widest)
        cdef bint taken = bank_push(&self.bank, now, poll.values, poll.qualities)
        close_poll(&poll)
        if not taken:
            raise MemoryError

    def compute(self, time, out, counts):
        """Write the features at `time` into `out` float64[columns, features], the numbers of values into `counts`.

        A window by time takes what was read after `time - span` and not after `time`.
        """
        cdef long long now = nanoseconds(time)
        cdef Py_buffer result, count
        cdef bint fits = False, counts_fit = False
        if is_open(out, &result, PyBUF_WRITABLE, c'd'):
            fits = has_shape(&result, self.bank.columns, self.features)
            if is_open(counts, &count, PyBUF_WRITABLE, c'l'):
                counts_fit = has_shape(&count, self.bank.columns, -1)
                if fits and counts_fit:
                    bank_describe(
                        &self.bank, now, self.terms, self.features, <double*>result.buf, <long long*>count.buf
                    )
                PyBuffer_Release(&count)
            PyBuffer_Release(&result)
        if not fits:
            refuse("out", out, "float64", (self.bank.columns, self.features))
        if not counts_fit:
            refuse("counts", counts, "int64", (self.bank.columns,))

    def contents(self, time, row):
        """What `compute` looks at for one row: its values, and their times in seconds from the first of them."""
        cdef long long now = nanoseconds(time)
        check_row(row, self.bank.columns)
        cdef Column column = self.column(row)
        cdef Py_ssize_t age
        times, values = [], []
        for age in range(self.rows_of(column), 0, -1):
            if not self.bank.span or now - self.bank.span < stack_time(column.stack, age) <= now:
                times.append(stack_time(column.stack, age))
                values.append(stack_value(column.stack, age, column.place)[0])
        moments = np.array(times, dtype=np.int64)
        return (moments - moments[:1]) / 1e9, np.array(values, dtype=np.float64)

    cdef Column column(self, Py_ssize_t i) noexcept nogil:
        cdef Stray stray = self.bank.strays[i]
        if stray.stack != NULL:
            return Column(stray.stack, 0, stray.number, stray.sound)
        return Column(self.bank.stacks[i // self.bank.width], i % self.bank.width, self.bank.number, -1)

    cdef Py_ssize_t rows_of(self, Column column) noexcept nogil:
        """How many rows `compute` may look at: by time, any that is kept."""
        return column.stack.kept if self.bank.span else column.stack.older + column.stack.newer

    def state(self):
        """The values, their times and where the parts end, for `restore`."""
        cdef Py_ssize_t i
        cdef Column column = Column(self.bank.stacks[0], -1, self.bank.number, -1)
        parts, samples = [], [self.samples_of(column)]
        for i in range(self.bank.tiles):
            parts += self.bank.stacks[i].older, self.bank.stacks[i].newer
        for i in range(self.bank.columns):
            column = self.column(i)
            parts += column.sound, column.stack.older, column.stack.newer
            samples.append(self.samples_of(column))
        counts = np.array([len(each) // sizeof(Sample) for each in samples], dtype=np.int64)
        return self.shape.pack(counts.tobytes(), np.array(parts, dtype=np.int64).tobytes(), b"".join(samples))

    cdef bytes samples_of(self, Column column):
        """Oldest first, NaN for what was bad; without a place, 0 for every row."""
        cdef Py_ssize_t age, i, rows = self.rows_of(column)
        cdef long long first = 0 if self.bank.span or not rows else stack_stamp(column.stack, rows)
        cdef Py_ssize_t count = rows if self.bank.span or not rows else column.number - first
        cdef bytes samples = PyBytes_FromStringAndSize(NULL, count * sizeof(Sample))
        cdef Sample* target = <Sample*>PyBytes_AsString(samples)
        for i in range(count):
            target[i] = Sample(0, NAN)
        for age in range(rows, 0, -1):
            i = rows - age if self.bank.span else stack_stamp(column.stack, age) - first
            target[i].time = stack_time(column.stack, age)
            target[i].value = stack_value(column.stack, age, column.place)[0] if column.place >= 0 else 0.0
        return samples

    def restore(self, bytes data not None):
        """Go on where `state` was taken. Raises ValueError for damaged data and for those of another window."""
        cdef bytes counts, parts, samples
        counts, parts, samples = self.shape.unpack(data)
        cdef const long long* count = <const long long*>PyBytes_AsString(counts)
        cdef const long long* part = <const long long*>PyBytes_AsString(parts)
        cdef const Sample* sample = <const Sample*>PyBytes_AsString(samples)
        cdef Py_ssize_t i
        bank_forget(&self.bank)
        self.bank.number = count[0]
        for i in range(self.bank.tiles):
            self.lay(self.bank.stacks[i], sample, count[0])
        sample += count[0]
        for i in range(self.bank.columns):
            self.restore_column(i, sample, count[1 + i], part + 2 * self.bank.tiles + 3 * i)
            sample += count[1 + i]
        for i in range(self.bank.tiles):
            stack_resume(self.bank.stacks[i], part[2 * i], part[2 * i + 1])

    cdef void lay(self, TwoStack* stack, const Sample* samples, Py_ssize_t count) noexcept nogil:
        """Rows of one column each."""
        cdef Py_ssize_t i
        for i in range(count):
            if samples[i].value == samples[i].value:
                stack_push(stack, samples[i].time if self.bank.span else i, samples[i].time)[0] = samples[i].value

    cdef int restore_column(
        self, Py_ssize_t i, const Sample* samples, Py_ssize_t count, const long long* part
    ) except -1:
        """Put the values of a column into its tile as far as they are in step, and all of a stray on its own stack."""
        cdef Column column = self.column(i)
        cdef Py_ssize_t left = column.stack.kept if part[0] < 0 else part[0], at = count, age = 0
        while age < left:
            at -= 1
            if samples[at].value == samples[at].value:
                age += 1
                stack_value(column.stack, age, column.place)[0] = samples[at].value
        if part[0] < 0:
            return 0
        cdef TwoStack* stack = stack_new(1, self.bank.capacity, -1)
        if stack == NULL:
            raise MemoryError
        self.bank.strays[i] = Stray(stack, count, part[0])
        self.bank.astray += 1
        self.lay(stack, samples, count)
        stack_resume(stack, part[1], part[2])
        return 0
