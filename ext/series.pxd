"""The features that look at when values were read, in C: see series.h."""

cdef extern from "series.h" nogil:
    ctypedef struct SeriesTerm:
        int kind            # SERIES_SLOPE, or 1 + place in terms.TIMED
        double parameter
        double scale
        Py_ssize_t place    # in the row of results

    int SERIES_SLOPE
    void series_run(
        const SeriesTerm* terms, Py_ssize_t count, const double* t, const double* x, Py_ssize_t n, double now,
        double* out,
    ) noexcept
