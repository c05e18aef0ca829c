# cython: boundscheck=False, wraparound=False, cdivision=True
"""The features of one burst of evenly spaced values."""

from cpython.buffer cimport PyBuffer_Release
from libc.stdlib cimport free

from arrays cimport allocate, copy_out, is_open
from moments cimport features_of

from gatewayd_ext.checks import check_rate, feature_numbers, refuse

cdef Py_ssize_t whole(const double* values, Py_ssize_t n) noexcept nogil:
    """n when all values are finite, else 0: one that is not makes the sum of x - x differ from 0."""
    cdef double difference = 0
    cdef Py_ssize_t i
    for i in range(n):
        difference += values[i] - values[i]
    return n if difference == 0 else 0


cdef void stamp(double* times, Py_ssize_t n, double rate) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        times[i] = i / rate


cdef int describe(
    const double* values, Py_ssize_t n, double rate, tuple numbers, object out
) except -1:
    """Compute the features with these numbers and write them out."""
    cdef Py_ssize_t features = len(numbers), i
    cdef double* times = <double*>allocate(n + 2 * features, sizeof(double))
    cdef double* results = times + n
    cdef int* wanted = <int*>(results + features)
    try:
        for i in range(features):
            wanted[i] = numbers[i]
        with nogil:
            stamp(times, n, rate)
            features_of(times, values, whole(values, n), wanted, features, results)
        if not copy_out(results, out, c'd', features, -1):
            refuse("out", out, "float64", (features,))
    finally:
        free(times)
    return 0


def burst_features(values, double rate, tuple features not None, out):
    """Write the features of a burst of evenly spaced values (`rate` in Hz) into `out` float64[features].

    An empty burst and one that holds anything but finite numbers give NaN throughout: features of half a burst
    would look whole. Raises ValueError for an unknown feature or a rate that is not a finite number above 0.
    """
    cdef Py_buffer view
    check_rate(rate)
    numbers = feature_numbers(features)
    if not is_open(values, &view, 0, c'd'):
        refuse("values", values, "float64", (None,))
    try:
        if view.ndim != 1:
            refuse("values", values, "float64", (None,))
        describe(<const double*>view.buf, view.shape[0], rate, numbers, out)
    finally:
        PyBuffer_Release(&view)
