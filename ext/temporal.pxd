"""The features of any values, in C: see temporal.h."""

cdef extern from "temporal.h" nogil:
    ctypedef struct TemporalTerm:
        int kind            # place in terms.ANY
        double parameter
        double scale
        Py_ssize_t place    # in the row of results

    int ANY_SLOPE
    int temporal_prepare(TemporalTerm* terms, Py_ssize_t count) noexcept
    Py_ssize_t temporal_scratch(Py_ssize_t n) noexcept
    double temporal_run_f64(
        const TemporalTerm* terms, Py_ssize_t count, int needs,
        const double* x, Py_ssize_t n, void* scratch, double* out,
    ) noexcept
    double temporal_run_f32(
        const TemporalTerm* terms, Py_ssize_t count, int needs,
        const float* x, Py_ssize_t n, void* scratch, double* out,
    ) noexcept
