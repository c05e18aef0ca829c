/* The envelope of a band, and its amplitudes at exact frequencies. Once for each precision.
 *
 * The band's bins alone, moved to 0, are the analytic signal, shifted in frequency, which its magnitude does not see:
 * a short transform gives the envelope, without a filter and at no more points than it needs. The transform used is the
 * forward one: the envelope comes out backwards, which neither its spread nor its amplitudes see. Amplitudes are sums
 * over tables about the middle, where the window and the cosine are even and the sine is odd, so that halves are added
 * up first. (Goertzel's recurrence would need no tables, and has no digits left in single precision.)
 */

#ifndef ENVELOPE_H
#define ENVELOPE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RESTART 16 /* points from one exact sine and cosine of a table to the next: the others are products of two */

#endif

typedef struct {
    double low, high;        /* Hz */
    Py_ssize_t first, count; /* bins; with a count of 0 there is no envelope */
    FN(Fft) fft;
    FN(Parts) band, z;       /* what lies above the bins in `band` stays 0 */
    R *a, *b;                /* buffers */
    R *window;               /* from its middle on */
    R *sums, *differences;   /* of the envelope less its mean at equal distances from its middle */
    R* memory;
    int ready;               /* whether these sums and the spread are of this burst */
    double rms;
} FN(Envelope);

static void FN(envelope_free)(FN(Envelope)* envelope) {
    free(envelope->fft.twiddles);
    free(envelope->memory);
    envelope->fft.twiddles = envelope->memory = NULL;
}

/* For another number of bins; 0, or -1 when there is no memory. */
static int FN(envelope_resize)(FN(Envelope)* envelope, Py_ssize_t count) {
    Py_ssize_t points = 2;
    while (points < 2 * count) points *= 2;
    FN(envelope_free)(envelope);
    envelope->memory = calloc((size_t)(9 * points + 20 * LANES), sizeof(R));
    if (!envelope->memory || FN(fft_init)(&envelope->fft, points)) return -1;
    R* next = envelope->memory;
    envelope->band = FN(carve)(&next, points / 2);
    envelope->z = FN(carve)(&next, points);
    envelope->a = next;
    envelope->b = envelope->a + 2 * WHOLE(points);
    envelope->window = envelope->b + 2 * WHOLE(points);
    envelope->sums = envelope->window + WHOLE(points / 2);
    envelope->differences = envelope->sums + WHOLE(points / 2);
    for (Py_ssize_t j = 0; j < points / 2; j++)
        envelope->window[j] = (R)(0.5 + 0.5 * cos(2 * M_PI * (double)j / (double)points));
    return 0;
}

/* Bins from `first` to before `past`. */
static int FN(envelope_tune)(FN(Envelope)* envelope, Py_ssize_t first, Py_ssize_t past) {
    const Py_ssize_t count = past > first ? past - first : 0;
    envelope->first = first;
    if (count == envelope->count) return 0;
    envelope->count = 0;
    if (count && FN(envelope_resize)(envelope, count)) return -1;
    envelope->count = count;
    return 0;
}

/* The window times cosine and sine of so many turns in the window, at the points from the middle on. */
static void FN(weigh_points)(const FN(Envelope)* envelope, double turns, R* cosines, R* sines) {
    const Py_ssize_t points = envelope->fft.points;
    const double step = 2 * M_PI * turns / (double)points;
    double near[RESTART][2], c = 1, s = 0;
    for (int j = 0; j < RESTART; j++) {
        near[j][0] = cos(j * step);
        near[j][1] = sin(j * step);
    }
    for (Py_ssize_t j = 0; j < points / 2; j++) {
        const double* turn = near[j % RESTART];
        if (j % RESTART == 0) {
            c = cos((double)j * step);
            s = sin((double)j * step);
        }
        cosines[j] = (R)((c * turn[0] - s * turn[1]) * envelope->window[j]);
        sines[j] = (R)((s * turn[0] + c * turn[1]) * envelope->window[j]);
    }
}

/* The magnitudes of the band's signal, in the unit of the doubled bins, in one of the buffers. */
static R* FN(find_magnitudes)(FN(Envelope)* envelope, FN(Parts) bins, Py_ssize_t n) {
    const Py_ssize_t first = envelope->first, count = envelope->count, points = envelope->fft.points;
    memcpy(envelope->band.re, bins.re + first, (size_t)count * sizeof(R));
    memcpy(envelope->band.im, bins.im + first, (size_t)count * sizeof(R));
    if (2 * (first + count - 1) == n) { /* it has no image that doubles it */
        envelope->band.re[count - 1] /= 2;
        envelope->band.im[count - 1] /= 2;
    }
    const FN(Parts) z = envelope->z;
    FN(fft_run)(&envelope->fft, FROM_HALF, envelope->band, 0, envelope->a, envelope->b, z);
    for (Py_ssize_t i = 0; i < points; i += LANES) {
        const FN(Point) here = FN(point)(z, i);
        FN(put)(z.re + i, FN(root)(here.re * here.re + here.im * here.im));
    }
    return z.re;
}

/* Finds the envelope, its spread, and its sums about the middle. */
static void FN(envelope_run)(FN(Envelope)* envelope, FN(Parts) bins, Py_ssize_t n) {
    const Py_ssize_t points = envelope->fft.points, half = points / 2;
    R *restrict sums = envelope->sums, *restrict differences = envelope->differences;
    R* restrict magnitudes = FN(find_magnitudes)(envelope, bins, n);
    const R mean = (R)(FN(sum)(magnitudes, points) / (double)points);
    for (Py_ssize_t i = 0; i < points; i++) magnitudes[i] -= mean;
    sums[0] = magnitudes[half];
    for (Py_ssize_t j = 1; j < half; j++) {
        sums[j] = magnitudes[half + j] + magnitudes[half - j];
        differences[j] = magnitudes[half + j] - magnitudes[half - j];
    }
    envelope->rms = sqrt(FN(dot)(magnitudes, magnitudes, points) / (double)points) / (double)n;
    envelope->ready = 1;
}

/* The amplitude that these weights find. */
static double FN(envelope_amplitude)(const FN(Envelope)* envelope, Py_ssize_t n, const R* cosines, const R* sines) {
    const Py_ssize_t points = envelope->fft.points, half = points / 2;
    const double even = FN(dot)(envelope->sums, cosines, half), odd = FN(dot)(envelope->differences, sines, half);
    return 4 * hypot(even, odd) / ((double)points * (double)n);
}
