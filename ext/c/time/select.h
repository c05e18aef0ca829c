/* The values of some ranks, exactly, without sorting: count the values into buckets of equal width, gather those of
 * the few buckets that hold a wanted rank, and sort these. A bucket that holds too many (one spike, and all else is
 * in one) is split again by its own range; what does not yield to that is bisected. Once for each precision.
 */

#ifndef SELECT_H
#define SELECT_H

#define BUCKETS 256 /* so that the number of one is a byte */
#define PACK 16     /* such numbers in a vector */
#define TOGETHER 4  /* buckets looked for in one go */
#define SPLITS 3
#define SORTABLE 24 /* so many values or fewer are sorted as they are */
#define RANKS 16    /* wanted at once, at most */

typedef int64_t Key;
typedef unsigned char Bytes __attribute__((vector_size(PACK)));
typedef uint64_t Words __attribute__((vector_size(PACK)));

/* A bucket that holds wanted ranks: which, how many, and where its values are gathered. */
typedef struct {
    int bucket;
    int rank, ranks;
    Py_ssize_t below; /* values in the buckets before it */
    Py_ssize_t place, count;
} Wanted;

/* Finds the buckets of `count` ascending ranks; gives how many. */
static int find_wanted(const uint32_t* counts, const Py_ssize_t* ranks, int count, Wanted* wanted) {
    const uint32_t* at = counts;
    Py_ssize_t below = 0, place = 0;
    int many = 0;
    for (int rank = 0; rank < count; many++) {
        while (below + *at <= ranks[rank]) below += *at++;
        Wanted* found = &wanted[many];
        *found = (Wanted){(int)(at - counts), rank, 0, below, place, *at};
        for (; rank < count && ranks[rank] < below + *at; rank++) found->ranks++;
        place += *at;
        below += *at++;
    }
    return many;
}

#endif

#undef MAGIC
#if REAL_BITS == 64
#define MAGIC 0x1p52 /* a small number plus this has the number, rounded, in its lowest bits */
#else
#define MAGIC 0x1p23f
#endif

static void FN(sort)(R* x, Py_ssize_t n) {
    for (Py_ssize_t i = 1; i < n; i++) {
        const R value = x[i];
        Py_ssize_t at = i;
        for (; at && x[at - 1] > value; at--) x[at] = x[at - 1];
        x[at] = value;
    }
}

/* An integer that grows with the number, and back: the bits, those below the sign turned where it is set. */
INLINE Key FN(key)(R x) {
    FN(Integer) bits;
    memcpy(&bits, &x, sizeof bits);
    return bits < 0 ? FN(MOST) ^ bits : bits;
}

