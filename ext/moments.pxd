"""The features of values that lie in a row, in two passes: about the first value, then about the mean.

Sums run in several lanes: the order of additions is fixed, and the processor may do them side by side.
"""

from libc.math cimport NAN, sqrt

cdef struct Moments:
    double mean
    double low
    double high
    double variance
    double fourth    # the central moment
    double slope

cdef enum Feature:
    # places in checks.FEATURES
    MEAN, STD, MIN, MAX, RMS, PEAK_TO_PEAK, CREST_FACTOR, KURTOSIS, SLOPE


cdef inline double mean_of(const double* x, Py_ssize_t n) noexcept nogil:
    """The mean less x[0]: differences of near numbers are exact, also far from 0."""
    cdef double origin = x[0]
    cdef double a = 0, b = 0, c = 0, d = 0
    cdef Py_ssize_t i = 0
    while i + 4 <= n:
        a += x[i] - origin
        b += x[i + 1] - origin
        c += x[i + 2] - origin
        d += x[i + 3] - origin
        i += 4
    while i < n:
        a += x[i] - origin
        i += 1
    return ((a + b) + (c + d)) / n


cdef inline void find_range(const double* x, Py_ssize_t n, Moments* moments) noexcept nogil:
    cdef double low = x[0], high = x[0], low2 = x[0], high2 = x[0]
    cdef Py_ssize_t i = 0
    while i + 2 <= n:
        low = x[i] if x[i] < low else low
        high = x[i] if x[i] > high else high
        low2 = x[i + 1] if x[i + 1] < low2 else low2
        high2 = x[i + 1] if x[i + 1] > high2 else high2
        i += 2
    if i < n:
        low = x[i] if x[i] < low else low
        high = x[i] if x[i] > high else high
    moments.low = low if low < low2 else low2
    moments.high = high if high > high2 else high2


cdef inline void find_spread(const double* x, Py_ssize_t n, double shift, Moments* moments) noexcept nogil:
    """Variance and fourth moment about x[0] + shift."""
    cdef double origin = x[0]
    cdef double a = 0, b = 0, c = 0, d = 0, fourth_a = 0, fourth_b = 0, fourth_c = 0, fourth_d = 0
    cdef double p, q, r, s
    cdef Py_ssize_t i = 0
    while i + 4 <= n:
        p = (x[i] - origin) - shift
        q = (x[i + 1] - origin) - shift
        r = (x[i + 2] - origin) - shift
        s = (x[i + 3] - origin) - shift
        p *= p
        q *= q
        r *= r
        s *= s
        a += p
        b += q
        c += r
        d += s
        fourth_a += p * p
        fourth_b += q * q
        fourth_c += r * r
        fourth_d += s * s
        i += 4
    while i < n:
        p = (x[i] - origin) - shift
        p *= p
        a += p
        fourth_a += p * p
        i += 1
    moments.variance = ((a + b) + (c + d)) / n
    moments.fourth = ((fourth_a + fourth_b) + (fourth_c + fourth_d)) / n


cdef inline double slope_of(
    const double* t, const double* x, Py_ssize_t n, double middle, double shift
) noexcept nogil:
    """Of the least-squares line, about the mean time `middle` and the mean x[0] + shift."""
    cdef double origin = x[0]
    cdef double along = 0, along2 = 0, across = 0, across2 = 0, u, v
    cdef Py_ssize_t i = 0
    while i + 2 <= n:
        u = t[i] - middle
        v = t[i + 1] - middle
        across += u * u
        across2 += v * v
        along += u * ((x[i] - origin) - shift)
        along2 += v * ((x[i + 1] - origin) - shift)
        i += 2
    if i < n:
        u = t[i] - middle
        across += u * u
        along += u * ((x[i] - origin) - shift)
    across += across2
    return (along + along2) / across if across > 0 else NAN


cdef inline Moments moments_of(const double* t, const double* x, Py_ssize_t n) noexcept nogil:
    """Of `n` > 0 values x at t seconds, t[0] = 0; no slope without times (NULL)."""
    cdef Moments moments
    cdef double shift = mean_of(x, n)
    moments.mean = x[0] + shift
    find_range(x, n, &moments)
    find_spread(x, n, shift, &moments)
    moments.slope = NAN if t == NULL else slope_of(t, x, n, mean_of(t, n), shift)
    return moments


cdef inline double feature_of(const Moments* moments, int feature) noexcept nogil:
    cdef double level = sqrt(moments.mean * moments.mean + moments.variance)
    cdef double square = moments.variance * moments.variance
    if feature == MEAN:
        return moments.mean
    if feature == STD:
        return sqrt(moments.variance)
    if feature == MIN:
        return moments.low
    if feature == MAX:
        return moments.high
    if feature == RMS:
        return level
    if feature == PEAK_TO_PEAK:
        return moments.high - moments.low
    if feature == CREST_FACTOR:
        return max(moments.high, -moments.low) / level if level > 0 else NAN
    if feature == KURTOSIS:
        return moments.fourth / square if square > 0 else NAN
    return moments.slope


cdef inline void features_of(
    const double* t, const double* x, Py_ssize_t n, const int* wanted, Py_ssize_t features, double* out
) noexcept nogil:
    """Write the wanted features of `n` values x at t seconds; all NaN when there is no value."""
    cdef Moments moments
    cdef bint sloped = False
    cdef Py_ssize_t i
    if n == 0:
        for i in range(features):
            out[i] = NAN
        return
    for i in range(features):
        sloped |= wanted[i] == SLOPE
    moments = moments_of(t if sloped else NULL, x, n)
    for i in range(features):
        out[i] = feature_of(&moments, wanted[i])
