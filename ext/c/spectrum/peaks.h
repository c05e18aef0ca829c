/* The lines of a spectrum: the highest local maxima of power, located between the bins for a Hann window.
 *
 * reference_peaks.py has the same in NumPy. Functions of bins and power are once for each precision.
 */

#ifndef PEAKS_H
#define PEAKS_H

#include <math.h>

#define MOST_PEAKS 16
#define LOCATING_ROUNDS 5 /* each makes the error by the image smaller, by a factor of 30 at bin 2, of far more above */

typedef struct {
    double re, im;
} Number;

/* A line: its frequency in bins, and its amplitude. */
typedef struct {
    double bins, amplitude;
} Peak;

/* The transform of the periodic Hann window of n values, `distance` bins from its middle, relative to that there:
 * exp(i pi d) sin(pi d) sin^2(a) / (n tan(x) sin(a - x) sin(a + x)), where a = pi / n and x = a d. */
static Number transform(double distance, Py_ssize_t n) {
    distance -= round(distance / (double)n) * (double)n;
    const double nearest = round(fabs(distance)), step = M_PI / (double)n, x = step * distance;
    if (fabs(fabs(distance) - nearest) < 1e-12) return (Number){nearest == 0 ? 1 : nearest == 1 ? -0.5 : 0, 0};
    const double product = (double)n * tan(x) * sin(step - x) * sin(step + x);
    const double size = sin(M_PI * distance) * sin(step) * sin(step) / product;
    return (Number){size * cos(M_PI * distance), size * sin(M_PI * distance)};
}

static Number minus(Number a, Number b) { return (Number){a.re - b.re, a.im - b.im}; }
static double size(Number a) { return hypot(a.re, a.im); }

/* conj(a) * b */
static Number image_of(Number a, Number b) { return (Number){a.re * b.re + a.im * b.im, a.re * b.im - a.im * b.re}; }

static Number divided(Number a, Number b) {
    const Number product = image_of(b, a);
    const double square = b.re * b.re + b.im * b.im;
    return (Number){product.re / square, product.im / square};
}

/* How far a line lies from its bin towards a neighbour that is `ratio` as high: 0 for a half, 0.5 for 1. It is the
 * ratio of two values of `transform`, solved for tan x; (2 ratio - 1) / (ratio + 1) as n grows. */
static double offset_of(double ratio, Py_ssize_t n) {
    ratio = fmin(fmax(ratio, 0.5), 2);
    const double middle = 1 + ratio * cos(2 * M_PI / (double)n), half = sin(2 * M_PI / (double)n) / 2;
    const double root = sqrt(middle * middle + 4 * half * half * (2 * ratio - 1));
    return atan(2 * half * (2 * ratio - 1) / (middle + root)) * (double)n / M_PI;
}

/* The lone sine that makes these two bins, first without and then less the image that it has at negative frequency. */
static Peak locate(Number line, Number beside, double place, double neighbour, Py_ssize_t n) {
    Number image = {0, 0}, image_beside = {0, 0}, phasor = {0, 0};
    double bins = place, change = INFINITY;
    for (int round = 0; round < LOCATING_ROUNDS && change > 1e-16 * size(line); round++) {
        const Number here = minus(line, image), before = image, before_beside = image_beside;
        bins = place + (neighbour - place) * offset_of(size(minus(beside, image_beside)) / size(here), n);
        phasor = divided(here, transform(bins - place, n));
        image = image_of(phasor, transform(-bins - place, n));
        image_beside = image_of(phasor, transform(-bins - neighbour, n));
        change = size(minus(image, before)) + size(minus(image_beside, before_beside));
    }
    return (Peak){bins, size(phasor) * 4 / (double)n};
}

#endif

/* The places of the up to `wanted` highest maxima from bin 1 on, highest first; gives how many. The others than the
 * highest are above what the arithmetic leaves where there is nothing. */
static int FN(find_places)(const R* power, Py_ssize_t last, int wanted, Py_ssize_t* places) {
    const double rounding = LANES == 2 ? 1e-26 : 1e-12;
    int found = 0;
    R floor = 0;
    for (Py_ssize_t k = 1; k <= last; k++) {
        const R here = power[k];
        if (!(here > floor && (k == 1 || here > power[k - 1]) && (k == last || here >= power[k + 1]))) continue;
        int at = found < wanted ? found++ : wanted - 1;
        for (; at > 0 && power[places[at - 1]] < here; at--) places[at] = places[at - 1];
        places[at] = k;
        if (found == wanted) floor = power[places[wanted - 1]];
    }
    while (found > 1 && power[places[found - 1]] <= rounding * power[places[0]]) found--;
    return found;
}

/* A bin, which is doubled, through the window. */
static Number FN(windowed)(FN(Parts) bins, Py_ssize_t k) {
    const R *re = bins.re + k, *im = bins.im + k;
    return (Number){
        re[0] / 4.0 - ((double)re[-1] + re[1]) / 8, im[0] / 4.0 - ((double)im[-1] + im[1]) / 8
    };
}

static Peak FN(locate_peak)(FN(Parts) bins, Py_ssize_t n, Py_ssize_t place) {
    const int up = place < n / 2, down = place > 1;
    const Number line = FN(windowed)(bins, place);
    if (2 * place == n || !(up || down)) return (Peak){(double)place, size(line) * 2 / (double)n};
    const Number above = FN(windowed)(bins, place + 1), below = FN(windowed)(bins, place - 1);
    const int side = up && (!down || size(above) >= size(below)) ? 1 : -1;
    return locate(line, side > 0 ? above : below, (double)place, (double)(place + side), n);
}

/* Finds up to `wanted` peaks; gives how many. */
static int FN(find_peaks)(FN(Parts) bins, const R* power, Py_ssize_t n, int wanted, Peak* peaks) {
    Py_ssize_t places[MOST_PEAKS];
    const int found = FN(find_places)(power, n / 2, wanted, places);
    for (int each = 0; each < found; each++) peaks[each] = FN(locate_peak)(bins, n, places[each]);
    return found;
}
