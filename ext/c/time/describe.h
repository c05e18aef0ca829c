/* From a window's values to its features. Once for each precision. */

#ifndef DESCRIBE_H
#define DESCRIBE_H

#define AS_THEY_ARE (NEED_MAGNITUDES | NEED_ROOTS | NEED_STEPS | NEED_SLOPE)

/* Where the percentile lies among n ascending values. */
static double rank_of(double percent, Py_ssize_t n) {
    return (double)(n - 1) * (percent < 0 ? 0 : percent > 100 ? 1 : percent / 100);
}

#endif

#undef WIDEST
#define WIDEST (REAL_BITS == 64 ? 1000 : 120) /* exponent of a unit */

/* The first sweep, as one of those that are compiled: what is needed, or a little more. */
static void FN(look)(const R* x, int needs, Findings* found) {
    const double n = (double)found->n;
    switch (needs & AS_THEY_ARE) {
    case 0: FN(sweep)(x, 0, found); break;
    case NEED_MAGNITUDES: FN(sweep)(x, NEED_MAGNITUDES, found); break;
    case NEED_STEPS: FN(sweep)(x, NEED_STEPS, found); break;
    case NEED_SLOPE: FN(sweep)(x, NEED_SLOPE, found); break;
    default:
        if (needs & NEED_ROOTS) FN(sweep)(x, AS_THEY_ARE, found);
        else FN(sweep)(x, AS_THEY_ARE & ~NEED_ROOTS, found);
    }
    found->offset /= n;
    found->magnitudes /= n;
    found->roots /= n;
    found->mean = x[0] + found->offset;
    found->slope = found->along * 12 / (n * (n * n - 1));
}

/* The second sweep; its unit is a power of two, so that it costs no digit. */
static void FN(look_around)(const R* x, int needs, Findings* found) {
    int exponent;
    frexp(found->high - found->low, &exponent);
    const double unit = ldexp(1, exponent < -WIDEST ? WIDEST : exponent > WIDEST ? -WIDEST : -exponent);
    if (needs & NEED_SHAPE) FN(sweep_around)(x, found->offset, unit, NEED_SHAPE, found);
    else FN(sweep_around)(x, found->offset, unit, 0, found);
    settle(found, unit);
}

static int FN(finite)(const R* x, Py_ssize_t n) {
    R difference = 0;
    for (Py_ssize_t i = 0; i < n; i++) difference += x[i] - x[i];
    return difference == 0;
}

/* The percentiles, which are in ascending order, as many at a time as may be wanted together. */
static void FN(rank)(
    const TemporalTerm* terms, Py_ssize_t count, const R* x, const Findings* found, void* scratch, double* out
) {
    const Py_ssize_t n = found->n;
    R *list = scratch, *spare = list + n, values[RANKS];
    unsigned char* buckets = (unsigned char*)(spare + n);
    for (Py_ssize_t first = 0, past = 0; first < count; first = past) {
        Py_ssize_t ranks[RANKS];
        int many = 0;
        for (; past < count && many < RANKS; past++) {
            const Py_ssize_t rank = (Py_ssize_t)rank_of(terms[past].parameter, n);
            if (many && ranks[many - 2] == rank) continue;
            ranks[many++] = rank;
            ranks[many++] = rank + 1 < n ? rank + 1 : rank;
        }
        if (n <= SORTABLE) {
            memcpy(list, x, n * sizeof(R));
            FN(select_in)(list, n, ranks, many, values, spare, buckets, SPLITS);
        } else
            FN(select)(x, n, (R)found->low, (R)found->high, ranks, many, values, list, spare, buckets, SPLITS);
        for (int at = 0; first < past; first++) {
            const double place = rank_of(terms[first].parameter, n);
            while (ranks[at] != (Py_ssize_t)place) at += 2;
            const double value = values[at] + ((double)values[at + 1] - values[at]) * (place - (double)ranks[at]);
            out[terms[first].place] = value * terms[first].scale;
        }
    }
}

/* Writes the terms of n > 0 values, scaled, into their places; gives the mean. When a value is not finite, everything
 * is NaN. `scratch` has temporal_scratch(n) bytes. */
static inline double FN(temporal_run)(
    const TemporalTerm* terms, Py_ssize_t count, int needs, const R* x, Py_ssize_t n, void* scratch, double* out
) {
    Findings found = {.n = n};
    FN(look)(x, needs, &found);
    if (!isfinite(found.offset) && !FN(finite)(x, n)) {
        for (Py_ssize_t i = 0; i < count; i++) out[terms[i].place] = NAN;
        return NAN;
    }
    if (needs & NEED_SPREAD) FN(look_around)(x, needs, &found);
    Py_ssize_t i = 0;
    for (; i < count && terms[i].parameter < 0; i++)
        out[terms[i].place] = feature_of(terms[i].kind, &found) * terms[i].scale;
    FN(rank)(terms + i, count - i, x, &found, scratch, out);
    return found.mean;
}
