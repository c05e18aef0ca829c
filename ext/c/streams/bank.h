/* Bank: the columns of a Sliding. While all is well each poll is a row of every tile, a stack of columns side by side.
 *
 * A poll without any usable value is no row. At one with some, each column without goes on alone, as a stray on a stack
 * of its own, until its tile keeps no row from before its last value that was not usable. Until then the tile has
 * anything in that column.
 *
 * A window by number goes by the numbers of values, which count bad ones too; one by time goes by times.
 */

#ifndef BANK_H
#define BANK_H

#include "sliding.h"

#define AT_ONCE (1 << 18) /* values that one turn of a stack may take, so that none takes long */
#define UNCERTAIN 1
#define ABSENT 255
#define LATEST (1LL << 62)

typedef struct {
    TwoStack* stack;  /* NULL: the column is in step with its tile */
    long long number; /* of values and bad ones so far */
    Py_ssize_t sound; /* polls since the last value that was not usable */
} Stray;

typedef struct {
    Py_ssize_t columns, capacity;
    long long span;     /* 0: by number */
    Py_ssize_t width;   /* columns of a tile; the last may have fewer */
    Py_ssize_t tiles, astray;
    long long number;   /* of polls so far */
    int in_a_row;       /* the columns of the group follow one another */
    long long* chosen;  /* places in the group */
    TwoStack** stacks;  /* of the tiles */
    Stray* strays;      /* one for each column */
    double* row;
    Aggregate* scratch;
} Bank;

static void bank_close(Bank* bank) {
    for (Py_ssize_t i = 0; bank->stacks && i < bank->tiles; i++) stack_free(bank->stacks[i]);
    for (Py_ssize_t i = 0; bank->strays && i < bank->columns; i++) stack_free(bank->strays[i].stack);
    free(bank->chosen);
    free(bank->stacks);
    free(bank->strays);
    free(bank->row);
    free(bank->scratch);
    *bank = (Bank){0};
}

/* Columns of a tile from its first on. */
static inline Py_ssize_t bank_width(const Bank* bank, Py_ssize_t tile) {
    const Py_ssize_t left = bank->columns - tile * bank->width;
    return left < bank->width ? left : bank->width;
}

/* They turn in turn, while a window by time fills to less than its capacity. */
static int bank_make_stacks(Bank* bank) {
    for (Py_ssize_t i = 0; i < bank->tiles; i++) {
        const Py_ssize_t phase = (Py_ssize_t)(0.8 * (i + 1) * bank->capacity / bank->tiles);
        bank->stacks[i] = stack_new((bank_width(bank, i) + 1) / 2, bank->capacity, phase);
        if (!bank->stacks[i]) return 0;
    }
    return 1;
}

/* Whether there is memory; whoever opens a bank closes it, in either case. The columns' places are to be filled in. */
static int bank_open(Bank* bank, Py_ssize_t columns, long long span, Py_ssize_t capacity) {
    const Py_ssize_t most = AT_ONCE / capacity > 2 ? AT_ONCE / capacity : 2;
    const Py_ssize_t width = (most < columns + 1 ? most : columns + 1) / 2 * 2, pairs = width / 2;
    *bank = (Bank){.columns = columns, .capacity = capacity, .span = span, .width = width};
    bank->tiles = (columns + width - 1) / width;
    bank->chosen = calloc(columns, sizeof(long long));
    bank->stacks = calloc(bank->tiles, sizeof(TwoStack*));
    bank->strays = calloc(columns, sizeof(Stray));
    bank->row = calloc(columns, sizeof(double));
    bank->scratch = calloc(pairs, sizeof(Aggregate));
    if (!bank->chosen || !bank->stacks || !bank->strays || !bank->row || !bank->scratch) return 0;
    return bank_make_stacks(bank);
}

static void bank_forget(Bank* bank) {
    for (Py_ssize_t i = 0; i < bank->tiles; i++) stack_forget(bank->stacks[i]);
    for (Py_ssize_t i = 0; i < bank->columns; i++) {
        stack_free(bank->strays[i].stack);
        bank->strays[i] = (Stray){NULL, 0, 0};
    }
    bank->astray = bank->number = 0;
}

static inline int bank_usable(double value, unsigned char quality) {
    return (quality <= UNCERTAIN) & (value - value == 0.0);
}

/* What has left a window in which so many numbers were given. */
static inline long long bank_after(const Bank* bank, long long number) { return number - 1 - bank->capacity; }

/* Lays out the row of a poll, with 0 for what is not usable. Returns how many are. */
static Py_ssize_t bank_gather(Bank* bank, const double* values, const unsigned char* qualities) {
    Py_ssize_t usable = 0;
    for (Py_ssize_t i = 0; i < bank->columns; i++) {
        const double x = values[bank->chosen[i]];
        const int use = bank_usable(x, qualities[bank->chosen[i]]);
        bank->row[i] = use ? x : 0.0;
        usable += use;
    }
    return usable;
}

