/* The values of the terms of one burst, once its bins are there. Once for each precision. */

#ifndef EVALUATE_H
#define EVALUATE_H

#include <math.h>

#endif

/* Brings the bins to a size whose squares are neither infinite nor lost, and finds their power anew. */
static void FN(resize_bins)(FN(Plan)* plan) {
    const Py_ssize_t count = plan->sampling.n / 2 + 1;
    R largest = 0;
    for (Py_ssize_t k = 0; k < count; k++)
        largest = (R)fmax(largest, fmax(fabs(plan->bins.re[k]), fabs(plan->bins.im[k])));
    if (largest == 0) return;
    const int most = LANES == 2 ? 1000 : 120; /* powers of two that are normal numbers */
    const int exponent = (int)fmin(fmax(ilogb(largest), -most), most);
    const R scale = (R)ldexp(1, -exponent);
    for (Py_ssize_t k = -1; k <= count; k++) {
        plan->bins.re[k] *= scale;
        plan->bins.im[k] *= scale;
    }
    plan->unit = ldexp(1, exponent);
    FN(find_power)(plan->bins, plan->sampling.n, plan->power);
    plan->survey = FN(survey)(plan->power, count);
}

static double FN(mean_square)(const FN(Plan)* plan, double power) {
    const Py_ssize_t n = plan->sampling.n;
    return power * plan->unit * plan->unit / (32 * (double)n * window_square(n));
}

static double FN(velocity)(const FN(Plan)* plan, const FN(Setting)* setting) {
    const Py_ssize_t first = setting->first;
    const double power = FN(dot)(plan->power + first, plan->inverse_squares + first, setting->past - first);
    const double angular_step = 2 * M_PI * plan->sampling.rate / (double)plan->sampling.n;
    return sqrt(FN(mean_square)(plan, power)) / angular_step;
}

static double FN(severity)(const FN(Plan)* plan, const FN(Setting)* setting, const SpectralTerm* term) {
    const double velocity = FN(velocity)(plan, setting) * term->scale;
    int zone = 1;
    for (int limit = 2; limit < 5; limit++) zone += velocity > term->parameters[limit];
    return zone;
}

static const Peak* FN(peak_of)(FN(Plan)* plan, double place) {
    static const Peak none = {NAN, NAN};
    if (plan->peaks < 0)
        plan->peaks = FN(find_peaks)(plan->bins, plan->power, plan->sampling.n, plan->wanted, plan->peak);
    return place >= 1 && place < plan->peaks + 1 ? &plan->peak[(int)place - 1] : &none;
}

static const FN(Envelope)* FN(ready_envelope)(const FN(Plan)* plan, FN(Envelope)* envelope) {
    if (!envelope->ready) FN(envelope_run)(envelope, plan->bins, plan->sampling.n);
    return envelope;
}

/* Of a term that is known, before its scale. */
static double FN(value_of)(FN(Plan)* plan, const FN(Setting)* setting, const SpectralTerm* term) {
    const Py_ssize_t n = plan->sampling.n, first = setting->first, count = setting->past - first;
    const double step = plan->sampling.rate / (double)n, total = plan->survey.total, place = term->parameters[0];
    switch (term->kind) {
        case EVEN_BAND_POWER: return FN(mean_square)(plan, FN(sum)(plan->power + first, count));
        case EVEN_BAND_RMS:
        case EVEN_ORDER_RMS: return sqrt(FN(mean_square)(plan, FN(sum)(plan->power + first, count)));
        case EVEN_VELOCITY_RMS: return FN(velocity)(plan, setting);
        case EVEN_SPECTRAL_CENTROID: return total > 0 ? plan->survey.moment / total * step : NAN;
        case EVEN_SPECTRAL_ENTROPY:
            return FN(entropy)(plan->power, n / 2, total - plan->power[0], plan->logarithms);
        case EVEN_DOMINANT_BIN: return total > 0 ? (double)plan->survey.highest * step : NAN;
        case EVEN_DOMINANT_FREQUENCY: return FN(peak_of)(plan, 1)->bins * step;
        case EVEN_DOMINANT_AMPLITUDE: return FN(peak_of)(plan, 1)->amplitude * plan->unit;
        case EVEN_PEAK_FREQUENCY: return FN(peak_of)(plan, place)->bins * step;
        case EVEN_PEAK_AMPLITUDE: return FN(peak_of)(plan, place)->amplitude * plan->unit;
        case EVEN_LINE_AMPLITUDE:
        case EVEN_ORDER_AMPLITUDE:
            return FN(line_amplitude)(plan->bins, n, setting->weights, setting->more) * plan->unit;
        case EVEN_SHAFT_SPEED: return plan->sampling.shaft;
        case EVEN_ENVELOPE_RMS: return FN(ready_envelope)(plan, setting->envelope)->rms * plan->unit;
        case EVEN_ENVELOPE_AMPLITUDE:
        case EVEN_ENVELOPE_ORDER: {
            const FN(Envelope)* envelope = FN(ready_envelope)(plan, setting->envelope);
            return FN(envelope_amplitude)(envelope, n, setting->weights, setting->more) * plan->unit;
        }
        default: return NAN;
    }
}

/* Writes the values of the burst whose bins are in the plan; NaN where these have overflowed. */
static void FN(evaluate)(FN(Plan)* plan, double* out) {
    const double least = LANES == 2 ? 1e-250 : 1e-20, most = LANES == 2 ? 1e250 : 1e30;
    plan->unit = 1;
    plan->peaks = -1;
    for (Py_ssize_t i = 0; i < plan->bands; i++) plan->envelopes[i].ready = 0;
    FN(find_power)(plan->bins, plan->sampling.n, plan->power);
    plan->survey = FN(survey)(plan->power, plan->sampling.n / 2 + 1);
    if (!(plan->survey.total > least && plan->survey.total < most)) FN(resize_bins)(plan);
    for (Py_ssize_t i = 0; i < plan->count; i++) {
        const SpectralTerm* term = &plan->terms[i];
        const FN(Setting)* setting = &plan->settings[i];
        if (!setting->known || !isfinite(plan->survey.total)) out[term->place] = NAN;
        else if (term->kind == EVEN_SEVERITY) out[term->place] = FN(severity)(plan, setting, term);
        else out[term->place] = FN(value_of)(plan, setting, term) * term->scale;
    }
}
