# cython: boundscheck=False, wraparound=False, cdivision=True, binding=False
"""Window: the last values of some columns of a group, and their features at every hop."""

from cpython.bytes cimport PyBytes_AsString, PyBytes_FromStringAndSize
from libc.math cimport NAN
from libc.stdlib cimport free
from libc.string cimport memcpy

from arrays cimport allocate, copy_out
from polls cimport ABSENT, Poll, close_poll, is_usable, nanoseconds, open_poll
from series cimport SERIES_SLOPE, SeriesTerm, series_run
from temporal cimport TemporalTerm, temporal_prepare, temporal_run_f64, temporal_scratch

import numpy as np

from gatewayd_ext.checks import check_row, check_window, refuse
from gatewayd_ext.ring_state import RingShape, pack, unpack
from gatewayd_ext.terms import ANY, TIMED, check_terms

cdef long long LATEST = 1LL << 62

cdef struct Sample:
    long long time
    double value    # NaN keeps the place of a value that was bad

cdef struct Ring:
    # the samples of one column of the group
    Sample* samples
    long long column
    Py_ssize_t held
    Py_ssize_t next


cdef inline void put(Ring* ring, Py_ssize_t capacity, long long time, double value) noexcept nogil:
    ring.samples[ring.next] = Sample(time, value)
    ring.next = ring.next + 1 if ring.next + 1 < capacity else 0
    if ring.held < capacity:
        ring.held += 1


cdef inline Py_ssize_t take(
    const Sample* samples, Py_ssize_t count, long long after, long long until,
    double* seconds, double* values, Py_ssize_t taken, long long* first,
) noexcept nogil:
    """Append the values read in (after, until] to the `taken` ones; seconds (or NULL) count from the `first` one."""
    cdef Py_ssize_t i
    cdef bint inside
    for i in range(count):
        inside = (samples[i].time > after) & (samples[i].time <= until) & (samples[i].value == samples[i].value)
        if seconds != NULL:
            if taken == 0:
                first[0] = samples[i].time
            seconds[taken] = (samples[i].time - first[0]) * 1e-9
        values[taken] = samples[i].value
        taken += inside
    return taken


