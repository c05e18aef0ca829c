# cython: boundscheck=False, wraparound=False, cdivision=True, binding=False
"""Burst: the features of windows of evenly spaced values."""

from cpython.buffer cimport PyBUF_FORMAT, PyBUF_ND, PyBUF_WRITABLE, PyBuffer_Release
from libc.math cimport INFINITY, NAN
from libc.stdlib cimport free

from arrays cimport PyErr_Clear, PyObject_GetBuffer, allocate
from spectral cimport (
    Spectral, SpectralTerm, spectral_free, spectral_new, spectral_run_f32, spectral_run_f64, spectral_run_from_f64,
    spectral_tune,
)
from temporal cimport (
    ANY_SLOPE, TemporalTerm, temporal_prepare, temporal_run_f32, temporal_run_f64, temporal_scratch,
)

from gatewayd_ext.burst_checks import check_burst, check_length
from gatewayd_ext.checks import check_rate
from gatewayd_ext.terms import ANY, EVEN, check_terms

cdef Py_ssize_t LONG = 1 << 15    # so many values take long enough for other threads to be let on


cdef inline bint is_open(object array, Py_buffer* view, int flags) noexcept:
    """Open `array` if it is a contiguous one of float64 or float32; whoever asks closes it."""
    if PyObject_GetBuffer(array, view, flags | PyBUF_FORMAT | PyBUF_ND) < 0:
        PyErr_Clear()
        return False
    if (view.format[0] == c'd' or view.format[0] == c'f') and view.format[1] == 0:
        return True
    PyBuffer_Release(view)
    return False


cdef transform(values, Py_ssize_t n):
    """The bins of each window less its mean, by way of its first value: see sweep.h."""
    import numpy as np

    windows = values.reshape(-1, n).astype(np.float64)
    with np.errstate(all="ignore"):
        windows -= windows[:, :1].copy()
        windows -= windows.mean(axis=1, keepdims=True)
        return np.ascontiguousarray(np.fft.rfft(windows))


