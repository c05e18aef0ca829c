/* The features that look at when values were read: of n > 0 values x at t seconds, in the order they came in.
 *
 * reference_series.py says what they mean. Times may repeat and step back; the first is 0.
 */

#ifndef SERIES_H
#define SERIES_H

#include <math.h>

/* After the slope, in the order of terms.TIMED. */
enum {
    SERIES_SLOPE,
    SERIES_EWMA,
    SERIES_RATE_OF_CHANGE,
    SERIES_TIME_SINCE_CHANGE,
    SERIES_COUNT_ABOVE,
    SERIES_TIME_ABOVE
};

typedef struct {
    int kind;
    double parameter;
    double scale;
    Py_ssize_t place; /* in the results */
} SeriesTerm;

/* The mean less x[0]: differences of near numbers are exact, also far from 0. */
static double series_offset(const double* x, Py_ssize_t n) {
    const double origin = x[0];
    double sum = 0, other = 0;
    Py_ssize_t i = 0;
    for (; i + 2 <= n; i += 2) {
        sum += x[i] - origin;
        other += x[i + 1] - origin;
    }
    if (i < n) sum += x[i] - origin;
    return (sum + other) / n;
}

/* Sums run in two lanes: their order is fixed, and neither addition waits for the other. */
static double series_slope(const double* t, const double* x, Py_ssize_t n) {
    const double middle = series_offset(t, n), origin = x[0], offset = series_offset(x, n);
    double along = 0, along2 = 0, across = 0, across2 = 0;
    Py_ssize_t i = 0;
    for (; i + 2 <= n; i += 2) {
        const double u = t[i] - middle, v = t[i + 1] - middle;
        across += u * u;
        across2 += v * v;
        along += u * ((x[i] - origin) - offset);
        along2 += v * ((x[i + 1] - origin) - offset);
    }
    if (i < n) {
        const double u = t[i] - middle;
        across += u * u;
        along += u * ((x[i] - origin) - offset);
    }
    across += across2;
    return across > 0 ? (along + along2) / across : NAN;
}

static double series_ewma(const double* t, const double* x, Py_ssize_t n, double tau) {
    const double now = t[n - 1], origin = x[n - 1];
    double weights = 0, sum = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        const double weight = exp((t[i] - now) / tau);
        weights += weight;
        sum += weight * (x[i] - origin);
    }
    return origin + sum / weights;
}

static double series_rate(const double* t, const double* x, Py_ssize_t n) {
    const double passed = t[n - 1] - t[0];
    return passed != 0 ? (x[n - 1] - x[0]) / passed : NAN;
}

static double series_since_change(const double* t, const double* x, Py_ssize_t n, double now) {
    Py_ssize_t i = n - 1;
    while (i > 0 && x[i - 1] == x[n - 1]) i--;
    return now - t[i];
}

static double series_count_above(const double* x, Py_ssize_t n, double level) {
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0; i < n; i++) count += x[i] > level;
    return (double)count;
}

/* Each value lasts until the next one. */
static double series_time_above(const double* t, const double* x, Py_ssize_t n, double now, double level) {
    double sum = x[n - 1] > level ? now - t[n - 1] : 0;
    for (Py_ssize_t i = 0; i + 1 < n; i++) sum += x[i] > level ? t[i + 1] - t[i] : 0;
    return sum;
}

static double series_feature(SeriesTerm term, const double* t, const double* x, Py_ssize_t n, double now) {
    switch (term.kind) {
    case SERIES_SLOPE: return series_slope(t, x, n);
    case SERIES_EWMA: return series_ewma(t, x, n, term.parameter);
    case SERIES_RATE_OF_CHANGE: return series_rate(t, x, n);
    case SERIES_TIME_SINCE_CHANGE: return series_since_change(t, x, n, now);
    case SERIES_COUNT_ABOVE: return series_count_above(x, n, term.parameter);
    default: return series_time_above(t, x, n, now, term.parameter);
    }
}

/* Writes the terms, scaled, into their places. */
static void series_run(const SeriesTerm* terms, Py_ssize_t count, const double* t, const double* x, Py_ssize_t n,
                       double now, double* out) {
    for (Py_ssize_t i = 0; i < count; i++) out[terms[i].place] = series_feature(terms[i], t, x, n, now) * terms[i].scale;
}

#endif
