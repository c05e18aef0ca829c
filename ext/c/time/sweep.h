/* Two sweeps over the values: along them as they are, then along their distances from the mean.
 *
 * Differences from the first value are exact for near numbers, also far from 0. Sums run in blocks, short enough that
 * single precision does within one; the blocks are added in double precision. `needs` is a constant wherever a sweep
 * is used, so that the compiler leaves out what is not needed. Once for each precision.
 */

#define BLOCK 512

/* What cannot fill a vector, and the last step, go value by value. */
INLINE void FN(sweep_rest)(const R* x, Py_ssize_t i, Py_ssize_t end, const int needs, Findings* found) {
    for (; i < end; i++) {
        const double value = x[i], size = fabs(value);
        found->offset += value - x[0];
        if (needs & NEED_SLOPE) found->along += (i - (found->n - 1) / 2.0) * (value - x[0]);
        found->low = value < found->low ? value : found->low;
        found->high = value > found->high ? value : found->high;
        if (needs & NEED_MAGNITUDES) found->magnitudes += size;
        if (needs & NEED_ROOTS) found->roots += sqrt(size);
        if (needs & NEED_STEPS && i + 1 < found->n) {
            found->steps += fabs(x[i + 1] - value);
            found->crossings += (value < 0) != (x[i + 1] < 0);
        }
    }
}

/* Finds the range and the sums of the values as they are. */
INLINE void FN(sweep)(const R* x, const int needs, Findings* found) {
    const V origin = FN(all)(x[0]);
    V ramp = {0}, low = origin, high = origin;
    for (int lane = 0; lane < LANES; lane++) ramp[lane] = (R)lane / BLOCK;
    found->low = found->high = x[0];
    for (Py_ssize_t start = 0; start < found->n; start += BLOCK) {
        const int last = found->n - start <= BLOCK;
        const Py_ssize_t end = last ? found->n : start + BLOCK;
        const Py_ssize_t stop = end - LANES - last; /* the last value has no step, whether or not steps are needed */
        V sum = {0}, along = {0}, place = ramp, magnitudes = {0}, roots = {0}, steps = {0};
        FN(Mask) crossings = {0};
        Py_ssize_t i = start;
#pragma GCC unroll 2
        for (; i <= stop; i += LANES) {
            const V here = FN(load)(x + i), offset = here - origin, size = FN(magnitude)(here);
            sum += offset;
            if (needs & NEED_SLOPE) along += place * offset;
            if (needs & NEED_SLOPE) place += (R)LANES / BLOCK;
            low = FN(lower)(low, here);
            high = FN(higher)(high, here);
            if (needs & NEED_MAGNITUDES) magnitudes += size;
            if (needs & NEED_ROOTS) roots += FN(root)(size);
            if (needs & NEED_STEPS) {
                const V next = FN(load)(x + i + 1);
                steps += FN(magnitude)(next - here);
                crossings -= (here < 0) ^ (next < 0);
            }
        }
        const double total = FN(total)(sum);
        found->offset += total;
        found->along += BLOCK * FN(total)(along) + (start - (found->n - 1) / 2.0) * total;
        found->magnitudes += FN(total)(magnitudes);
        found->roots += FN(total)(roots);
        found->steps += FN(total)(steps);
        for (int lane = 0; lane < LANES; lane++) found->crossings += crossings[lane];
        FN(sweep_rest)(x, i, end, needs, found);
    }
    const R lowest = FN(lowest)(low), highest = FN(highest)(high);
    found->low = lowest < found->low ? lowest : found->low;
    found->high = highest > found->high ? highest : found->high;
}

/* Finds the sums of the powers of the distances from the mean, in the unit that makes the range about 1: powers of
 * small and of large numbers stay numbers. What the rounded mean leaves over is in the first of them. */
INLINE void FN(sweep_around)(const R* x, double offset, double unit, const int needs, Findings* found) {
    const V origin = FN(all)(x[0]), centre = FN(all)((R)offset), scale = FN(all)((R)unit);
    const double rounded = (R)offset;
    for (Py_ssize_t start = 0; start < found->n; start += BLOCK) {
        const Py_ssize_t end = found->n - start <= BLOCK ? found->n : start + BLOCK;
        V first = {0}, second = {0}, third = {0}, fourth = {0};
        Py_ssize_t i = start;
#pragma GCC unroll 2
        for (; i + LANES <= end; i += LANES) {
            const V distance = (FN(load)(x + i) - origin - centre) * scale, square = distance * distance;
            first += distance;
            second += square;
            if (needs & NEED_SHAPE) third += square * distance;
            if (needs & NEED_SHAPE) fourth += square * square;
        }
        double powers[4] = {FN(total)(first), FN(total)(second), FN(total)(third), FN(total)(fourth)};
        for (; i < end; i++) {
            const double distance = ((double)x[i] - x[0] - rounded) * unit, square = distance * distance;
            powers[0] += distance;
            powers[1] += square;
            powers[2] += square * distance;
            powers[3] += square * square;
        }
        for (int power = 0; power < 4; power++) found->powers[power] += powers[power];
    }
}
