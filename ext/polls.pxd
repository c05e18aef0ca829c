"""One poll of a group as the windows take it: a time, and arrays of values and qualities."""

from cpython.buffer cimport PyBuffer_Release

from arrays cimport is_open

cdef extern from "Python.h":
    long long PyLong_AsLongLongAndOverflow(object number, int* overflow) except? -1

cdef enum:
    UNCERTAIN = 1
    ABSENT = 255

cdef struct Poll:
    const double* values
    const unsigned char* qualities
    Py_buffer value
    Py_buffer quality


cdef inline long long nanoseconds(object time) except? -1:
    """Raises what `checks.check_time` does."""
    cdef int overflow
    cdef long long number = PyLong_AsLongLongAndOverflow(time, &overflow)
    if overflow or not -(1LL << 62) < number < 1LL << 62:
        from gatewayd_ext.checks import check_time
        check_time(time)
    return number


cdef inline int open_poll(Poll* poll, object values, object qualities, Py_ssize_t widest) except -1:
    """Raises what `checks.check_poll` does; whoever opens a poll closes it."""
    if is_open(values, &poll.value, 0, c'd'):
        if is_open(qualities, &poll.quality, 0, c'B'):
            if poll.value.ndim == 1 == poll.quality.ndim and widest < poll.value.shape[0] == poll.quality.shape[0]:
                poll.values = <const double*>poll.value.buf
                poll.qualities = <const unsigned char*>poll.quality.buf
                return 0
            PyBuffer_Release(&poll.quality)
        PyBuffer_Release(&poll.value)
    from gatewayd_ext.checks import check_poll
    check_poll(values, qualities, widest)
    raise ValueError("values and qualities must be readable arrays")


cdef inline void close_poll(Poll* poll) noexcept:
    PyBuffer_Release(&poll.value)
    PyBuffer_Release(&poll.quality)


cdef inline bint is_usable(double value, unsigned char quality) noexcept nogil:
    """Whether it is good or uncertain, and finite."""
    return quality <= UNCERTAIN and value - value == 0.0
