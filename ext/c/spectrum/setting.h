/* What of a term depends on the rate and on the shaft: its bins, its weights, whether it can be known at all.
 *
 * Once for each precision.
 */

#ifndef SETTING_H
#define SETTING_H

#include <math.h>

#define ON_A_BIN 1e-9 /* part of a bin: rounding must not move the edge of a band */

/* In the order of terms.EVEN. */
enum {
    EVEN_BAND_POWER,
    EVEN_BAND_RMS,
    EVEN_VELOCITY_RMS,
    EVEN_SEVERITY,
    EVEN_SPECTRAL_CENTROID,
    EVEN_SPECTRAL_ENTROPY,
    EVEN_DOMINANT_FREQUENCY,
    EVEN_DOMINANT_BIN,
    EVEN_DOMINANT_AMPLITUDE,
    EVEN_PEAK_FREQUENCY,
    EVEN_PEAK_AMPLITUDE,
    EVEN_LINE_AMPLITUDE,
    EVEN_SHAFT_SPEED,
    EVEN_ORDER_RMS,
    EVEN_ORDER_AMPLITUDE,
    EVEN_ENVELOPE_RMS,
    EVEN_ENVELOPE_AMPLITUDE,
    EVEN_ENVELOPE_ORDER
};

typedef struct {
    int kind;
    double parameters[5];
    double scale;
    Py_ssize_t place; /* in the row of results */
} SpectralTerm;

/* How a window of n values is sampled, and how fast the shaft turns: NaN when that is unknown. */
typedef struct {
    Py_ssize_t n;
    double rate, shaft;
} Sampling;

static double in_bins(const Sampling* sampling, double frequency) {
    return frequency * (double)sampling->n / sampling->rate;
}

/* NaN while the shaft is unknown or stands. */
static double of_order(const Sampling* sampling, double order) {
    return isfinite(sampling->shaft) && sampling->shaft > 0 ? order * sampling->shaft : NAN;
}

static Py_ssize_t edge_bin(double bins, Py_ssize_t most) {
    return (Py_ssize_t)fmin(fmax(ceil(bins - ON_A_BIN), 0), (double)most);
}

static int is_line(int kind) { return kind == EVEN_LINE_AMPLITUDE || kind == EVEN_ORDER_AMPLITUDE; }
static int is_envelope(int kind) { return kind >= EVEN_ENVELOPE_RMS; }

static int follows_shaft(int kind) {
    return kind == EVEN_SHAFT_SPEED || kind == EVEN_ORDER_RMS || kind == EVEN_ORDER_AMPLITUDE
        || kind == EVEN_ENVELOPE_ORDER;
}

#endif

typedef struct {
    int known;               /* else the value is NaN, whatever the values are */
    Py_ssize_t first, past;  /* the bins of its band */
    FN(Envelope)* envelope;
    Py_ssize_t room;         /* of the weights below */
    R *weights, *more;
} FN(Setting);

/* Makes room for twice `count` weights; 0, or -1 when there is no memory. */
static int FN(setting_resize)(FN(Setting)* setting, Py_ssize_t count) {
    if (setting->room == count) return 0;
    free(setting->weights);
    setting->weights = calloc((size_t)(2 * count), sizeof(R));
    setting->room = setting->weights ? count : 0;
    setting->more = setting->weights + setting->room;
    return setting->weights ? 0 : -1;
}

/* The band from low to below high, in bins. */
static void FN(set_band)(FN(Setting)* setting, const Sampling* sampling, double low, double high) {
    setting->first = edge_bin(low, sampling->n);
    setting->past = edge_bin(high, sampling->n / 2 + 1);
    setting->known = setting->first < setting->past;
}

/* Two bins on each side are the least that holds the main lobe of the window. */
static void FN(set_order_band)(FN(Setting)* setting, const Sampling* sampling, const double* parameters) {
    const double centre = of_order(sampling, parameters[0]), middle = in_bins(sampling, centre);
    const double half = fmax(in_bins(sampling, of_order(sampling, parameters[1])), 2);
    if (centre <= sampling->rate / 2) FN(set_band)(setting, sampling, middle - half, middle + half);
}

static int FN(set_line)(FN(Setting)* setting, const Sampling* sampling, double frequency, const double* half_turns) {
    if (FN(setting_resize)(setting, WHOLE(sampling->n / 2 + 1))) return -1;
    if (!(frequency >= 0 && frequency <= sampling->rate / 2) || sampling->n < 2) return 0;
    FN(weigh_bins)(in_bins(sampling, frequency), sampling->n, half_turns, setting->weights, setting->more);
    setting->known = 1;
    return 0;
}

/* A frequency of the envelope, up to half the rate of its points. */
static int FN(set_envelope)(FN(Setting)* setting, const Sampling* sampling, double frequency) {
    const FN(Envelope)* envelope = setting->envelope;
    const double turns = in_bins(sampling, frequency);
    if (!envelope->count) return 0;
    if (FN(setting_resize)(setting, envelope->fft.points / 2)) return -1;
    if (!(turns >= 0 && turns <= (double)envelope->fft.points / 2)) return 0;
    FN(weigh_points)(envelope, turns, setting->weights, setting->more);
    setting->known = 1;
    return 0;
}

/* 0, or -1 when there is no memory. The term's envelope is tuned already. */
static int FN(set)(
    FN(Setting)* setting, const SpectralTerm* term, const Sampling* sampling, const double* half_turns
) {
    const double* parameters = term->parameters;
    setting->known = 0;
    switch (term->kind) {
        case EVEN_VELOCITY_RMS:
        case EVEN_SEVERITY: /* nearer to 0 than two bins it would be drift */
            if (in_bins(sampling, parameters[0]) < 2 - ON_A_BIN) return 0; /* fall through */
        case EVEN_BAND_POWER:
        case EVEN_BAND_RMS:
            FN(set_band)(setting, sampling, in_bins(sampling, parameters[0]), in_bins(sampling, parameters[1]));
            return 0;
        case EVEN_ORDER_RMS: FN(set_order_band)(setting, sampling, parameters); return 0;
        case EVEN_LINE_AMPLITUDE: return FN(set_line)(setting, sampling, parameters[0], half_turns);
        case EVEN_ORDER_AMPLITUDE:
            return FN(set_line)(setting, sampling, of_order(sampling, parameters[0]), half_turns);
        case EVEN_ENVELOPE_RMS: setting->known = setting->envelope->count > 0; return 0;
        case EVEN_ENVELOPE_AMPLITUDE: return FN(set_envelope)(setting, sampling, parameters[2]);
        case EVEN_ENVELOPE_ORDER: return FN(set_envelope)(setting, sampling, of_order(sampling, parameters[2]));
        case EVEN_SHAFT_SPEED: setting->known = isfinite(sampling->shaft); return 0;
        default: setting->known = 1; return 0;
    }
}