/* Whether so many columns in a row are all usable. */
static int bank_all_usable(const double* values, const unsigned char* qualities, Py_ssize_t count) {
    unsigned char worse = 0; /* than UNCERTAIN, 1: a quality with another bit */
    Mask_f64 missing = {0, 0}; /* x - x has no bit unless x is infinite or NaN */
    Py_ssize_t i = 0;
    for (Py_ssize_t k = 0; k < count; k++) worse |= qualities[k] & ~UNCERTAIN;
    for (; i + 2 <= count; i += 2) {
        const V64 x = load_f64(values + i);
        missing |= (Mask_f64)(x - x);
    }
    return !(worse | missing[0] | missing[1]) && (i == count || values[i] - values[i] == 0.0);
}

/* Of a poll without a usable value: whether it is the same for all columns, and so no row. */
static int bank_passes_over(Bank* bank, const unsigned char* qualities) {
    Py_ssize_t absent = 0;
    for (Py_ssize_t i = 0; i < bank->columns; i++) absent += qualities[bank->chosen[i]] == ABSENT;
    if (bank->span) return 1;
    if (absent) return absent == bank->columns;
    bank->number++;
    for (Py_ssize_t i = 0; i < bank->tiles; i++) stack_expire(bank->stacks[i], bank_after(bank, bank->number));
    return 1;
}

/* Columns in step that have no usable value become strays. Returns whether there is memory; if not, some may have. */
static int bank_part(Bank* bank, const double* values, const unsigned char* qualities) {
    for (Py_ssize_t i = 0; i < bank->columns; i++) {
        const long long place = bank->chosen[i];
        if (bank->strays[i].stack || bank_usable(values[place], qualities[place])) continue;
        TwoStack* stack = stack_new(1, bank->capacity, -1);
        if (!stack) return 0;
        stack_copy(stack, bank->stacks[i / bank->width], i % bank->width);
        bank->strays[i] = (Stray){stack, bank->number, 0};
        bank->astray++;
    }
    return 1;
}

static void bank_add_row(Bank* bank, long long time, const double* values) {
    const long long stamp = bank->span ? time : bank->number;
    bank->number++;
    for (Py_ssize_t i = 0; i < bank->tiles; i++) {
        double* row = stack_push(bank->stacks[i], stamp, time);
        memcpy(row, values + i * bank->width, bank_width(bank, i) * sizeof(double));
        if (!bank->span) stack_expire(bank->stacks[i], bank_after(bank, bank->number));
    }
}

static void bank_add_to_stray(Bank* bank, Stray* stray, long long time, double value, unsigned char quality) {
    const int usable = bank_usable(value, quality);
    stray->sound = usable ? stray->sound + 1 : 0;
    if (stray->sound >= bank->capacity) {
        stack_free(stray->stack);
        stray->stack = NULL;
        bank->astray--;
        return;
    }
    if (usable) *stack_push(stray->stack, bank->span ? time : stray->number, time) = value;
    stray->number += quality != ABSENT;
    if (!bank->span) stack_expire(stray->stack, bank_after(bank, stray->number));
}

/* Takes in one poll of the group. Returns whether there was memory; if not, it was not taken in. */
static int bank_push(Bank* bank, long long time, const double* values, const unsigned char* qualities) {
    const long long first = bank->chosen[0];
    const int all = bank->in_a_row && bank_all_usable(values + first, qualities + first, bank->columns);
    const Py_ssize_t usable = all ? bank->columns : bank_gather(bank, values, qualities);
    if (usable || !bank_passes_over(bank, qualities)) {
        if (usable < bank->columns && !bank_part(bank, values, qualities)) return 0;
        bank_add_row(bank, time, all ? values + first : bank->row);
    }
    for (Py_ssize_t i = 0; bank->astray && i < bank->columns; i++)
        if (bank->strays[i].stack)
            bank_add_to_stray(bank, &bank->strays[i], time, values[bank->chosen[i]], qualities[bank->chosen[i]]);
    return 1;
}

static void bank_describe_stack(const Bank* bank, TwoStack* stack, long long number, Py_ssize_t width, long long time,
                                const SlidingTerm* terms, Py_ssize_t count, double* out, long long* counts) {
    const long long after = bank->span ? time - bank->span : bank_after(bank, number);
    const long long until = bank->span ? time : LATEST;
    Parts parts;
    const Py_ssize_t found = sliding_find(stack, after, until, bank->scratch, &parts);
    if (found) sliding_write(terms, count, parts, width, out);
    for (Py_ssize_t i = 0; i < width; i++) counts[i] = found;
    for (Py_ssize_t i = 0; !found && i < width * count; i++) out[i] = NAN;
}

/* Writes the terms of each column and how many values they are of, as it is at `time`. */
static void bank_describe(const Bank* bank, long long time, const SlidingTerm* terms, Py_ssize_t count, double* out,
                          long long* counts) {
    for (Py_ssize_t i = 0; i < bank->tiles; i++) {
        const Py_ssize_t first = i * bank->width;
        bank_describe_stack(bank, bank->stacks[i], bank->number, bank_width(bank, i), time, terms, count,
                            out + first * count, counts + first);
    }
    for (Py_ssize_t i = 0; bank->astray && i < bank->columns; i++)
        if (bank->strays[i].stack)
            bank_describe_stack(bank, bank->strays[i].stack, bank->strays[i].number, 1, time, terms, count,
                                out + i * count, counts + i);
}

#endif
