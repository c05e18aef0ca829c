"""The features of the spectrum and of the envelope, in C: see spectral.h."""

cdef extern from "spectral.h" nogil:
    ctypedef struct SpectralTerm:
        int kind                # place in terms.EVEN
        double parameters[5]
        double scale
        Py_ssize_t place        # in the row of results

    ctypedef struct Spectral:
        pass

    Spectral* spectral_new(Py_ssize_t n, const SpectralTerm* terms, Py_ssize_t count, int bits) noexcept
    void spectral_free(Spectral* plan) noexcept
    # 0, or -1 when there is no memory
    int spectral_tune(Spectral* plan, double rate, double shaft) noexcept
    # n is a power of two
    void spectral_run_f64(Spectral* plan, const double* values, double mean, double* out) noexcept
    void spectral_run_f32(Spectral* plan, const float* values, double mean, double* out) noexcept
    # any n, bits == 64: the n // 2 + 1 bins of rfft(values - mean), as pairs of numbers
    void spectral_run_from_f64(Spectral* plan, const double* bins, double* out) noexcept
