/* What there is no operator for in vectors of LANES numbers (real.h). Once for each precision, however often included. */

#ifndef LANES_H
#define LANES_H

#include <math.h>
#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define INLINE static inline __attribute__((always_inline))

#if defined(__clang__) || __GNUC__ >= 12
#define SHUFFLE(Order, a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(Order, a, b, ...) __builtin_shuffle(a, b, (Order){__VA_ARGS__})
#endif

#endif

#if (REAL_BITS == 64 && !defined(LANES_64)) || (REAL_BITS == 32 && !defined(LANES_32))

#if REAL_BITS == 64
#define LANES_64
typedef int64_t Integer_f64;
typedef int64_t Mask_f64 __attribute__((vector_size(16)));
typedef uint64_t Bits_f64 __attribute__((vector_size(16)));
#define MOST_f64 INT64_MAX
#else
#define LANES_32
typedef int32_t Integer_f32;
typedef int32_t Mask_f32 __attribute__((vector_size(16)));
typedef uint32_t Bits_f32 __attribute__((vector_size(16)));
#define MOST_f32 INT32_MAX
#endif

typedef V FN(Loose) __attribute__((aligned(sizeof(R)), may_alias));

/* The vector at x, which need not be aligned to more than its numbers. */
INLINE V FN(load)(const R* x) { return *(const FN(Loose)*)x; }

INLINE V FN(all)(R value) { return value - (V){0}; }

INLINE V FN(magnitude)(V x) { return (V)((FN(Mask))x & FN(MOST)); }

/* The first of two equal or unordered numbers may be either. */
#if defined(__SSE2__) && REAL_BITS == 64
INLINE V FN(lower)(V a, V b) { return (V)_mm_min_pd((__m128d)a, (__m128d)b); }
INLINE V FN(higher)(V a, V b) { return (V)_mm_max_pd((__m128d)a, (__m128d)b); }
INLINE V FN(root)(V x) { return (V)_mm_sqrt_pd((__m128d)x); }
#elif defined(__SSE2__)
INLINE V FN(lower)(V a, V b) { return (V)_mm_min_ps((__m128)a, (__m128)b); }
INLINE V FN(higher)(V a, V b) { return (V)_mm_max_ps((__m128)a, (__m128)b); }
INLINE V FN(root)(V x) { return (V)_mm_sqrt_ps((__m128)x); }
#elif defined(__aarch64__) && REAL_BITS == 64
INLINE V FN(lower)(V a, V b) { return (V)vminq_f64((float64x2_t)a, (float64x2_t)b); }
INLINE V FN(higher)(V a, V b) { return (V)vmaxq_f64((float64x2_t)a, (float64x2_t)b); }
INLINE V FN(root)(V x) { return (V)vsqrtq_f64((float64x2_t)x); }
#elif defined(__aarch64__)
INLINE V FN(lower)(V a, V b) { return (V)vminq_f32((float32x4_t)a, (float32x4_t)b); }
INLINE V FN(higher)(V a, V b) { return (V)vmaxq_f32((float32x4_t)a, (float32x4_t)b); }
INLINE V FN(root)(V x) { return (V)vsqrtq_f32((float32x4_t)x); }
#else
INLINE V FN(lower)(V a, V b) {
    const FN(Mask) first = a < b;
    return (V)((first & (FN(Mask))a) | (~first & (FN(Mask))b));
}
INLINE V FN(higher)(V a, V b) {
    const FN(Mask) first = a > b;
    return (V)((first & (FN(Mask))a) | (~first & (FN(Mask))b));
}
INLINE V FN(root)(V x) {
    for (int lane = 0; lane < LANES; lane++) x[lane] = (R)sqrt(x[lane]);
    return x;
}
#endif

/* In double precision. */
INLINE double FN(total)(V x) {
    double sum = x[0];
    for (int lane = 1; lane < LANES; lane++) sum += x[lane];
    return sum;
}

INLINE R FN(lowest)(V x) {
    R found = x[0];
    for (int lane = 1; lane < LANES; lane++) found = x[lane] < found ? x[lane] : found;
    return found;
}

INLINE R FN(highest)(V x) {
    R found = x[0];
    for (int lane = 1; lane < LANES; lane++) found = x[lane] > found ? x[lane] : found;
    return found;
}

#endif
