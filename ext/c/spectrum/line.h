/* The amplitude at exactly one frequency, wherever it lies between the bins. Once for each precision.
 *
 * The transform at a frequency f through a window is a sum over the bins X_k, weighted by the window's transform at
 * k - f: exact for any values, and half the work of a sum over the values. Of that transform (see peaks.h) all but
 * g = sin^2 a cos x_j / (n sin x_(j-1) sin x_j sin x_(j+1)) is the same for all bins, where a = pi / n,
 * x_j = a (j - r), j = k - c, and f = c + r with c whole. Bins and their images are weighted together: sums for the
 * real parts, differences for the imaginary ones. Using weights costs 3 instructions per value. Making them, which a
 * shaft that changes its speed from burst to burst needs for each of them, costs 40, with sines from a table.
 */

#ifndef LINE_H
#define LINE_H

#include <math.h>
#include <string.h>

/* sin and cos of j pi / n for j from 0 to n + 1, as pairs. */
static void make_half_turns(Py_ssize_t n, double* table) {
    for (Py_ssize_t j = 0; j <= n + 1; j++) {
        double cosine, sine;
        unit(j, 2 * n, &cosine, &sine);
        table[2 * j] = -sine;
        table[2 * j + 1] = cosine;
    }
}

typedef struct {
    const double* half_turns;
    double cosine, sine; /* of a r */
    double common;
} Line;

/* sin and cos of x_j */
typedef struct {
    double sine, cosine;
} Turn;

static Line line_at(double rest, Py_ssize_t n, const double* half_turns) {
    /* On a bin, g is infinite and the common factor 0; this close to it both are numbers, and their product right. */
    const double r = fabs(rest) < 1e-100 ? 1e-100 : rest, step = M_PI / (double)n;
    const double common = sin(M_PI * r) * sin(step) * sin(step) / (double)n;
    return (Line){half_turns, cos(step * r), sin(step * r), common};
}

static Turn turn_at(const Line* line, Py_ssize_t j) {
    const double* pair = line->half_turns + 2 * (j < 0 ? -j : j);
    const double sine = j < 0 ? -pair[0] : pair[0], cosine = pair[1];
    return (Turn){sine * line->cosine - cosine * line->sine, cosine * line->cosine + sine * line->sine};
}

#endif

/* Adds g of j and of those that follow it in one direction: real parts up and down, imaginary ones up less down. */
static void FN(add_weights)(const Line* line, Py_ssize_t j, int direction, R* real, R* imaginary, Py_ssize_t count) {
    Turn before = turn_at(line, j - direction), here = turn_at(line, j);
    const double sign = direction;
    for (Py_ssize_t k = 0; k < count; k++) {
        const Turn next = turn_at(line, j += direction);
        const double weight = line->common * here.cosine / (before.sine * here.sine * next.sine);
        real[k] += (R)weight;
        imaginary[k] += (R)(sign * weight);
        before = here;
        here = next;
    }
}

/* The weights of the bins 0 .. n / 2 for a frequency of so many bins, for real and for imaginary parts. */
static void FN(weigh_bins)(double frequency, Py_ssize_t n, const double* half_turns, R* real, R* imaginary) {
    const Py_ssize_t centre = (Py_ssize_t)round(frequency), last = n / 2;
    const Line line = line_at(frequency - (double)centre, n, half_turns);
    memset(real, 0, (size_t)(last + 1) * sizeof(R));
    memset(imaginary, 0, (size_t)(last + 1) * sizeof(R));
    FN(add_weights)(&line, 1 - centre, 1, real + 1, imaginary + 1, last);
    FN(add_weights)(&line, -1 - centre, -1, real + 1, imaginary + 1, (n - 1) / 2); /* the last of even n has no image */
}

/* The amplitude that these weights find in doubled bins. */
static double FN(line_amplitude)(FN(Parts) bins, Py_ssize_t n, const R* real, const R* imaginary) {
    const Py_ssize_t count = n / 2 + 1;
    return hypot(FN(dot)(bins.re, real, count), FN(dot)(bins.im, imaginary, count)) / (double)n;
}
