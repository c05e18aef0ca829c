/* The fast Fourier transform of a power of two: Stockham's, which sorts itself on its way, four points at a time.
 *
 * A pass takes `stride` interleaved transforms of `size` points apart into 4 * stride of size / 4, from one buffer into
 * the other; the last pass does 4 or 8 points. LANES points go through the arithmetic together: in the first pass those
 * of one transform, later those of LANES transforms, which share their twiddles. Twiddles are kept in the order of
 * their use, repeated for all lanes. Once for each precision.
 */

#ifndef FFT_H
#define FFT_H

#include <math.h>

/* What the first pass reads: real values, the even ones as real and the odd ones as imaginary parts, less their mean;
 * or the first half of the points of a transform, the others being 0. */
typedef enum { FROM_VALUES, FROM_HALF } Entrance;

#endif

/* LANES points of the real values at x. Single precision takes the mean off in two parts, the second below its bits. */
INLINE FN(Point) FN(entering)(const R* x, V mean, V rest) {
    V first = FN(load)(x) - mean, second = FN(load)(x + LANES) - mean;
    if (LANES == 4) {
        first -= rest;
        second -= rest;
    }
    return (FN(Point)){FN(evens)(first, second), FN(odds)(first, second)};
}

INLINE FN(Four) FN(four_entering)(const R* x, Py_ssize_t step, V mean, V rest) {
    return (FN(Four)){
        FN(entering)(x, mean, rest),
        FN(entering)(x + 2 * step, mean, rest),
        FN(entering)(x + 4 * step, mean, rest),
        FN(entering)(x + 6 * step, mean, rest),
    };
}

INLINE void FN(first_pass)(const FN(Fft)* fft, const Entrance entrance, FN(Parts) x, double mean, R* y) {
    const Py_ssize_t step = fft->points / 4;
    const R* twiddles = fft->twiddles;
    const V rounded = FN(all)((R)mean), rest = FN(all)((R)(mean - (R)mean));
    for (Py_ssize_t k = 0; k < step; k += LANES, twiddles += 6 * LANES) {
        const FN(Four) four = entrance == FROM_VALUES
            ? FN(transformed)(FN(four_entering)(x.re + 2 * k, step, rounded, rest))
            : FN(transformed_half)(FN(point)(x, k), FN(point)(x, k + step));
        FN(weave_across)(y + 8 * k, FN(all_turned)(four, twiddles));
    }
}

static const R* FN(middle_pass)(Py_ssize_t size, Py_ssize_t stride, const R* twiddles, const R* x, R* y) {
    const Py_ssize_t step = size / 4 * stride;
    for (const R* end = x + 2 * step; x < end; y += 6 * stride, twiddles += 6 * LANES)
        for (const R* next = x + 2 * stride; x < next; x += 2 * LANES, y += 2 * LANES) {
            const FN(Four) out = FN(all_turned)(FN(transformed)(FN(four_woven)(x, 0, step)), twiddles);
            FN(weave)(y, 0, out.a);
            FN(weave)(y, stride, out.b);
            FN(weave)(y, 2 * stride, out.c);
            FN(weave)(y, 3 * stride, out.d);
        }
    return twiddles;
}

static void FN(last_four)(Py_ssize_t stride, const R* x, FN(Parts) y) {
    for (Py_ssize_t lane = 0; lane < stride; lane += LANES)
        FN(put_four)(y, lane, stride, FN(transformed)(FN(four_woven)(x, lane, stride)));
}

/* Of eight points: the sums of opposite ones give the even bins; their differences, turned, the odd ones. */
static void FN(last_eight)(Py_ssize_t stride, const R* x, FN(Parts) y) {
    const V half_root = FN(all)((R)M_SQRT1_2);
    for (Py_ssize_t lane = 0; lane < stride; lane += LANES) {
        const FN(Four) near = FN(four_woven)(x, lane, stride), far = FN(four_woven)(x, lane + 4 * stride, stride);
        const FN(Four) sums = {
            FN(plus)(near.a, far.a), FN(plus)(near.b, far.b), FN(plus)(near.c, far.c), FN(plus)(near.d, far.d)
        };
        FN(put_four)(y, lane, 2 * stride, FN(transformed)(sums));
        const FN(Point) b = FN(minus)(near.b, far.b), d = FN(minus)(near.d, far.d);
        const FN(Four) apart = {
            FN(minus)(near.a, far.a),
            {(b.re + b.im) * half_root, (b.im - b.re) * half_root},
            FN(less_quarter)(FN(minus)(near.c, far.c)),
            {(d.im - d.re) * half_root, -(d.re + d.im) * half_root},
        };
        FN(put_four)(y, lane + stride, 2 * stride, FN(transformed)(apart));
    }
}

/* Few points, by the definition. */
static void FN(transform_tiny)(const FN(Fft)* fft, Entrance entrance, FN(Parts) x, double mean, FN(Parts) y) {
    const Py_ssize_t n = fft->points, given = entrance == FROM_HALF ? n / 2 : n;
    for (Py_ssize_t k = 0; k < n; k++) {
        double re = 0, im = 0;
        for (Py_ssize_t j = 0; j < given; j++) {
            const double x_re = entrance == FROM_HALF ? x.re[j] : x.re[2 * j] - mean;
            const double x_im = entrance == FROM_HALF ? x.im[j] : x.re[2 * j + 1] - mean;
            const R* twiddle = fft->twiddles + 2 * (j * k % n);
            re += x_re * twiddle[0] - x_im * twiddle[1];
            im += x_re * twiddle[1] + x_im * twiddle[0];
        }
        y.re[k] = (R)re;
        y.im[k] = (R)im;
    }
}

/* Transforms x, which stays as it is, to y; a and b are buffers for twice as many numbers as points. */
static void FN(fft_run)(
    const FN(Fft)* fft, const Entrance entrance, FN(Parts) x, double mean, R* a, R* b, FN(Parts) y
) {
    if (fft->points <= TINY) {
        FN(transform_tiny)(fft, entrance, x, mean, y);
        return;
    }
    if (entrance == FROM_VALUES) FN(first_pass)(fft, FROM_VALUES, x, mean, a);
    else FN(first_pass)(fft, FROM_HALF, x, mean, a);
    Py_ssize_t size = fft->points / 4, stride = 4;
    const R* twiddles = fft->twiddles + 6 * size;
    for (; size > 8; size /= 4, stride *= 4) {
        twiddles = FN(middle_pass)(size, stride, twiddles, a, b);
        R* done = b;
        b = a;
        a = done;
    }
    if (size == 8) FN(last_eight)(stride, a, y);
    else FN(last_four)(stride, a, y);
}