cdef class Window:
    """The last values of some columns of a group and their features; `reference.Window` says what it promises."""

    cdef object shape
    cdef Py_ssize_t columns, features, capacity, widest
    cdef long long span
    cdef Ring* rings
    cdef Sample* samples
    cdef TemporalTerm* temporal
    cdef SeriesTerm* series
    cdef Py_ssize_t temporal_count, series_count
    cdef int needs
    cdef void* scratch
    cdef double* seconds
    cdef double* values
    cdef double* results
    cdef long long* counts

    def __cinit__(self, columns, span, capacity, tuple terms not None):
        check_window(columns, span, capacity)
        check_terms(terms, ANY, TIMED)
        self.shape = RingShape(tuple(columns.tolist()), span, capacity)
        self.columns, self.features, self.capacity = len(columns), len(terms), capacity
        self.span = span
        self.widest = max(self.shape.columns)
        self.rings = <Ring*>allocate(self.columns, sizeof(Ring))
        self.samples = <Sample*>allocate(self.columns * self.capacity, sizeof(Sample))
        self.temporal = <TemporalTerm*>allocate(self.features, sizeof(TemporalTerm))
        self.series = <SeriesTerm*>allocate(self.features, sizeof(SeriesTerm))
        self.scratch = allocate(temporal_scratch(self.capacity), 1)
        self.seconds = <double*>allocate(self.capacity, sizeof(double))
        self.values = <double*>allocate(self.capacity, sizeof(double))
        self.results = <double*>allocate(self.columns * self.features, sizeof(double))
        self.counts = <long long*>allocate(self.columns, sizeof(long long))
        for place, term in enumerate(terms):
            self.add(term, place)
        self.needs = temporal_prepare(self.temporal, self.temporal_count)
        cdef Py_ssize_t i
        for i in range(self.columns):
            self.rings[i] = Ring(self.samples + i * self.capacity, self.shape.columns[i], 0, 0)

    cdef int add(self, term, Py_ssize_t place) except -1:
        cdef double parameter = term.parameters[0] if term.parameters else 0
        cdef int kind = SERIES_SLOPE
        if term.name in TIMED:
            kind = 1 + list(TIMED).index(term.name)
        if term.name in TIMED or term.name == "slope":
            self.series[self.series_count] = SeriesTerm(kind, parameter, term.scale, place)
            self.series_count += 1
        else:
            kind = list(ANY).index(term.name)
            self.temporal[self.temporal_count] = TemporalTerm(kind, parameter, term.scale, place)
            self.temporal_count += 1
        return 0

    def __dealloc__(self):
        free(self.rings)
        free(self.samples)
        free(self.temporal)
        free(self.series)
        free(self.scratch)
        free(self.seconds)
        free(self.values)
        free(self.results)
        free(self.counts)

    def push(self, time, values, qualities):
        """Take one poll of the whole group, read at `time` ns: `values` float64[group], `qualities` uint8[group]."""
        cdef Poll poll
        cdef long long now = nanoseconds(time)
        open_poll(&poll, values, qualities, self.widest)
        self.store(now, poll.values, poll.qualities)
        close_poll(&poll)

    cdef void store(self, long long time, const double* values, const unsigned char* qualities) noexcept nogil:
        cdef Py_ssize_t i
        cdef Ring* ring
        for i in range(self.columns):
            ring = &self.rings[i]
            if is_usable(values[ring.column], qualities[ring.column]):
                put(ring, self.capacity, time, values[ring.column])
            elif self.span == 0 and qualities[ring.column] != ABSENT:
                put(ring, self.capacity, time, NAN)

    def compute(self, time, out, counts):
        """Write the features at `time` into `out` float64[columns, features], the numbers of values into `counts`.

        A window by time takes what was read after `time - span` and not after `time`.
        """
        cdef long long now = nanoseconds(time)
        cdef Py_ssize_t i
        for i in range(self.columns):
            self.describe(i, now)
        if not copy_out(self.results, out, c'd', self.columns, self.features):
            refuse("out", out, "float64", (self.columns, self.features))
        if not copy_out(self.counts, counts, c'l', self.columns, -1):
            refuse("counts", counts, "int64", (self.columns,))

    def contents(self, time, row):
        """What `compute` looks at for one row: its values, and their times in seconds from the first of them."""
        cdef long long first = 0
        check_row(row, self.columns)
        cdef Py_ssize_t taken = self.gather(row, nanoseconds(time), self.seconds, &first)
        seconds, values = np.empty(taken), np.empty(taken)
        copy_out(self.seconds, seconds, c'd', taken, -1)
        copy_out(self.values, values, c'd', taken, -1)
        return seconds, values

    cdef void describe(self, Py_ssize_t i, long long now) noexcept nogil:
        cdef double* results = self.results + i * self.features
        cdef long long first = now
        cdef Py_ssize_t j, taken = self.gather(i, now, self.seconds if self.series_count else NULL, &first)
        self.counts[i] = taken
        if taken:
            if self.temporal_count:
                temporal_run_f64(
                    self.temporal, self.temporal_count, self.needs, self.values, taken, self.scratch, results
                )
            series_run(
                self.series, self.series_count, self.seconds, self.values, taken, (now - first) * 1e-9, results
            )
        else:
            for j in range(self.features):
                results[j] = NAN

    cdef Py_ssize_t gather(self, Py_ssize_t i, long long now, double* seconds, long long* first) noexcept nogil:
        """Lay out the values of one column that are in the window, and the seconds if asked; how many there are."""
        cdef const Ring* ring = &self.rings[i]
        cdef long long after = now - self.span if self.span else -LATEST
        cdef long long until = now if self.span else LATEST
        cdef Py_ssize_t oldest = ring.next if ring.held == self.capacity else 0
        cdef Py_ssize_t taken = take(
            ring.samples + oldest, ring.held - oldest, after, until, seconds, self.values, 0, first
        )
        return take(ring.samples, oldest, after, until, seconds, self.values, taken, first)

    def state(self):
        """The values and their times, for `restore`; the same bytes from the kernel and from its twin."""
        cdef Py_ssize_t i, oldest, total = 0
        cdef const Ring* ring
        for i in range(self.columns):
            self.counts[i] = self.rings[i].held
            total += self.rings[i].held
        samples = PyBytes_FromStringAndSize(NULL, total * sizeof(Sample))
        cdef Sample* target = <Sample*>PyBytes_AsString(samples)
        for i in range(self.columns):
            ring = &self.rings[i]
            oldest = ring.next if ring.held == self.capacity else 0
            memcpy(target, ring.samples + oldest, (ring.held - oldest) * sizeof(Sample))
            memcpy(target + ring.held - oldest, ring.samples, oldest * sizeof(Sample))
            target += ring.held
        counts = PyBytes_FromStringAndSize(<const char*>self.counts, self.columns * sizeof(long long))
        return pack(self.shape, counts, samples)

    def restore(self, bytes data not None):
        """Go on where `state` was taken. Raises ValueError for damaged data and for those of another window."""
        counts, samples = unpack(self.shape, data)
        memcpy(self.counts, PyBytes_AsString(counts), self.columns * sizeof(long long))
        cdef const Sample* origin = <const Sample*>PyBytes_AsString(samples)
        cdef Py_ssize_t i, held
        for i in range(self.columns):
            held = self.counts[i]
            memcpy(self.rings[i].samples, origin, held * sizeof(Sample))
            self.rings[i].held = held
            self.rings[i].next = held if held < self.capacity else 0
            origin += held
