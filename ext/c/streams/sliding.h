/* The features of those rows of a TwoStack that lie in a window. */

#ifndef SLIDING_H
#define SLIDING_H

#include "two_stack.h"

/* In the order of terms.SLIDING. */
enum {
    SLIDING_MEAN,
    SLIDING_STD,
    SLIDING_MIN,
    SLIDING_MAX,
    SLIDING_RMS,
    SLIDING_PEAK,
    SLIDING_PEAK_TO_PEAK,
    SLIDING_CREST_FACTOR
};

typedef struct {
    int kind;
    double scale;
} SlidingTerm;

/* Of the rows that lie in the window; each field has a vector for every pair of columns. */
typedef struct {
    V64 *mean, *variance, *low, *high;
} Statistics;

/* Both parts of the window together, by the formula of Chan, Golub and LeVeque (1983). */
static void sliding_merge(TwoStack* stack, Statistics of) {
    const Py_ssize_t a = stack->older, b = stack->newer, n = a + b;
    const Aggregate *older = stack_older(stack), *newer = stack->running;
    const V64 *older_origin = stack_row(stack, b + 1), *newer_origin = stack_row(stack, b);
    const double part = 1.0 / n, share = b * part, weight = a * share;
    for (Py_ssize_t i = 0; i < stack->pairs; i++) {
        const V64 apart = (newer_origin[i] - older_origin[i]) + (newer[i].mean - older[i].mean);
        of.mean[i] = older_origin[i] + (older[i].mean + apart * share);
        of.variance[i] = ((older[i].spread + newer[i].spread) + apart * apart * weight) * part;
        of.low[i] = lower_f64(older[i].low, newer[i].low);
        of.high[i] = higher_f64(older[i].high, newer[i].high);
    }
}

/* Of one part of n rows. */
static void sliding_finish(const Aggregate* aggregates, const V64* origin, Py_ssize_t n, Py_ssize_t pairs, Statistics of) {
    for (Py_ssize_t i = 0; i < pairs; i++) {
        of.mean[i] = origin[i] + aggregates[i].mean;
        of.variance[i] = aggregates[i].spread * (1.0 / n);
        of.low[i] = aggregates[i].low;
        of.high[i] = aggregates[i].high;
    }
}

/* Whether the window (after, until] is what remains when old rows are dropped. */
static int sliding_goes_on(const TwoStack* stack, long long after, long long until) {
    const Py_ssize_t held = stack->older + stack->newer;
    return stack->run >= stack->kept && stack_stamp(stack, 1) <= until &&
           (held == stack->kept || stack_stamp(stack, held + 1) <= after);
}

/* The rows in (after, until], wherever they are in the ring, folded anew in `scratch`. Returns how many there are. */
static Py_ssize_t sliding_search(const TwoStack* stack, long long after, long long until, Aggregate* scratch,
                                 Statistics of) {
    const V64* origin = NULL;
    Py_ssize_t n = 0;
    stack_clear(scratch, stack->pairs);
    for (Py_ssize_t age = stack->kept; age > 0; age--) {
        if (stack_stamp(stack, age) <= after || stack_stamp(stack, age) > until) continue;
        if (!n) origin = stack_row(stack, age);
        stack_add(scratch, stack_row(stack, age), origin, ++n, stack->pairs);
    }
    if (n) sliding_finish(scratch, origin, n, stack->pairs, of);
    return n;
}

/* The statistics of the rows with stamps in (after, until]. Returns how many there are; of none there are none. */
static Py_ssize_t sliding_describe(TwoStack* stack, long long after, long long until, Aggregate* scratch,
                                   Statistics of) {
    if (!stack->kept) return 0;
    if (!sliding_goes_on(stack, after, until)) return sliding_search(stack, after, until, scratch, of);
    stack_expire(stack, after);
    const Py_ssize_t older = stack->older, newer = stack->newer;
    if (older && newer)
        sliding_merge(stack, of);
    else if (older)
        sliding_finish(stack_older(stack), stack_row(stack, 1), older, stack->pairs, of);
    else if (newer)
        sliding_finish(stack->running, stack_row(stack, newer), newer, stack->pairs, of);
    return older + newer;
}

INLINE V64 sliding_rms(Statistics of, Py_ssize_t i) { return root_f64(of.mean[i] * of.mean[i] + of.variance[i]); }

INLINE V64 sliding_peak(Statistics of, Py_ssize_t i) { return higher_f64(of.high[i], -of.low[i]); }

/* The bits of a true comparison are those of a NaN: there is no crest above an rms of 0. */
INLINE V64 sliding_crest(V64 peak, V64 rms) { return (V64)((Mask_f64)(peak / rms) | (rms == 0.0)); }

/* One term of each column, in `room` unless the statistics have it already. */
static const double* sliding_term(SlidingTerm term, Statistics of, Py_ssize_t pairs, V64* room) {
#define EACH(value)                                                             \
    for (Py_ssize_t i = 0; i < pairs; i++) room[i] = (value) * term.scale;      \
    return (const double*)room
    if (term.scale == 1.0) {
        if (term.kind == SLIDING_MEAN) return (const double*)of.mean;
        if (term.kind == SLIDING_MIN) return (const double*)of.low;
        if (term.kind == SLIDING_MAX) return (const double*)of.high;
    }
    switch (term.kind) {
        case SLIDING_MEAN: EACH(of.mean[i]);
        case SLIDING_STD: EACH(root_f64(of.variance[i]));
        case SLIDING_MIN: EACH(of.low[i]);
        case SLIDING_MAX: EACH(of.high[i]);
        case SLIDING_RMS: EACH(sliding_rms(of, i));
        case SLIDING_PEAK: EACH(sliding_peak(of, i));
        case SLIDING_PEAK_TO_PEAK: EACH(of.high[i] - of.low[i]);
        default: EACH(sliding_crest(sliding_peak(of, i), sliding_rms(of, i)));
    }
#undef EACH
}

/* Two terms of each column side by side, `step` from one column to the next. */
static void sliding_place(const double* first, const double* second, Py_ssize_t width, double* out, Py_ssize_t step) {
    Py_ssize_t i = 0;
    for (; i + 2 <= width; i += 2, out += 2 * step) {
        const V64 a = *(const V64*)(first + i), b = *(const V64*)(second + i);
        *(Loose_f64*)out = (Loose_f64){a[0], b[0]};
        *(Loose_f64*)(out + step) = (Loose_f64){a[1], b[1]};
    }
    if (i < width) out[0] = first[i], out[1] = second[i];
}

/* All terms of `width` columns, a row of `out` for each column. There is room for two terms. */
static void sliding_write(const SlidingTerm* terms, Py_ssize_t count, Statistics of, Py_ssize_t width, V64* room,
                          double* out) {
    const Py_ssize_t pairs = (width + 1) / 2;
    Py_ssize_t t = 0;
    for (; t + 2 <= count; t += 2)
        sliding_place(sliding_term(terms[t], of, pairs, room), sliding_term(terms[t + 1], of, pairs, room + pairs),
                      width, out + t, count);
    if (t == count) return;
    const double* last = sliding_term(terms[t], of, pairs, room);
    for (Py_ssize_t i = 0; i < width; i++) out[i * count + t] = last[i];
}

#endif
