/* The factors exp(-2 pi i k / n) that a transform turns its points by: in the order of their use, repeated for all
 * lanes. Once for each precision.
 */

#ifndef TWIDDLES_H
#define TWIDDLES_H

#include <math.h>
#include <stdlib.h>

#define TINY 8 /* up to so many points are transformed by the definition */

/* exp(-2 pi i k / n) for k from 0 to n, from an angle within an eighth of a turn: exact to the last bit. */
static void unit(Py_ssize_t k, Py_ssize_t n, double* re, double* im) {
    const Py_ssize_t quarter = (8 * k + n) / (2 * n);
    const double angle = M_PI / 2 * (double)(4 * k - quarter * n) / (double)n;
    const double cosine = cos(angle), sine = sin(angle);
    const double real[] = {cosine, -sine, -cosine, sine}, imaginary[] = {-sine, -cosine, sine, cosine};
    *re = real[quarter % 4];
    *im = imaginary[quarter % 4];
}

#endif

typedef struct {
    Py_ssize_t points;
    R* twiddles;
} FN(Fft);

/* Those of one pass, each of `different` following ones in a lane of its own. */
static R* FN(add_twiddles)(R* to, Py_ssize_t size, Py_ssize_t different) {
    for (Py_ssize_t k = 0; k < size / 4; k += different)
        for (Py_ssize_t power = 1; power < 4; power++, to += 2 * LANES)
            for (Py_ssize_t lane = 0; lane < LANES; lane++) {
                double re, im;
                unit(power * (k + lane % different), size, &re, &im);
                to[lane] = (R)re;
                to[lane + LANES] = (R)im;
            }
    return to;
}

static void FN(make_twiddles)(const FN(Fft)* fft) {
    R* to = fft->twiddles;
    for (Py_ssize_t k = 0; fft->points <= TINY && k < fft->points; k++, to += 2) {
        double re, im;
        unit(k, fft->points, &re, &im);
        to[0] = (R)re;
        to[1] = (R)im;
    }
    if (fft->points <= TINY) return;
    to = FN(add_twiddles)(to, fft->points, LANES);
    for (Py_ssize_t size = fft->points / 4; size > 8; size /= 4) to = FN(add_twiddles)(to, size, 1);
}

/* For `points`, a power of two; 0, or -1 when there is no memory. */
static int FN(fft_init)(FN(Fft)* fft, Py_ssize_t points) {
    Py_ssize_t room = 2 * points;
    for (Py_ssize_t size = points / 4; size > 8; size /= 4) room += size / 4 * 6 * LANES;
    fft->points = points;
    fft->twiddles = malloc((size_t)room * sizeof(R));
    if (!fft->twiddles) return -1;
    FN(make_twiddles)(fft);
    return 0;
}
