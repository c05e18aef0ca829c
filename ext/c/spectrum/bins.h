/* The bins of real values, doubled: by a transform of half as many complex points, or from elsewhere.
 *
 * Each array of bins has LANES places before its first one and after its last one. Once for each precision.
 */

typedef struct {
    Py_ssize_t n;
    FN(Fft) half;
    FN(Parts) turns; /* -i exp(-2 pi i k / n) */
    FN(Parts) z;     /* the transform of the even values, and of the odd ones times i */
    R *a, *b;        /* buffers */
    R* memory;
} FN(RealFft);

static void FN(real_fft_free)(FN(RealFft)* fft) {
    free(fft->half.twiddles);
    free(fft->memory);
}

/* Parts of so many points from `next` on, which is moved on, with room around them. */
static FN(Parts) FN(carve)(R** next, Py_ssize_t points) {
    const Py_ssize_t room = WHOLE(points) + 2 * LANES;
    const FN(Parts) parts = {*next + LANES, *next + LANES + room};
    *next += 2 * room;
    return parts;
}

/* For n values, a power of two; 0, or -1 when there is no memory. n = 1 has a bin, which is 0, and no transform. */
static int FN(real_fft_init)(FN(RealFft)* fft, Py_ssize_t n) {
    const Py_ssize_t points = n / 2, turns = points / 2 + LANES;
    fft->n = n;
    if (n < 2) return 0;
    fft->memory = calloc((size_t)(6 * points + 2 * turns + 16 * LANES), sizeof(R));
    if (!fft->memory || FN(fft_init)(&fft->half, points)) return -1;
    R* next = fft->memory;
    fft->turns = FN(carve)(&next, turns);
    fft->z = FN(carve)(&next, points + 1);
    fft->a = next;
    fft->b = next + 2 * WHOLE(points);
    for (Py_ssize_t k = 0; k < turns; k++) {
        double re, im;
        unit(k, n, &re, &im);
        fft->turns.re[k] = (R)im;
        fft->turns.im[k] = (R)-re;
    }
    return 0;
}

/* Takes the transforms of the even and of the odd values apart, which are those of real values and so have mirror
 * images, and joins them: bins from both ends on at once, to the middle. */
static void FN(untangle)(const FN(RealFft)* fft, FN(Parts) bins) {
    const Py_ssize_t points = fft->n / 2;
    const FN(Parts) z = fft->z;
    z.re[points] = z.re[0];
    z.im[points] = z.im[0];
    for (Py_ssize_t k = 0, mirror = points - LANES + 1; k <= points / 2; k += LANES, mirror -= LANES) {
        const FN(Point) here = FN(point)(z, k), there = FN(point)(z, mirror), turn = FN(point)(fft->turns, k);
        const V re = FN(backwards)(there.re), im = FN(backwards)(there.im);
        const FN(Point) even = {here.re + re, here.im - im}, odd = {here.re - re, here.im + im};
        const FN(Point) joined = {odd.re * turn.re - odd.im * turn.im, odd.re * turn.im + odd.im * turn.re};
        const FN(Point) back = FN(minus)(even, joined);
        FN(put_point)(bins, k, FN(plus)(even, joined));
        FN(put)(bins.re + mirror, FN(backwards)(back.re));
        FN(put)(bins.im + mirror, FN(backwards)(-back.im));
    }
}

/* What the mean has left in bin 0 is rounding; next to the ends are the mirror images of the bins within. */
static void FN(close_bins)(FN(Parts) bins, Py_ssize_t n) {
    const Py_ssize_t last = n / 2, image = n - last - 1;
    bins.re[0] = bins.im[0] = 0;
    bins.re[last + 1] = bins.re[image];
    bins.im[last + 1] = -bins.im[image];
    bins.re[-1] = bins.re[1];
    bins.im[-1] = -bins.im[1];
}

/* The bins of values - mean. */
static void FN(bins_of_values)(const FN(RealFft)* fft, const R* values, double mean, FN(Parts) bins) {
    if (fft->n > 1) {
        const FN(Parts) x = {(R*)values, NULL}; /* only read */
        FN(fft_run)(&fft->half, FROM_VALUES, x, mean, fft->a, fft->b, fft->z);
        FN(untangle)(fft, bins);
    }
    FN(close_bins)(bins, fft->n);
}

#if REAL_BITS == 64
/* Those of another transform, as pairs. */
static void FN(bins_of_pairs)(const R* pairs, Py_ssize_t n, FN(Parts) bins) {
    for (Py_ssize_t k = 0; k <= n / 2; k++) {
        bins.re[k] = 2 * pairs[2 * k];
        bins.im[k] = 2 * pairs[2 * k + 1];
    }
    FN(close_bins)(bins, n);
}
#endif
