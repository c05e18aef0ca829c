/* Four complex points at a time, in vectors: real and imaginary parts apart. Once for each precision. */

typedef struct {
    R *re, *im;
} FN(Parts);

typedef struct {
    V re, im;
} FN(Point);

typedef struct {
    FN(Point) a, b, c, d;
} FN(Four);

typedef V FN(Aligned) __attribute__((may_alias));

/* From tables and buffers, whose vectors lie at multiples of their size: then the load is part of the arithmetic. */
INLINE V FN(load_aligned)(const R* x) { return *(const FN(Aligned)*)x; }
INLINE void FN(put)(R* to, V values) { *(FN(Loose)*)to = values; }

#if REAL_BITS == 64
INLINE V FN(evens)(V a, V b) { return SHUFFLE(Mask_f64, a, b, 0, 2); }
INLINE V FN(odds)(V a, V b) { return SHUFFLE(Mask_f64, a, b, 1, 3); }
INLINE V FN(backwards)(V a) { return SHUFFLE(Mask_f64, a, a, 1, 0); }

/* a, b, c, d of the first lane, then those of the next. */
INLINE void FN(across)(V a, V b, V c, V d, V y[4]) {
    y[0] = FN(evens)(a, b);
    y[1] = FN(evens)(c, d);
    y[2] = FN(odds)(a, b);
    y[3] = FN(odds)(c, d);
}
#else
INLINE V FN(evens)(V a, V b) { return SHUFFLE(Mask_f32, a, b, 0, 2, 4, 6); }
INLINE V FN(odds)(V a, V b) { return SHUFFLE(Mask_f32, a, b, 1, 3, 5, 7); }
INLINE V FN(backwards)(V a) { return SHUFFLE(Mask_f32, a, a, 3, 2, 1, 0); }

INLINE void FN(across)(V a, V b, V c, V d, V y[4]) {
    const V ab = SHUFFLE(Mask_f32, a, b, 0, 4, 1, 5), ab_high = SHUFFLE(Mask_f32, a, b, 2, 6, 3, 7);
    const V cd = SHUFFLE(Mask_f32, c, d, 0, 4, 1, 5), cd_high = SHUFFLE(Mask_f32, c, d, 2, 6, 3, 7);
    y[0] = SHUFFLE(Mask_f32, ab, cd, 0, 1, 4, 5);
    y[1] = SHUFFLE(Mask_f32, ab, cd, 2, 3, 6, 7);
    y[2] = SHUFFLE(Mask_f32, ab_high, cd_high, 0, 1, 4, 5);
    y[3] = SHUFFLE(Mask_f32, ab_high, cd_high, 2, 3, 6, 7);
}
#endif

INLINE FN(Point) FN(plus)(FN(Point) a, FN(Point) b) { return (FN(Point)){a.re + b.re, a.im + b.im}; }
INLINE FN(Point) FN(minus)(FN(Point) a, FN(Point) b) { return (FN(Point)){a.re - b.re, a.im - b.im}; }
INLINE FN(Point) FN(less_quarter)(FN(Point) a) { return (FN(Point)){a.im, -a.re}; } /* times -i */

/* Times a twiddle: LANES real parts, then LANES imaginary ones. */
INLINE FN(Point) FN(turned)(FN(Point) a, const R* twiddle) {
    const V re = FN(load_aligned)(twiddle), im = FN(load_aligned)(twiddle + LANES);
    return (FN(Point)){a.re * re - a.im * im, a.re * im + a.im * re};
}

/* The transform of four points. */
INLINE FN(Four) FN(transformed)(FN(Four) x) {
    const FN(Point) even = FN(plus)(x.a, x.c), odd = FN(plus)(x.b, x.d);
    const FN(Point) apart = FN(minus)(x.a, x.c), across = FN(less_quarter)(FN(minus)(x.b, x.d));
    return (FN(Four)){FN(plus)(even, odd), FN(plus)(apart, across), FN(minus)(even, odd), FN(minus)(apart, across)};
}

/* The same where c and d are 0: no compiler may leave out adding a 0, which could change the sign of another. */
INLINE FN(Four) FN(transformed_half)(FN(Point) a, FN(Point) b) {
    const FN(Point) across = FN(less_quarter)(b);
    return (FN(Four)){FN(plus)(a, b), FN(plus)(a, across), FN(minus)(a, b), FN(minus)(a, across)};
}

INLINE FN(Four) FN(all_turned)(FN(Four) x, const R* twiddles) {
    return (FN(Four)){
        x.a,
        FN(turned)(x.b, twiddles),
        FN(turned)(x.c, twiddles + 2 * LANES),
        FN(turned)(x.d, twiddles + 4 * LANES),
    };
}

INLINE FN(Point) FN(point)(FN(Parts) x, Py_ssize_t at) {
    return (FN(Point)){FN(load)(x.re + at), FN(load)(x.im + at)};
}

INLINE void FN(put_point)(FN(Parts) y, Py_ssize_t at, FN(Point) x) {
    FN(put)(y.re + at, x.re);
    FN(put)(y.im + at, x.im);
}

/* In woven points vectors of real and of imaginary parts take turns: half as many places to keep track of. */
INLINE FN(Point) FN(woven)(const R* x, Py_ssize_t at) {
    return (FN(Point)){FN(load_aligned)(x + 2 * at), FN(load_aligned)(x + 2 * at + LANES)};
}

INLINE void FN(weave)(R* y, Py_ssize_t at, FN(Point) x) {
    FN(put)(y + 2 * at, x.re);
    FN(put)(y + 2 * at + LANES, x.im);
}

INLINE FN(Four) FN(four_woven)(const R* x, Py_ssize_t at, Py_ssize_t step) {
    return (FN(Four)){
        FN(woven)(x, at),
        FN(woven)(x, at + step),
        FN(woven)(x, at + 2 * step),
        FN(woven)(x, at + 3 * step),
    };
}

/* Weaves a, b, c, d of the first lane, then those of the next. */
INLINE void FN(weave_across)(R* y, FN(Four) x) {
    V re[4], im[4];
    FN(across)(x.a.re, x.b.re, x.c.re, x.d.re, re);
    FN(across)(x.a.im, x.b.im, x.c.im, x.d.im, im);
    for (int i = 0; i < 4; i++) FN(weave)(y, i * LANES, (FN(Point)){re[i], im[i]});
}

INLINE void FN(put_four)(FN(Parts) y, Py_ssize_t at, Py_ssize_t step, FN(Four) x) {
    FN(put_point)(y, at, x.a);
    FN(put_point)(y, at + step, x.b);
    FN(put_point)(y, at + 2 * step, x.c);
    FN(put_point)(y, at + 3 * step, x.d);
}
