/* What is found of a window's values, and the features that follow from it: terms.ANY says which there are,
 * reference_features.py what they mean.
 */

#ifndef FINDINGS_H
#define FINDINGS_H

#include <math.h>
#include <string.h>

/* In the order of terms.ANY. */
enum {
    ANY_MEAN,
    ANY_STD,
    ANY_MIN,
    ANY_MAX,
    ANY_RMS,
    ANY_PEAK,
    ANY_PEAK_TO_PEAK,
    ANY_CREST_FACTOR,
    ANY_SHAPE_FACTOR,
    ANY_IMPULSE_FACTOR,
    ANY_CLEARANCE_FACTOR,
    ANY_SKEWNESS,
    ANY_KURTOSIS,
    ANY_EXCESS_KURTOSIS,
    ANY_ZERO_CROSSING_RATE,
    ANY_MEDIAN,
    ANY_PERCENTILE,
    ANY_SLOPE,
    ANY_LINE_LENGTH,
    ANY_KINDS
};

typedef struct {
    int kind;
    double parameter;
    double scale;
    Py_ssize_t place; /* in the results */
} TemporalTerm;

/* What a term needs to be found, besides the mean and the range. */
enum {
    NEED_MAGNITUDES = 1,
    NEED_ROOTS = 2,
    NEED_STEPS = 4,
    NEED_SPREAD = 8,
    NEED_SHAPE = 16,
    NEED_SLOPE = 32,
    NEED_RANKS = 64,
};

static const unsigned char NEEDS[] = {
    [ANY_STD] = NEED_SPREAD,
    [ANY_RMS] = NEED_SPREAD,
    [ANY_CREST_FACTOR] = NEED_SPREAD,
    [ANY_SHAPE_FACTOR] = NEED_SPREAD | NEED_MAGNITUDES,
    [ANY_IMPULSE_FACTOR] = NEED_MAGNITUDES,
    [ANY_CLEARANCE_FACTOR] = NEED_MAGNITUDES | NEED_ROOTS,
    [ANY_SKEWNESS] = NEED_SPREAD | NEED_SHAPE,
    [ANY_KURTOSIS] = NEED_SPREAD | NEED_SHAPE,
    [ANY_EXCESS_KURTOSIS] = NEED_SPREAD | NEED_SHAPE,
    [ANY_ZERO_CROSSING_RATE] = NEED_STEPS,
    [ANY_MEDIAN] = NEED_RANKS,
    [ANY_PERCENTILE] = NEED_RANKS,
    [ANY_SLOPE] = NEED_SLOPE,
    [ANY_LINE_LENGTH] = NEED_STEPS,
};

#define VARIANCE_FLOOR 1e-160 /* a variance below this counts as none */

typedef struct {
    Py_ssize_t n;
    double low, high;
    double offset;     /* of the mean from the first value, */
    double magnitudes; /* mean |x|, */
    double roots;      /* mean sqrt |x|: these three are sums until the sweep is over */
    double along;      /* sum of offsets times places, which count from the middle */
    double steps;      /* sum |x[i + 1] - x[i]| */
    double crossings;
    double powers[4];  /* sums of the powers of the distances from about the mean, in the unit of the second sweep */
    double mean, std, rms;
    double skewness, kurtosis;
    double slope;      /* per sample */
} Findings;

/* Readies terms for the run, which wants percentiles last, lowest first; gives what they need. */
static inline int temporal_prepare(TemporalTerm* terms, Py_ssize_t count) {
    int needs = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        TemporalTerm term = terms[i];
        if (term.kind == ANY_MEDIAN) term.parameter = 50;
        if (!(NEEDS[term.kind] & NEED_RANKS)) term.parameter = -1;
        needs |= NEEDS[term.kind];
        Py_ssize_t at = i;
        for (; at && terms[at - 1].parameter > term.parameter; at--) terms[at] = terms[at - 1];
        terms[at] = term;
    }
    return needs;
}

/* From the sums of the second sweep to moments about the mean. */
static void settle(Findings* found, double unit) {
    const double n = (double)found->n, shift = found->powers[0] / n;
    const double second = found->powers[1] / n, third = found->powers[2] / n, fourth = found->powers[3] / n;
    const double variance = second - shift * shift;
    found->std = sqrt(variance > 0 ? variance : 0) / unit;
    found->rms = sqrt(found->std * found->std + found->mean * found->mean);
    found->skewness = found->kurtosis = NAN;
    if (found->std * found->std < VARIANCE_FLOOR) return;
    found->skewness = (third - shift * (3 * second - 2 * shift * shift)) / (variance * sqrt(variance));
    found->kurtosis = (fourth - shift * (4 * third - shift * (6 * second - 3 * shift * shift))) / (variance * variance);
}

static double quotient(double value, double divisor) { return divisor != 0 ? value / divisor : NAN; }

static double feature_of(int kind, const Findings* found) {
    const double peak = found->high > -found->low ? found->high : -found->low;
    switch (kind) {
    case ANY_MEAN: return found->mean;
    case ANY_STD: return found->std;
    case ANY_MIN: return found->low;
    case ANY_MAX: return found->high;
    case ANY_RMS: return found->rms;
    case ANY_PEAK: return peak;
    case ANY_PEAK_TO_PEAK: return found->high - found->low;
    case ANY_CREST_FACTOR: return quotient(peak, found->rms);
    case ANY_SHAPE_FACTOR: return quotient(found->rms, found->magnitudes);
    case ANY_IMPULSE_FACTOR: return quotient(peak, found->magnitudes);
    case ANY_CLEARANCE_FACTOR: return quotient(peak, found->roots * found->roots);
    case ANY_SKEWNESS: return found->skewness;
    case ANY_KURTOSIS: return found->kurtosis;
    case ANY_EXCESS_KURTOSIS: return found->kurtosis - 3;
    case ANY_ZERO_CROSSING_RATE: return quotient(found->crossings, (double)(found->n - 1));
    case ANY_SLOPE: return found->slope;
    default: return found->steps;
    }
}

#endif
