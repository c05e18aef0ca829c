/* Binary logarithms of whole vectors, less a whole number, without divisions: these cost much on small processors.
 *
 * Double precision: log2(m) = log2(c) + log2(m / c), where c is the middle of one of 256 parts of [1, 2), whose
 * reciprocal and logarithm are in a table; the error is 6.5e-13 at most, of both signs. Single precision: a polynomial
 * alone, to 3e-7. The logarithm of 0 is some finite number, so that 0 log 0 is 0. Once for each precision.
 */

#ifndef LOGARITHM_H
#define LOGARITHM_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#define PARTS 256
#define HALF_PART (1.0 / 512) /* |m / c - 1| is at most this */

/* Pairs: 1 / c, and the logarithm of c, which takes in the mean of the polynomial's error. */
static void make_logarithms(double table[2 * PARTS]) {
    for (int part = 0; part < PARTS; part++) {
        table[2 * part] = 1 / (1 + (2 * part + 1) * HALF_PART);
        table[2 * part + 1] = -log2(table[2 * part]) + M_LOG2E * pow(HALF_PART, 4) / 32;
    }
}

#endif

#if REAL_BITS == 64
/* log2(x) - less of the LANES numbers from x on, none below 0. */
INLINE V64 logarithms_f64(const double* x, const double* table, V64 less) {
    const Bits_f64 bits = (Bits_f64)load_f64(x);
    uint64_t words[2];
    memcpy(words, x, sizeof words);
    const V64 first = load_f64(table + (words[0] >> 43 & 510)), second = load_f64(table + (words[1] >> 43 & 510));
    const V64 mantissa = (V64)((bits & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000);
    const V64 exponent = (V64)(bits >> 52 | 0x4330000000000000) - (0x1p52 + 1023); /* as the end of a large number */
    const V64 z = mantissa * SHUFFLE(Mask_f64, first, second, 0, 2) - 1;
    /* The series of the logarithm, its fourth power spread over the others by Chebyshev's polynomial. */
    const V64 series = z * (M_LOG2E + z * (-M_LOG2E * (0.5 + HALF_PART * HALF_PART / 4) + z * (M_LOG2E / 3)));
    return exponent - less + (SHUFFLE(Mask_f64, first, second, 1, 3) + series);
}
#else
INLINE V32 logarithms_f32(const float* x, const double* table, V32 less) {
    (void)table;
    const Mask_f32 bits = (Mask_f32)load_f32(x), from_root = bits - 0x3F3504F3; /* from the root of a half on */
    const Mask_f32 exponent = from_root >> 23;
    const V32 z = (V32)((Bits_f32)bits - ((Bits_f32)exponent << 23)) - 1;
    /* Fitted to log2(1 + z) for mantissas from the root of a half to that of 2, for the least largest error. */
    const V32 high = 0.2972627f + z * (-0.2726979f + z * 0.1706340f);
    const V32 series = z * (1.4426997f + z * (-0.7213759f + z * (0.4804650f + z * (-0.3589618f + z * high))));
    return __builtin_convertvector(exponent, V32) - less + series;
}
#endif