cdef class Burst:
    """The features of windows of `n` evenly spaced values; `reference_burst.Burst` says what it promises."""

    cdef Py_ssize_t n, width, temporal_count, spectral_count
    cdef int needs
    cdef bint is_power_of_two, is_busy
    cdef double rate
    cdef TemporalTerm* temporal
    cdef SpectralTerm* spectral
    cdef double* scales      # of the temporal terms, for a rate of 1
    cdef Spectral* plan      # of float64 windows, of float32 ones; NULL until there is one
    cdef Spectral* plan_f32
    cdef void* scratch

    def __cinit__(self, n, tuple terms not None):
        check_length(n)
        check_terms(terms, ANY, EVEN)
        self.n, self.width = n, len(terms)
        self.is_power_of_two = self.n & (self.n - 1) == 0
        self.temporal = <TemporalTerm*>allocate(self.width, sizeof(TemporalTerm))
        self.spectral = <SpectralTerm*>allocate(self.width, sizeof(SpectralTerm))
        self.scales = <double*>allocate(self.width, sizeof(double))
        self.scratch = allocate(temporal_scratch(self.n), 1)
        for place, term in enumerate(terms):
            if term.name in ANY:
                self.add_temporal(list(ANY).index(term.name), term, place)
            else:
                self.add_spectral(list(EVEN).index(term.name), term, place)
        self.needs = temporal_prepare(self.temporal, self.temporal_count)
        cdef Py_ssize_t i
        for i in range(self.temporal_count):
            self.scales[i] = self.temporal[i].scale

    cdef add_temporal(self, int kind, term, Py_ssize_t place):
        cdef double parameter = term.parameters[0] if term.parameters else 0
        self.temporal[self.temporal_count] = TemporalTerm(kind, parameter, term.scale, place)
        self.temporal_count += 1

    cdef add_spectral(self, int kind, term, Py_ssize_t place):
        cdef SpectralTerm* made = &self.spectral[self.spectral_count]
        made.kind, made.scale, made.place = kind, term.scale, place
        for i, parameter in enumerate(term.parameters):
            made.parameters[<Py_ssize_t>i] = parameter
        self.spectral_count += 1

    def __dealloc__(self):
        spectral_free(self.plan)
        spectral_free(self.plan_f32)
        free(self.temporal)
        free(self.spectral)
        free(self.scales)
        free(self.scratch)

    def compute(self, values, double rate, out, double shaft=NAN):
        """Write the features of one window into `out`, or those of each row of many.

        `values` is float64 or float32, (n,) or (rows, n), sampled at `rate` Hz; `out` is float64, (terms,) or
        (rows, terms). `shaft` is the shaft's speed in Hz, NaN when it is not known. A window that holds anything but
        finite numbers gives NaN throughout: features of half a burst would look whole. Raises TypeError or ValueError
        for other arrays, ValueError for a rate that is not a finite number above 0.
        """
        cdef Py_buffer origin, target
        if not 0 < rate < INFINITY:
            check_rate(rate)
        if not is_open(values, &origin, 0):
            self.refuse(values, out)
        try:
            if not is_open(out, &target, PyBUF_WRITABLE):
                self.refuse(values, out)
            try:
                if not self.fits(&origin, &target):
                    self.refuse(values, out)
                self.describe(values, &origin, rate, shaft, <double*>target.buf)
            finally:
                PyBuffer_Release(&target)
        finally:
            PyBuffer_Release(&origin)

    cdef refuse(self, values, out):
        check_burst(values, out, self.n, self.width)
        raise TypeError("values and out must be arrays that show their memory")

    cdef bint fits(self, const Py_buffer* origin, const Py_buffer* target) noexcept:
        cdef int last = origin.ndim - 1
        return (
            target.format[0] == c'd' and 0 <= last <= 1 and target.ndim == origin.ndim
            and origin.shape[last] == self.n and target.shape[last] == self.width
            and (last == 0 or origin.shape[0] == target.shape[0])
        )

    cdef int describe(self, values, const Py_buffer* origin, double rate, double shaft, double* out) except -1:
        cdef bint is_double = origin.format[0] == c'd'
        cdef Py_ssize_t rows = origin.len // (origin.itemsize * self.n)
        cdef Py_buffer bins
        if self.is_busy:
            raise RuntimeError("this Burst is computing in another thread; each thread needs its own")
        self.tune(rate)
        if not self.spectral_count:
            self.run(origin.buf, is_double, NULL, NULL, rows, out)
        elif self.is_power_of_two:
            self.run(origin.buf, is_double, self.plan_of(is_double, rate, shaft), NULL, rows, out)
        else:
            transformed = transform(values, self.n)
            if PyObject_GetBuffer(transformed, &bins, PyBUF_ND) < 0:
                PyErr_Clear()
                raise MemoryError
            try:
                self.run(origin.buf, is_double, self.plan_of(True, rate, shaft), <const double*>bins.buf, rows, out)
            finally:
                PyBuffer_Release(&bins)
        return 0

    cdef void tune(self, double rate) noexcept:
        """Slopes are found per value."""
        cdef Py_ssize_t i
        if rate != self.rate:
            for i in range(self.temporal_count):
                if self.temporal[i].kind == ANY_SLOPE:
                    self.temporal[i].scale = self.scales[i] * rate
            self.rate = rate

    cdef Spectral* plan_of(self, bint is_double, double rate, double shaft) except NULL:
        """The plan for this precision, made when it is first wanted, ready for the rate and the shaft."""
        cdef Spectral** plan = &self.plan if is_double else &self.plan_f32
        if plan[0] == NULL:
            plan[0] = spectral_new(self.n, self.spectral, self.spectral_count, 64 if is_double else 32)
        if plan[0] == NULL or spectral_tune(plan[0], rate, shaft) < 0:
            raise MemoryError
        return plan[0]

    cdef void run(
        self, const void* x, bint is_double, Spectral* plan, const double* bins, Py_ssize_t rows, double* out
    ) noexcept:
        if rows * self.n < LONG:
            self.run_rows(x, is_double, plan, bins, rows, out)
            return
        self.is_busy = True
        with nogil:
            self.run_rows(x, is_double, plan, bins, rows, out)
        self.is_busy = False

    cdef void run_rows(
        self, const void* x, bint is_double, Spectral* plan, const double* bins, Py_ssize_t rows, double* out
    ) noexcept nogil:
        cdef Py_ssize_t row, size = self.n * (8 if is_double else 4), length = 2 * (self.n // 2 + 1)
        for row in range(rows):
            self.run_row(<const char*>x + row * size, is_double, plan, bins, out + row * self.width)
            if bins != NULL:
                bins += length

    cdef void run_row(
        self, const void* x, bint is_double, Spectral* plan, const double* bins, double* out
    ) noexcept nogil:
        cdef double mean
        if is_double:
            mean = temporal_run_f64(
                self.temporal, self.temporal_count, self.needs, <const double*>x, self.n, self.scratch, out
            )
        else:
            mean = temporal_run_f32(
                self.temporal, self.temporal_count, self.needs, <const float*>x, self.n, self.scratch, out
            )
        if mean != mean:
            self.clear(out)
        elif bins != NULL:
            spectral_run_from_f64(plan, bins, out)
        elif plan != NULL and is_double:
            spectral_run_f64(plan, <const double*>x, mean, out)
        elif plan != NULL:
            spectral_run_f32(plan, <const float*>x, mean, out)

    cdef void clear(self, double* out) noexcept nogil:
        cdef Py_ssize_t i
        for i in range(self.width):
            out[i] = NAN
