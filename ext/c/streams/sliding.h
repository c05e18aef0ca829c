/* The features of those rows of a TwoStack that lie in a window. */

#ifndef SLIDING_H
#define SLIDING_H

#include "two_stack.h"

#define STRIP 16 /* pairs of columns of which all terms are written before the next */

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

/* The rows of a window in two parts, of a and b rows, n = a + b, with moments about the same origin. */
typedef struct {
    const Aggregate *older, *newer;
    const V64* origin;
    double share;                  /* 1 / n */
    double from_older, from_newer; /* b / (n sqrt(ab)) and a / (n sqrt(ab)) */
} Parts;

/* Of all rows of a window, of two columns. */
typedef struct {
    V64 mean, variance, low, high;
} Statistics;

static Parts sliding_parts(const Aggregate* older, Py_ssize_t a, const Aggregate* newer, Py_ssize_t b,
                           const V64* origin) {
    const double share = 1.0 / (a + b), apart = b ? share / sqrt((double)a * b) : 0.0;
    return (Parts){older, newer, origin, share, b * apart, a * apart};
}

/* Whether the window (after, until] is what remains when old rows are dropped. */
static int sliding_goes_on(const TwoStack* stack, long long after, long long until) {
    const Py_ssize_t held = stack->older + stack->newer;
    return stack->run >= stack->kept && stack_stamp(stack, 1) <= until &&
           (held == stack->kept || stack_stamp(stack, held + 1) <= after);
}

/* The rows in (after, until], wherever they are in the ring, folded anew in `scratch`. Returns how many there are. */
static Py_ssize_t sliding_search(const TwoStack* stack, long long after, long long until, Aggregate* scratch,
                                 Parts* parts) {
    const V64* origin = NULL;
    Py_ssize_t n = 0;
    stack_clear(scratch, stack->pairs);
    for (Py_ssize_t age = stack->kept; age > 0; age--) {
        if (stack_stamp(stack, age) <= after || stack_stamp(stack, age) > until) continue;
        if (!n) origin = stack_row(stack, age);
        stack_fold_rows(stack, scratch, n++, age, 1, 1, origin, scratch, 0);
    }
    if (n) *parts = sliding_parts(scratch, n, stack->checkpoints, 0, origin);
    return n;
}

/* The rows with stamps in (after, until]. Returns how many there are; of none there are no parts. */
static Py_ssize_t sliding_find(TwoStack* stack, long long after, long long until, Aggregate* scratch, Parts* parts) {
    if (!stack->kept) return 0;
    if (!sliding_goes_on(stack, after, until)) return sliding_search(stack, after, until, scratch, parts);
    stack_expire(stack, after);
    const Py_ssize_t held = stack->older + stack->newer;
    if (!held) return 0;
    stack_settle(stack);
    *parts = sliding_parts(stack_older(stack), stack->older, stack->running, stack->newer, stack_origin(stack));
    return held;
}

/* Both parts together, by the formula of Chan, Golub and LeVeque (1983): `apart`, squared, is what the distance of the
 * parts' means adds to the variance. */
INLINE Statistics sliding_merge(const Parts* of, Py_ssize_t i) {
    const Aggregate older = of->older[i], newer = of->newer[i];
    const V64 apart = newer.sum * of->from_newer - older.sum * of->from_older;
    return (Statistics){
        of->origin[i] + (older.sum + newer.sum) * of->share,
        (older.spread + newer.spread) * of->share + apart * apart,
        lower_f64(older.low, newer.low),
        higher_f64(older.high, newer.high),
    };
}

INLINE V64 sliding_rms(Statistics of) { return root_f64(of.mean * of.mean + of.variance); }

INLINE V64 sliding_peak(Statistics of) { return higher_f64(of.high, -of.low); }

/* The bits of a true comparison are those of a NaN: there is no crest above an rms of 0. */
INLINE V64 sliding_crest(V64 peak, V64 rms) { return (V64)((Mask_f64)(peak / rms) | (rms == 0.0)); }

/* One term of each column, `step` from one column to the next. */
static void sliding_term(SlidingTerm term, const Parts* parts, Py_ssize_t width, double* out, Py_ssize_t step) {
#define EACH(value)                                           \
    for (Py_ssize_t c = 0; c < width; c += 2) {               \
        const Statistics of = sliding_merge(parts, c / 2);    \
        const V64 x = (value) * term.scale;                   \
        out[c * step] = x[0];                                 \
        if (c + 1 < width) out[(c + 1) * step] = x[1];        \
    }                                                         \
    break
    switch (term.kind) {
        case SLIDING_MEAN: EACH(of.mean);
        case SLIDING_STD: EACH(root_f64(of.variance));
        case SLIDING_MIN: EACH(of.low);
        case SLIDING_MAX: EACH(of.high);
        case SLIDING_RMS: EACH(sliding_rms(of));
        case SLIDING_PEAK: EACH(sliding_peak(of));
        case SLIDING_PEAK_TO_PEAK: EACH(of.high - of.low);
        default: EACH(sliding_crest(sliding_peak(of), sliding_rms(of)));
    }
#undef EACH
}

/* Whether the terms are mean, std, min and max. */
static int sliding_are_usual(const SlidingTerm* terms, Py_ssize_t count) {
    int usual = count == 4;
    for (int t = 0; usual && t < 4; t++) usual = terms[t].kind == SLIDING_MEAN + t && terms[t].scale == 1.0;
    return usual;
}

/* The usual terms of two columns. */
INLINE void sliding_put(Statistics of, double* out) {
    const V64 std = root_f64(of.variance);
    Loose_f64* to = (Loose_f64*)out;
    to[0] = SHUFFLE(Mask_f64, of.mean, std, 0, 2);
    to[1] = SHUFFLE(Mask_f64, of.low, of.high, 0, 2);
    to[2] = SHUFFLE(Mask_f64, of.mean, std, 1, 3);
    to[3] = SHUFFLE(Mask_f64, of.low, of.high, 1, 3);
}

/* The usual terms of all columns, which are faster at once: nothing is merged twice, and roots take their time. */
static void sliding_write_usual(const Parts* parts, Py_ssize_t width, double* out) {
    const Py_ssize_t whole = width / 2;
    double last[8];
    for (Py_ssize_t i = 0; i < whole; i++) sliding_put(sliding_merge(parts, i), out + 8 * i);
    if (width % 2 == 0) return;
    sliding_put(sliding_merge(parts, whole), last);
    memcpy(out + 8 * whole, last, sizeof(last) / 2);
}

/* All terms of `width` columns, a row of `out` for each column; some columns at a time, which a cache holds. */
static void sliding_write(const SlidingTerm* terms, Py_ssize_t count, Parts parts, Py_ssize_t width, double* out) {
    if (sliding_are_usual(terms, count)) {
        sliding_write_usual(&parts, width, out);
        return;
    }
    for (Py_ssize_t c = 0; c < width; c += 2 * STRIP) {
        const Py_ssize_t some = width - c < 2 * STRIP ? width - c : 2 * STRIP;
        for (Py_ssize_t t = 0; t < count; t++) sliding_term(terms[t], &parts, some, out + c * count + t, count);
        parts.older += STRIP, parts.newer += STRIP, parts.origin += STRIP;
    }
}

#endif
