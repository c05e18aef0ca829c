# cython: boundscheck=False, wraparound=False, cdivision=True, binding=False
"""Tally: count, bad, mean, min, max and last of each channel over a period."""

from libc.math cimport INFINITY, NAN
from libc.stdlib cimport free

from arrays cimport allocate, copy_in, copy_out

from gatewayd_ext.checks import refuse

cdef struct Channel:
    long long count
    long long bad
    double sum
    double lost
    double low
    double high
    double last

cdef struct Row:
    double count
    double bad
    double mean
    double low
    double high
    double last


cdef void start(Channel* channels, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        channels[i] = Channel(0, 0, 0.0, 0.0, INFINITY, -INFINITY, NAN)


cdef void add(Channel* channels, const double* values, const unsigned char* qualities, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        if qualities[i] <= 1 and values[i] - values[i] == 0.0:
            count_in(&channels[i], values[i])
        elif qualities[i] != 255:
            channels[i].bad += 1


cdef inline void count_in(Channel* channel, double value) noexcept nogil:
    cdef double total = channel.sum + value
    cdef double rounded = total - channel.sum
    channel.lost += (channel.sum - (total - rounded)) + (value - rounded)
    channel.sum = total
    channel.count += 1
    channel.low = min(channel.low, value)
    channel.high = max(channel.high, value)
    channel.last = value


cdef void report(const Channel* channels, Row* rows, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef const Channel* channel
    for i in range(n):
        channel = &channels[i]
        if channel.count:
            rows[i] = Row(channel.count, channel.bad, (channel.sum + channel.lost) / channel.count,
                          channel.low, channel.high, channel.last)
        else:
            rows[i] = Row(0, channel.bad, NAN, NAN, NAN, NAN)


cdef class Tally:
    """Statistics of `n` channels over a period; `reference.Tally` says what it promises."""

    cdef Py_ssize_t n
    cdef Channel* channels
    cdef Row* rows
    cdef double* values
    cdef unsigned char* qualities

    def __cinit__(self, Py_ssize_t n):
        if n < 0:
            raise ValueError(f"n must be 0 or more, got {n}")
        self.n = n
        self.channels = <Channel*>allocate(n, sizeof(Channel))
        self.rows = <Row*>allocate(n, sizeof(Row))
        self.values = <double*>allocate(n, sizeof(double))
        self.qualities = <unsigned char*>allocate(n, 1)
        start(self.channels, n)

    def __dealloc__(self):
        free(self.channels)
        free(self.rows)
        free(self.values)
        free(self.qualities)

    def clear(self):
        """Forget everything; the next period begins."""
        start(self.channels, self.n)

    def push(self, values, qualities):
        """Take one value of each channel: `values` float64[n], `qualities` uint8[n]."""
        if not copy_in(values, self.values, c'd', self.n):
            refuse("values", values, "float64", (self.n,))
        if not copy_in(qualities, self.qualities, c'B', self.n):
            refuse("qualities", qualities, "uint8", (self.n,))
        add(self.channels, self.values, self.qualities, self.n)

    def read(self, rows):
        """Write count, bad, mean, min, max, last of each channel into `rows` float64[n, 6]; NaN where none counted."""
        report(self.channels, self.rows, self.n)
        if not copy_out(self.rows, rows, c'd', self.n, 6):
            refuse("rows", rows, "float64", (self.n, 6))
