/* The terms of windows of one length, computed together: one transform, and of the rest what they need.
 *
 * Once for each precision.
 */

#ifndef PLAN_H
#define PLAN_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int is_power_of_two(Py_ssize_t n) { return (n & (n - 1)) == 0; }

/* The sum of the squares of the periodic Hann window. */
static double window_square(Py_ssize_t n) { return n > 2 ? 3.0 / 8 * (double)n : 1; }

#endif

typedef struct {
    Sampling sampling;
    Py_ssize_t count;
    SpectralTerm* terms;
    FN(Setting)* settings;     /* one for each term */
    Py_ssize_t bands;
    FN(Envelope)* envelopes;   /* one for each band that has a term */
    int wanted;                /* peaks */
    FN(RealFft) fft;           /* for powers of two */
    FN(Parts) bins;
    R *power, *inverse_squares;
    double *half_turns, *logarithms;
    R* memory;
    /* Of the burst: */
    double unit;               /* of its bins */
    Survey survey;
    int peaks;                 /* -1 while they are not known */
    Peak peak[MOST_PEAKS];
} FN(Plan);

static void FN(plan_free)(FN(Plan)* plan) {
    if (!plan) return;
    for (Py_ssize_t i = 0; plan->settings && i < plan->count; i++) free(plan->settings[i].weights);
    for (Py_ssize_t i = 0; i < plan->bands; i++) FN(envelope_free)(&plan->envelopes[i]);
    FN(real_fft_free)(&plan->fft);
    free(plan->terms);
    free(plan->settings);
    free(plan->envelopes);
    free(plan->half_turns);
    free(plan->logarithms);
    free(plan->memory);
    free(plan);
}

/* The envelope of this band, which may be a new one. */
static FN(Envelope)* FN(envelope_of)(FN(Plan)* plan, const double* parameters) {
    FN(Envelope)* envelope = plan->envelopes;
    const FN(Envelope)* end = envelope + plan->bands;
    while (envelope < end && (envelope->low != parameters[0] || envelope->high != parameters[1])) envelope++;
    if (envelope == end) {
        envelope->low = parameters[0];
        envelope->high = parameters[1];
        plan->bands++;
    }
    return envelope;
}

static void FN(plan_term)(FN(Plan)* plan, Py_ssize_t place) {
    const SpectralTerm* term = &plan->terms[place];
    int peak = 0;
    if (term->kind == EVEN_DOMINANT_FREQUENCY || term->kind == EVEN_DOMINANT_AMPLITUDE) peak = 1;
    if (term->kind == EVEN_PEAK_FREQUENCY || term->kind == EVEN_PEAK_AMPLITUDE)
        peak = (int)fmin(fmax(term->parameters[0], 0), MOST_PEAKS);
    if (peak > plan->wanted) plan->wanted = peak;
    if (is_envelope(term->kind)) plan->settings[place].envelope = FN(envelope_of)(plan, term->parameters);
}

/* Tables and buffers of the bins; 0, or -1 when there is no memory. */
static int FN(plan_bins)(FN(Plan)* plan, int lines) {
    const Py_ssize_t n = plan->sampling.n, count = n / 2 + 1, room = WHOLE(count) + LANES;
    plan->memory = calloc((size_t)(4 * room + 8 * LANES), sizeof(R));
    plan->logarithms = malloc(2 * PARTS * sizeof(double));
    plan->half_turns = lines ? malloc(2 * (size_t)(n + 2) * sizeof(double)) : NULL;
    if (!plan->memory || !plan->logarithms || (lines && !plan->half_turns)) return -1;
    R* next = plan->memory;
    plan->bins = FN(carve)(&next, count);
    plan->power = next;
    plan->inverse_squares = next + room;
    for (Py_ssize_t k = 1; k < count; k++) plan->inverse_squares[k] = (R)(1 / ((double)k * (double)k));
    make_logarithms(plan->logarithms);
    if (lines) make_half_turns(n, plan->half_turns);
    return is_power_of_two(n) ? FN(real_fft_init)(&plan->fft, n) : 0;
}

static FN(Plan)* FN(plan_new)(Py_ssize_t n, const SpectralTerm* terms, Py_ssize_t count) {
    FN(Plan)* plan = calloc(1, sizeof *plan);
    if (!plan) return NULL;
    int lines = 0;
    for (Py_ssize_t i = 0; i < count; i++) lines |= is_line(terms[i].kind);
    plan->sampling = (Sampling){n, NAN, NAN};
    plan->count = count;
    plan->terms = malloc((size_t)(count + 1) * sizeof *plan->terms);
    plan->settings = calloc((size_t)(count + 1), sizeof *plan->settings);
    plan->envelopes = calloc((size_t)(count + 1), sizeof *plan->envelopes);
    if (!plan->terms || !plan->settings || !plan->envelopes || FN(plan_bins)(plan, lines)) {
        FN(plan_free)(plan);
        return NULL;
    }
    memcpy(plan->terms, terms, (size_t)count * sizeof *terms);
    for (Py_ssize_t i = 0; i < count; i++) FN(plan_term)(plan, i);
    return plan;
}

/* Whatever depends on them is made anew where they have changed; 0, or -1 when there is no memory. */
static int FN(plan_tune)(FN(Plan)* plan, double rate, double shaft) {
    Sampling* sampling = &plan->sampling;
    const int new_rate = rate != sampling->rate;
    const int new_shaft = shaft != sampling->shaft && !(isnan(shaft) && isnan(sampling->shaft));
    if (!new_rate && !new_shaft) return 0;
    *sampling = (Sampling){sampling->n, rate, shaft};
    int failed = 0;
    for (Py_ssize_t i = 0; new_rate && i < plan->bands; i++) {
        FN(Envelope)* envelope = &plan->envelopes[i];
        const Py_ssize_t past = edge_bin(in_bins(sampling, envelope->high), sampling->n / 2 + 1);
        failed |= FN(envelope_tune)(envelope, edge_bin(in_bins(sampling, envelope->low), sampling->n), past);
    }
    for (Py_ssize_t i = 0; !failed && i < plan->count; i++)
        if (new_rate || follows_shaft(plan->terms[i].kind))
            failed |= FN(set)(&plan->settings[i], &plan->terms[i], sampling, plan->half_turns);
    if (failed) sampling->rate = NAN; /* to be tried again */
    return failed;
}
