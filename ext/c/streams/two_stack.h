/* TwoStack: mean, variance, smallest and largest of the last rows of some columns, brought up to date row by row.
 *
 * The rows of the window are an older part and a newer one. Of the older part there are the aggregates of its youngest
 * row, of its youngest two, three, ... rows: dropping the oldest row is going back by one. The newer part has one
 * aggregate, which takes in what comes. When the older part is used up, the newer one becomes the older. Every aggregate
 * is a fold over just the rows that it stands for: nothing drifts, and what has left leaves no trace.
 *
 * Of the older part's aggregates every eighth is kept, and those of one block of eight rows, made anew from the block
 * before when the window's end gets there: that takes a third fold of each row, and a quarter of the memory.
 *
 * Moments are taken about a row of their own part (its origin), so that differences are exact far from 0 too. The ring
 * keeps rows that have left the window until their place is needed: an earlier window is still there.
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
    V64 mean;   /* less the origin */
    V64 spread; /* the sum of squared distances from the mean */
    V64 low, high;
} Aggregate;

static const Aggregate NOTHING = {
    {0, 0}, {0, 0}, {INFINITY, INFINITY}, {-INFINITY, -INFINITY}};

typedef struct {
    Py_ssize_t pairs, capacity;
    Py_ssize_t phase;  /* after so many rows the first older part is made: stacks side by side turn in turn */
    Py_ssize_t next;   /* the place of the next row in the ring */
    Py_ssize_t kept;   /* rows in the ring, of which the last `older + newer` are the window */
    Py_ssize_t older, newer;
    Py_ssize_t run;    /* the last rows whose stamps do not step back */
    Py_ssize_t block;  /* the block of the older part that is made; -1: none */
    long long* stamps; /* by which rows leave the window */
    long long* times;
    V64* rows;              /* of `pairs` of values, all finite */
    Aggregate* checkpoints; /* of the youngest 0, 8, 16, ... rows of the older part */
    Aggregate* made;        /* of the rows of one block and all younger ones */
    Aggregate* running;     /* of the newer part */
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
    *stack = (TwoStack){.pairs = pairs, .capacity = capacity, .phase = phase, .block = -1};
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
    stack_clear(stack->running, pairs);
    return stack;
}

static void stack_forget(TwoStack* stack) {
    stack->next = stack->kept = stack->older = stack->newer = stack->run = 0;
    stack_clear(stack->running, stack->pairs);
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

/* What one row more makes of an aggregate: the n-th, where part is 1 / n and others (n - 1) / n. */
static inline Aggregate stack_fold(Aggregate before, V64 x, V64 origin, double part, double others) {
    const V64 distance = (x - origin) - before.mean;
    return (Aggregate){
        before.mean + distance * part,
        before.spread + distance * distance * others,
        lower_f64(x, before.low),
        higher_f64(x, before.high),
    };
}

/* One row more in each aggregate: the n-th. */
static void stack_add(Aggregate* aggregates, const V64* row, const V64* origin, Py_ssize_t n, Py_ssize_t pairs) {
    const double part = 1.0 / n, others = (n - 1) * part;
    for (Py_ssize_t i = 0; i < pairs; i++) aggregates[i] = stack_fold(aggregates[i], row[i], origin[i], part, others);
}

/* The block's first `count` rows, from the youngest on: all aggregates into `made`, or (NULL) the last one into `last`. */
static void stack_fold_block(const TwoStack* stack, Py_ssize_t block, Py_ssize_t count, Aggregate* made,
                             Aggregate* last) {
    const Py_ssize_t pairs = stack->pairs, before = block * BLOCK;
    const Aggregate* start = stack->checkpoints + block * pairs;
    const V64 *rows[BLOCK], *origin = stack_row(stack, stack->newer + 1);
    double part[BLOCK], others[BLOCK];
    for (Py_ssize_t j = 0; j < count; j++) {
        rows[j] = stack_row(stack, stack->newer + before + j + 1);
        part[j] = 1.0 / (before + j + 1);
        others[j] = (before + j) * part[j];
    }
    for (Py_ssize_t i = 0; i < pairs; i++) {
        Aggregate sum = start[i];
        for (Py_ssize_t j = 0; j < count; j++) {
            sum = stack_fold(sum, rows[j][i], origin[i], part[j], others[j]);
            if (made) made[j * pairs + i] = sum;
        }
        if (last) last[i] = sum;
    }
}

/* The whole window becomes the older part. */
static void stack_turn(TwoStack* stack) {
    stack->older += stack->newer;
    stack->newer = 0;
    stack->block = -1;
    stack_clear(stack->running, stack->pairs);
    for (Py_ssize_t block = 0; block < stack->older / BLOCK; block++)
        stack_fold_block(stack, block, BLOCK, NULL, stack->checkpoints + (block + 1) * stack->pairs);
}

/* The aggregates of the older part, of which there is some. */
static const Aggregate* stack_older(TwoStack* stack) {
    const Py_ssize_t block = (stack->older - 1) / BLOCK, last = (stack->older - 1) % BLOCK;
    if (stack->block != block) stack_fold_block(stack, block, last + 1, stack->made, NULL);
    stack->block = block;
    return stack->made + last * stack->pairs;
}

static void stack_drop(TwoStack* stack) {
    if (!stack->older) stack_turn(stack);
    stack->older--;
}

/* Drop what does not have a stamp after this one; none steps back. */
static void stack_expire(TwoStack* stack, long long after) {
    while (stack->older + stack->newer && stack_stamp(stack, stack->older + stack->newer) <= after) stack_drop(stack);
}

/* The row of this age, which lies in its place already, enters the newer part. */
static void stack_take(TwoStack* stack, Py_ssize_t age) {
    const V64* origin = stack_row(stack, age + stack->newer);
    stack_add(stack->running, stack_row(stack, age), origin, ++stack->newer, stack->pairs);
}

/* The place for a new row, which is to be filled before `stack_take(stack, 1)`. */
static double* stack_push(TwoStack* stack, long long stamp, long long time) {
    const Py_ssize_t place = stack->next;
    if (!stack->older && stack->newer == stack->phase) stack_turn(stack);
    if (stack->older + stack->newer == stack->capacity) stack_drop(stack);
    stack->run = stack->kept && stamp < stack_stamp(stack, 1) ? 1 : stack->run + (stack->run < stack->capacity);
    stack->kept += stack->kept < stack->capacity;
    stack->stamps[place] = stamp;
    stack->times[place] = time;
    stack->next = place + 1 < stack->capacity ? place + 1 : 0;
    return (double*)(stack->rows + place * stack->pairs);
}

/* Make both parts of rows that were pushed but not taken in, such as those of a saved state. */
static void stack_resume(TwoStack* stack, Py_ssize_t older, Py_ssize_t newer) {
    const Py_ssize_t next = stack->next;
    stack->next = stack_place(stack, newer);
    stack->older = older;
    stack->newer = 0;
    stack_turn(stack);
    stack->next = next;
    for (Py_ssize_t age = newer; age > 0; age--) stack_take(stack, age);
}

/* Make one column of another stack, with the same parts, a new stack of its own. */
static void stack_copy(TwoStack* stack, const TwoStack* origin, Py_ssize_t column) {
    for (Py_ssize_t age = origin->kept; age > 0; age--)
        *stack_push(stack, stack_stamp(origin, age), stack_time(origin, age)) = *stack_value(origin, age, column);
    stack_resume(stack, origin->older, origin->newer);
}

#endif
