/* TwoStack: mean, variance, smallest and largest of the last rows of some columns, brought up to date row by row.
 *
 * The rows of the window are an older part and a newer one. Of the older part there are the aggregates of its youngest
 * row, of its youngest two, three, ... rows: dropping the oldest row is going back by one. The newer part has one
 * aggregate, which takes in what has come when someone looks. When the older part is used up, the newer one becomes the
 * older. Every aggregate is a fold over just the rows that it stands for: nothing drifts, and what has left leaves no
 * trace.
 *
 * Of the older part's aggregates every eighth is kept, and those of one block of eight rows, made anew from the block
 * before when the window's end gets there. That takes a third fold of each row, but a third of the memory, and is
 * faster, because so much stays in a cache.
 *
 * Moments of both parts are taken about the youngest row of the older one (the origin), which is in the window as long
 * as there is an older part: differences are exact far from 0 too. The ring keeps rows that have left the window until
 * their place is needed: an earlier window is still there.
 */

#ifndef TWO_STACK_H
#define TWO_STACK_H

#include <stdlib.h>
#include <string.h>

#define REAL_BITS 64
#include "real.h"
#include "lanes.h"
#undef REAL_BITS

#define BLOCK 8

/* Of some rows of two columns. */
typedef struct {
    V64 sum;    /* of the distances from the origin */
    V64 spread; /* the sum of squared distances from the mean */
    V64 low, high;
} Aggregate;

static const Aggregate NOTHING = {
    {0, 0}, {0, 0}, {INFINITY, INFINITY}, {-INFINITY, -INFINITY}};

typedef struct {
    Py_ssize_t pairs, capacity;
    Py_ssize_t phase;  /* of so many rows an older part is made early: stacks side by side turn in turn */
    Py_ssize_t next;   /* the place of the next row in the ring */
    Py_ssize_t kept;   /* rows in the ring, of which the last `older + newer` are the window */
    Py_ssize_t older, newer;
    Py_ssize_t folded; /* rows of the newer part that are in its aggregate */
    Py_ssize_t run;    /* the last rows whose stamps do not step back */
    Py_ssize_t block;  /* the block of the older part that is made; -1: none */
    long long* stamps; /* by which rows leave the window */
    long long* times;
    V64* rows;              /* of `pairs` of values, all finite */
    Aggregate* checkpoints; /* of the youngest 0, 8, 16, ... rows of the older part */
    Aggregate* made;        /* of the rows of one block and all younger ones */
    Aggregate* running;     /* of the first `folded` rows of the newer part */
} TwoStack;

static void stack_free(TwoStack* stack) {
    if (!stack) return;
    free(stack->stamps);
    free(stack->rows);
    free(stack->checkpoints);
    free(stack);
}

/* `count` times no rows. */
static void stack_clear(Aggregate* aggregates, Py_ssize_t count) {
    for (Py_ssize_t i = 0; i < count; i++) aggregates[i] = NOTHING;
}

/* Of `pairs` pairs of columns; NULL when there is no memory. */
static TwoStack* stack_new(Py_ssize_t pairs, Py_ssize_t capacity, Py_ssize_t phase) {
    const Py_ssize_t checkpoints = capacity / BLOCK + 1;
    TwoStack* stack = calloc(1, sizeof(TwoStack));
    if (!stack) return NULL;
    *stack = (TwoStack){.pairs = pairs, .capacity = capacity, .phase = phase};
    stack->stamps = calloc(2 * capacity, sizeof(long long));
    stack->rows = calloc(capacity * pairs, sizeof(V64));
    stack->checkpoints = calloc((checkpoints + BLOCK + 1) * pairs, sizeof(Aggregate));
    if (!stack->stamps || !stack->rows || !stack->checkpoints) {
        stack_free(stack);
        return NULL;
    }
    stack->times = stack->stamps + capacity;
    stack->made = stack->checkpoints + checkpoints * pairs;
    stack->running = stack->made + BLOCK * pairs;
    stack_clear(stack->checkpoints, pairs);
    return stack;
}

static void stack_forget(TwoStack* stack) {
    stack->next = stack->kept = stack->older = stack->newer = stack->run = 0;
}

/* The place of a row: the youngest has age 1. */
static inline Py_ssize_t stack_place(const TwoStack* stack, Py_ssize_t age) {
    return stack->next >= age ? stack->next - age : stack->next - age + stack->capacity;
}

static inline V64* stack_row(const TwoStack* stack, Py_ssize_t age) {
    return stack->rows + stack_place(stack, age) * stack->pairs;
}

static inline long long stack_stamp(const TwoStack* stack, Py_ssize_t age) {
    return stack->stamps[stack_place(stack, age)];
}

static inline long long stack_time(const TwoStack* stack, Py_ssize_t age) {
    return stack->times[stack_place(stack, age)];
}

static inline double* stack_value(const TwoStack* stack, Py_ssize_t age, Py_ssize_t column) {
    return (double*)stack_row(stack, age) + column;
}

/* About which moments are taken: the youngest row of the older part. */
static inline const V64* stack_origin(const TwoStack* stack) { return stack_row(stack, stack->newer + 1); }

/* By how much the n-th row adds to the spread. */
static inline double stack_factor(Py_ssize_t n) { return n > 1 ? 1.0 / ((double)n * (double)(n - 1)) : 0.0; }

/* What the n-th row makes of an aggregate, by the formula of Youngs and Cramer (1971). */
INLINE Aggregate stack_fold(Aggregate before, V64 x, V64 origin, double n, double factor) {
    const V64 distance = x - origin, sum = before.sum + distance, apart = distance * n - sum;
    return (Aggregate){
        sum,
        before.spread + apart * apart * factor,
        lower_f64(before.low, x),
        higher_f64(before.high, x),
    };
}

