/* The precision that the kernel headers behind it are compiled for: they are included once for each REAL_BITS.
 *
 * R is a number, V a vector of LANES numbers (16 bytes, which every 64-bit processor has), FN(name) the name of a
 * function or type in this precision.
 */

#ifndef REAL_TYPES
#define REAL_TYPES
typedef double V64 __attribute__((vector_size(16)));
typedef float V32 __attribute__((vector_size(16)));
#endif

#undef R
#undef V
#undef LANES
#undef FN

#if REAL_BITS == 64
#define R double
#define V V64
#define LANES 2
#define FN(name) name##_f64
#elif REAL_BITS == 32
#define R float
#define V V32
#define LANES 4
#define FN(name) name##_f32
#else
#error "REAL_BITS is 64 or 32"
#endif