INLINE R FN(number)(Key key) {
    const FN(Integer) bits = (FN(Integer))(key < 0 ? FN(MOST) ^ key : key);
    R x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The value of one rank, after as many passes as a number has bits, or fewer. */
static R FN(bisect)(const R* x, Py_ssize_t n, R low, R high, Py_ssize_t rank) {
    Key from = FN(key)(low), to = FN(key)(high);
    while (from < to) {
        const Key middle = (from >> 1) + (to >> 1) + (from & to & 1);
        const R pivot = FN(number)(middle);
        Py_ssize_t below = 0;
        for (Py_ssize_t i = 0; i < n; i++) below += x[i] <= pivot;
        if (below > rank) to = middle;
        else from = middle + 1;
    }
    return FN(number)(from);
}

/* Finds the bucket of each value and counts them. A whole pack has its bytes in the order of the vectors' lanes:
 * byte b is that of value b % sizeof(R) * LANES + b / sizeof(R). */
static void FN(count)(const R* x, Py_ssize_t n, R low, R scale, unsigned char* buckets, uint32_t* counts) {
    const V lows = FN(all)(low), scales = FN(all)(scale), magic = FN(all)(MAGIC);
    FN(Bits) clean = {0};
    for (int j = 0; j < (int)sizeof(R); j++) clean ^= (FN(Bits))magic << 8 * j;
    Py_ssize_t i = 0;
    for (; i + PACK <= n; i += PACK) {
        FN(Bits) pack = clean;
#pragma GCC unroll 8
        for (int j = 0; j < (int)sizeof(R); j++)
            pack ^= (FN(Bits))((FN(load)(x + i + j * LANES) - lows) * scales + magic) << 8 * j;
        memcpy(buckets + i, &pack, PACK);
#pragma GCC unroll 16
        for (int j = 0; j < PACK; j++) counts[buckets[i + j]]++;
    }
    for (; i < n; i++) {
        const R place = (x[i] - low) * scale + MAGIC;
        memcpy(&buckets[i], &place, 1);
        counts[buckets[i]]++;
    }
}

/* Appends the values in up to TOGETHER buckets to their lists, which `cursors` point into. */
static void FN(gather)(
    const R* x, Py_ssize_t n, const unsigned char* buckets, const Wanted* wanted, int many, uint32_t* cursors, R* list
) {
    unsigned char sought[TOGETHER];
    for (int k = 0; k < TOGETHER; k++) sought[k] = wanted[k < many ? k : 0].bucket;
    Bytes any[TOGETHER];
    for (int k = 0; k < TOGETHER; k++) any[k] = sought[k] - (Bytes){0};
    Py_ssize_t i = 0;
    for (; i + PACK <= n; i += PACK) {
        Bytes pack;
        memcpy(&pack, buckets + i, PACK);
        const Words hits = (Words)((pack == any[0]) | (pack == any[1]) | (pack == any[2]) | (pack == any[3]));
        if (!(hits[0] | hits[1])) continue;
        for (int half = 0; half < 2; half++)
            for (uint64_t word = hits[half] & 0x0101010101010101; word; word &= word - 1) {
                const int byte = 8 * half + __builtin_ctzll(word) / 8;
                list[cursors[buckets[i + byte]]++] = x[i + byte % sizeof(R) * LANES + byte / sizeof(R)];
            }
    }
    for (; i < n; i++)
        for (int k = 0; k < many; k++)
            if (buckets[i] == sought[k]) list[cursors[sought[k]]++] = x[i];
}

static void FN(select_in)(
    R* x, Py_ssize_t n, const Py_ssize_t* ranks, int count, R* found, R* spare, unsigned char* buckets, int splits
);

/* Finds the values of `count` ascending ranks of x, which ranges from low to high. `list` and `spare` have room for n
 * values, `buckets` for n bytes. */
static void FN(select)(
    const R* x, Py_ssize_t n, R low, R high, const Py_ssize_t* ranks, int count, R* found,
    R* list, R* spare, unsigned char* buckets, int splits
) {
    int width = PACK;
    while (width < BUCKETS && width < n / 2) width *= 2;
    const R scale = (width - 1) / (high - low);
    if (splits == 0 || !(scale > 0 && scale < (R)INFINITY)) {
        for (int rank = 0; rank < count; rank++) found[rank] = FN(bisect)(x, n, low, high, ranks[rank]);
        return;
    }
    uint32_t counts[BUCKETS];
    Wanted wanted[RANKS];
    memset(counts, 0, width * sizeof counts[0]);
    FN(count)(x, n, low, scale, buckets, counts);
    const int many = find_wanted(counts, ranks, count, wanted);
    for (int k = 0; k < many; k++) counts[wanted[k].bucket] = (uint32_t)wanted[k].place;
    for (int k = 0; k < many; k += TOGETHER)
        FN(gather)(x, n, buckets, wanted + k, many - k < TOGETHER ? many - k : TOGETHER, counts, list);
    for (int k = 0; k < many; k++) {
        const Wanted* one = &wanted[k];
        Py_ssize_t local[RANKS];
        for (int j = 0; j < one->ranks; j++) local[j] = ranks[one->rank + j] - one->below;
        FN(select_in)(
            list + one->place, one->count, local, one->ranks, found + one->rank, spare + one->place, buckets, splits - 1
        );
    }
}

/* The same for values that may be moved about. */
static void FN(select_in)(
    R* x, Py_ssize_t n, const Py_ssize_t* ranks, int count, R* found, R* spare, unsigned char* buckets, int splits
) {
    if (n <= SORTABLE) {
        FN(sort)(x, n);
        for (int rank = 0; rank < count; rank++) found[rank] = x[ranks[rank]];
        return;
    }
    R low = x[0], high = x[0];
    for (Py_ssize_t i = 1; i < n; i++) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    FN(select)(x, n, low, high, ranks, count, found, spare, x, buckets, splits);
}
