/* The features of the spectrum and of the envelope of windows of n evenly spaced values: terms.EVEN.
 *
 * A plan holds all tables and buffers, so that running it takes no memory; it is for one thread at a time. Values of
 * any size will do, as long as their sum is a number of their precision: where it is not, the features are NaN.
 * Included once. reference_spectrum.py says what the features mean.
 */

#ifndef SPECTRAL_H
#define SPECTRAL_H

#include <stdlib.h>

#define REAL_BITS 64
#include "spectral_parts.h"
#undef REAL_BITS
#define REAL_BITS 32
#include "spectral_parts.h"
#undef REAL_BITS

typedef struct {
    Plan_f64* f64; /* one of both */
    Plan_f32* f32;
} Spectral;

static void spectral_free(Spectral* spectral) {
    if (!spectral) return;
    plan_free_f64(spectral->f64);
    plan_free_f32(spectral->f32);
    free(spectral);
}

/* For values of 64 or 32 bits; NULL when there is no memory. */
static Spectral* spectral_new(Py_ssize_t n, const SpectralTerm* terms, Py_ssize_t count, int bits) {
    Spectral* spectral = calloc(1, sizeof *spectral);
    if (!spectral) return NULL;
    if (bits == 64) spectral->f64 = plan_new_f64(n, terms, count);
    else spectral->f32 = plan_new_f32(n, terms, count);
    if (spectral->f64 || spectral->f32) return spectral;
    free(spectral);
    return NULL;
}

/* Before the first run, and whenever the rate (Hz) or the shaft speed (Hz, NaN when unknown) may be another one: does
 * nothing when they are not. 0, or -1 when there is no memory. */
static int spectral_tune(Spectral* spectral, double rate, double shaft) {
    return spectral->f64 ? plan_tune_f64(spectral->f64, rate, shaft) : plan_tune_f32(spectral->f32, rate, shaft);
}

/* Writes the terms of n values, a power of two, with this mean. */
static void spectral_run_f64(Spectral* spectral, const double* values, double mean, double* out) {
    bins_of_values_f64(&spectral->f64->fft, values, mean, spectral->f64->bins);
    evaluate_f64(spectral->f64, out);
}

static void spectral_run_f32(Spectral* spectral, const float* values, double mean, double* out) {
    bins_of_values_f32(&spectral->f32->fft, values, mean, spectral->f32->bins);
    evaluate_f32(spectral->f32, out);
}

/* The same of any number of values, from the n / 2 + 1 bins of values - mean, as pairs of numbers. */
static void spectral_run_from_f64(Spectral* spectral, const double* bins, double* out) {
    bins_of_pairs_f64(bins, spectral->f64->sampling.n, spectral->f64->bins);
    evaluate_f64(spectral->f64, out);
}

#endif
