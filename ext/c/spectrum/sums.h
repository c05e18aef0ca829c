/* Sums of products, in two vectors, so that one addition need not wait for the one before it; the order is fixed. */

/* `count` raised to whole vectors. */
#undef WHOLE
#define WHOLE(count) (((count) + LANES - 1) / LANES * LANES)

static double FN(sum)(const R* x, Py_ssize_t count) {
    V sum = {0}, next = {0};
    Py_ssize_t i = 0;
    for (; i + 2 * LANES <= count; i += 2 * LANES) {
        sum += FN(load)(x + i);
        next += FN(load)(x + i + LANES);
    }
    double total = FN(total)(sum + next);
    for (; i < count; i++) total += x[i];
    return total;
}

static double FN(dot)(const R* x, const R* y, Py_ssize_t count) {
    V sum = {0}, next = {0};
    Py_ssize_t i = 0;
    for (; i + 2 * LANES <= count; i += 2 * LANES) {
        sum += FN(load)(x + i) * FN(load)(y + i);
        next += FN(load)(x + i + LANES) * FN(load)(y + i + LANES);
    }
    double total = FN(total)(sum + next);
    for (; i < count; i++) total += (double)x[i] * y[i];
    return total;
}