/* Folds `count` rows, the first of this age and each next one `step` older, after n rows that have the aggregates
 * `before`. What they make goes to `after`, of every row (`each`) or of the last one. */
INLINE void stack_fold_rows(const TwoStack* stack, const Aggregate* before, Py_ssize_t n, Py_ssize_t age,
                            Py_ssize_t step, Py_ssize_t count, const V64* origin, Aggregate* after, int each) {
    const Py_ssize_t pairs = stack->pairs;
    const V64* rows[BLOCK];
    double factors[BLOCK];
    for (Py_ssize_t j = 0; j < count; j++) {
        rows[j] = stack_row(stack, age + j * step);
        factors[j] = stack_factor(n + j + 1);
    }
    for (Py_ssize_t i = 0; i < pairs; i++) {
        Aggregate sum = before[i];
        for (Py_ssize_t j = 0; j < count; j++) {
            sum = stack_fold(sum, rows[j][i], origin[i], (double)(n + j + 1), factors[j]);
            if (each) after[j * pairs + i] = sum;
        }
        if (!each) after[i] = sum;
    }
}

/* The whole window becomes the older part. */
static void stack_turn(TwoStack* stack) {
    stack->older += stack->newer;
    stack->newer = stack->folded = 0;
    stack->block = -1;
    stack_clear(stack->running, stack->pairs);
    for (Py_ssize_t n = 0; n + BLOCK <= stack->older; n += BLOCK) {
        Aggregate* before = stack->checkpoints + n / BLOCK * stack->pairs;
        stack_fold_rows(stack, before, n, n + 1, 1, BLOCK, stack_origin(stack), before + stack->pairs, 0);
    }
}

/* Fold what has come; of a window with a row in it, there is an older part afterwards. */
static void stack_settle(TwoStack* stack) {
    if (!stack->older) stack_turn(stack);
    const V64* origin = stack_origin(stack);
    Aggregate* running = stack->running;
    Py_ssize_t n = stack->folded;
    for (; n + BLOCK <= stack->newer; n += BLOCK)
        stack_fold_rows(stack, running, n, stack->newer - n, -1, BLOCK, origin, running, 0);
    for (; n < stack->newer; n++) stack_fold_rows(stack, running, n, stack->newer - n, -1, 1, origin, running, 0);
    stack->folded = n;
}

/* Make the aggregates of the first rows of a block, from the youngest on. */
static void stack_make(TwoStack* stack, Py_ssize_t block, Py_ssize_t rows) {
    const Py_ssize_t n = block * BLOCK, age = stack->newer + n + 1;
    const Aggregate* before = stack->checkpoints + block * stack->pairs;
    const V64* origin = stack_origin(stack);
    Aggregate* made = stack->made;
    if (rows == BLOCK) {
        stack_fold_rows(stack, before, n, age, 1, BLOCK, origin, made, 1);
        return;
    }
    for (Py_ssize_t j = 0; j < rows; j++, before = made, made += stack->pairs)
        stack_fold_rows(stack, before, n + j, age + j, 1, 1, origin, made, 0);
}

/* The aggregates of the older part, of which there is some. */
static const Aggregate* stack_older(TwoStack* stack) {
    const Py_ssize_t block = (stack->older - 1) / BLOCK, rows = stack->older - block * BLOCK;
    if (stack->block != block) stack_make(stack, block, rows);
    stack->block = block;
    return stack->made + (rows - 1) * stack->pairs;
}

static void stack_drop(TwoStack* stack) {
    if (!stack->older) stack_turn(stack);
    stack->older--;
}

/* Drop what does not have a stamp after this one; none steps back. */
static void stack_expire(TwoStack* stack, long long after) {
    while (stack->older + stack->newer && stack_stamp(stack, stack->older + stack->newer) <= after) stack_drop(stack);
}

/* A new row enters the newer part: its place, which is to be filled. */
static double* stack_push(TwoStack* stack, long long stamp, long long time) {
    const Py_ssize_t place = stack->next;
    if (stack->older <= stack->newer && stack->older + stack->newer == stack->phase) stack_turn(stack);
    if (stack->older + stack->newer == stack->capacity) stack_drop(stack);
    stack->run = stack->kept && stamp < stack_stamp(stack, 1) ? 1 : stack->run + (stack->run < stack->capacity);
    stack->kept += stack->kept < stack->capacity;
    stack->newer++;
    stack->stamps[place] = stamp;
    stack->times[place] = time;
    stack->next = place + 1 < stack->capacity ? place + 1 : 0;
    return (double*)(stack->rows + place * stack->pairs);
}

/* Make both parts of the last rows anew, as those of a saved state. */
static void stack_resume(TwoStack* stack, Py_ssize_t older, Py_ssize_t newer) {
    const Py_ssize_t next = stack->next;
    stack->next = stack_place(stack, newer);
    stack->older = older;
    stack->newer = 0;
    stack_turn(stack);
    stack->next = next;
    stack->newer = newer;
}

/* Make one column of another stack, with the same parts, a new stack of its own. */
static void stack_copy(TwoStack* stack, const TwoStack* origin, Py_ssize_t column) {
    for (Py_ssize_t age = origin->kept; age > 0; age--)
        *stack_push(stack, stack_stamp(origin, age), stack_time(origin, age)) = *stack_value(origin, age, column);
    stack_resume(stack, origin->older, origin->newer);
}

#endif
