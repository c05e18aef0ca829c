# cython: boundscheck=False, wraparound=False, cdivision=True
"""Window: the last values of some columns of a group, and their features at every hop."""

from cpython.buffer cimport PyBuffer_Release
from cpython.bytes cimport PyBytes_AsString, PyBytes_FromStringAndSize
from libc.math cimport NAN
from libc.stdlib cimport free
from libc.string cimport memcpy

from arrays cimport allocate, copy_out, is_open
from moments cimport features_of

from gatewayd_ext.checks import check_array, check_time, check_window, feature_numbers, refuse
from gatewayd_ext.ring_state import RingShape, pack, unpack

cdef extern from "Python.h":
    long long PyLong_AsLongLongAndOverflow(object number, int* overflow) except? -1

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


cdef inline long long nanoseconds(object time) except? -1:
    cdef int overflow
    cdef long long number = PyLong_AsLongLongAndOverflow(time, &overflow)
    if overflow or not -LATEST < number < LATEST:
        check_time(time)
    return number


cdef inline void put(Ring* ring, Py_ssize_t capacity, long long time, double value) noexcept nogil:
    ring.samples[ring.next] = Sample(time, value)
    ring.next = ring.next + 1 if ring.next + 1 < capacity else 0
    if ring.held < capacity:
        ring.held += 1


cdef inline Py_ssize_t take(
    const Sample* samples, Py_ssize_t count, long long after, long long until,
    double* seconds, double* values, Py_ssize_t taken, long long* first,
) noexcept nogil:
    """Append the values read in (after, until] to the `taken` ones; seconds count from the `first` of them."""
    cdef Py_ssize_t i
    cdef bint inside
    for i in range(count):
        inside = (samples[i].time > after) & (samples[i].time <= until) & (samples[i].value == samples[i].value)
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
    cdef int* wanted
    cdef double* seconds
    cdef double* values
    cdef double* results
    cdef long long* counts

    def __cinit__(self, columns, span, capacity, tuple features not None):
        check_window(columns, span, capacity)
        numbers = feature_numbers(features)
        self.shape = RingShape(tuple(columns.tolist()), span, capacity)
        self.columns, self.features, self.capacity = len(columns), len(features), capacity
        self.span = span
        self.widest = max(self.shape.columns)
        self.rings = <Ring*>allocate(self.columns, sizeof(Ring))
        self.samples = <Sample*>allocate(self.columns * self.capacity, sizeof(Sample))
        self.wanted = <int*>allocate(self.features, sizeof(int))
        self.seconds = <double*>allocate(self.capacity, sizeof(double))
        self.values = <double*>allocate(self.capacity, sizeof(double))
        self.results = <double*>allocate(self.columns * self.features, sizeof(double))
        self.counts = <long long*>allocate(self.columns, sizeof(long long))
        for place, number in enumerate(numbers):
            self.wanted[<Py_ssize_t>place] = number
        cdef Py_ssize_t i
        for i in range(self.columns):
            self.rings[i] = Ring(self.samples + i * self.capacity, self.shape.columns[i], 0, 0)

    def __dealloc__(self):
        free(self.rings)
        free(self.samples)
        free(self.wanted)
        free(self.seconds)
        free(self.values)
        free(self.results)
        free(self.counts)

    def push(self, time, values, qualities):
        """Take one poll of the whole group, read at `time` ns: `values` float64[group], `qualities` uint8[group]."""
        cdef Py_buffer value, quality
        cdef long long now = nanoseconds(time)
        if not is_open(values, &value, 0, c'd'):
            refuse("values", values, "float64", (None,))
        if not is_open(qualities, &quality, 0, c'B'):
            PyBuffer_Release(&value)
            refuse("qualities", qualities, "uint8", (len(values),))
        cdef bint fits = (
            value.ndim == 1 and quality.ndim == 1 and value.shape[0] == quality.shape[0] > self.widest
        )
        if fits:
            self.store(now, <const double*>value.buf, <const unsigned char*>quality.buf)
        PyBuffer_Release(&value)
        PyBuffer_Release(&quality)
        if not fits:
            self.refuse_poll(values, qualities)

    cdef void store(self, long long time, const double* values, const unsigned char* qualities) noexcept nogil:
        cdef Py_ssize_t i
        cdef Ring* ring
        for i in range(self.columns):
            ring = &self.rings[i]
            if qualities[ring.column] <= 1 and values[ring.column] - values[ring.column] == 0.0:
                put(ring, self.capacity, time, values[ring.column])
            elif self.span == 0 and qualities[ring.column] != 255:
                put(ring, self.capacity, time, NAN)

    cdef refuse_poll(self, values, qualities):
        check_array("values", values, "float64", (None,))
        check_array("qualities", qualities, "uint8", (len(values),))
        raise ValueError(f"values has {len(values)} columns, the window needs column {self.widest}")

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

    cdef void describe(self, Py_ssize_t i, long long now) noexcept nogil:
        cdef const Ring* ring = &self.rings[i]
        cdef long long after = now - self.span if self.span else -LATEST
        cdef long long until = now if self.span else LATEST
        cdef long long first = 0
        cdef Py_ssize_t oldest = ring.next if ring.held == self.capacity else 0
        cdef Py_ssize_t taken = take(
            ring.samples + oldest, ring.held - oldest, after, until, self.seconds, self.values, 0, &first
        )
        taken = take(ring.samples, oldest, after, until, self.seconds, self.values, taken, &first)
        features_of(self.seconds, self.values, taken, self.wanted, self.features, self.results + i * self.features)
        self.counts[i] = taken

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
