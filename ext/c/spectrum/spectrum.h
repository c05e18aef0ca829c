/* The power in each bin through a Hann window, and what is made of it. Once for each precision.
 *
 * The window is applied to the bins: in the frequency domain it is a sum of three neighbours, exact for any values.
 * Power is kept as |8 W|^2, half of that at the ends, which have no image: what it is to be multiplied by is for later.
 */

#ifndef SPECTRUM_H
#define SPECTRUM_H

#define SURVEYED 128 /* bins in a block: short enough for sums in single precision */

/* What one look at the power finds. */
typedef struct {
    double total;
    double moment; /* sum of power * bin */
    Py_ssize_t highest;
} Survey;

#endif

/* Of the bins 0 .. n / 2; what follows in `power`, up to a whole number of vectors and one more, is to stay 0. */
static void FN(find_power)(FN(Parts) bins, Py_ssize_t n, R* restrict power) {
    const R *restrict re = bins.re, *restrict im = bins.im;
    const Py_ssize_t last = n / 2;
    for (Py_ssize_t k = 0; k <= last; k++) {
        const R real = (re[k] - re[k - 1]) + (re[k] - re[k + 1]);
        const R imaginary = (im[k] - im[k - 1]) + (im[k] - im[k + 1]);
        power[k] = real * real + imaginary * imaginary;
    }
    power[0] /= 2;
    if (n % 2 == 0) power[last] /= 2;
}

/* Looks from the highest bin down, so that adding up the sums so far weights each bin by its place. */
static Survey FN(survey)(const R* power, Py_ssize_t count) {
    Survey found = {0, 0, 0};
    R highest = 0;
    for (Py_ssize_t stop = WHOLE(count), start; stop > 0; stop = start) {
        V sum = {0}, sums = {0}, high = {0};
        start = (stop - 1) / SURVEYED * SURVEYED;
        for (Py_ssize_t k = stop - LANES; k >= start; k -= LANES) {
            const V here = FN(load)(power + k);
            sum += here;
            sums += sum;
            high = FN(higher)(high, here);
        }
        const double total = FN(total)(sum);
        found.total += total;
        found.moment += (double)start * total + LANES * (FN(total)(sums) - total);
        for (int lane = 1; lane < LANES; lane++) found.moment += lane * (double)sum[lane];
        if (FN(highest)(high) >= highest) {
            highest = FN(highest)(high);
            found.highest = start;
        }
    }
    while (power[found.highest] < highest) found.highest++;
    return found;
}

/* The entropy of the distribution of power over the bins from 1 to `last`, as part of the largest possible one. */
static double FN(entropy)(const R* power, Py_ssize_t last, double total, const double* table) {
    if (last < 2 || !(total > 0)) return NAN;
    const int exponent = ilogb(total);
    const V less = FN(all)((R)exponent); /* logarithms near 0: single precision has digits to lose */
    double sum = 0;
    for (Py_ssize_t start = 1; start <= last; start += SURVEYED) {
        const Py_ssize_t stop = last + 1 - start < SURVEYED ? last + 1 : start + SURVEYED;
        V block = {0};
        for (Py_ssize_t k = start; k < stop; k += LANES)
            block += FN(load)(power + k) * FN(logarithms)(power + k, table, less);
        sum += FN(total)(block);
    }
    return (log2(total) - exponent - sum / total) / log2((double)last);
}
