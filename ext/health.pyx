# cython: boundscheck=False, wraparound=False, cdivision=True, binding=False
"""Health: how far rows are from what was learned, in one number."""

from libc.math cimport NAN, sqrt
from libc.stdlib cimport free
from libc.string cimport memset

from arrays cimport allocate, copy_in, copy_out

from gatewayd_ext import healthy
from gatewayd_ext.checks import refuse
from gatewayd_ext.healthy import check_finite, check_learned

cdef enum:
    ORDER = 2

cdef double SMOOTH = healthy.SMOOTH
cdef double MIX = healthy.MIX
cdef double FARTHEST = healthy.FARTHEST
cdef double WILDEST = healthy.WILDEST
cdef double DRIFT = healthy.DRIFT
cdef double BOUND = healthy.BOUND
cdef double FREEZE = healthy.FREEZE
cdef int STILL = healthy.STILL

cdef struct Channel:
    double centre
    double scale
    double noise
    double course[ORDER]
    double past[ORDER]
    double level
    double energy
    double shift
    double pull
    bint judged
    bint usable

cdef struct Part:
    double square
    double energy
    double value
    double middle


cdef inline double within(double value, double bound) noexcept nogil:
    return bound if value > bound else -bound if value < -bound else value


cdef void take(Channel* channel, double value, bint foreseen) noexcept nogil:
    cdef double z = within((value - channel.centre) / channel.scale - channel.shift, FARTHEST)
    cdef double foretold = 0.0
    cdef double energy
    cdef Py_ssize_t k
    channel.level += (z - channel.level) / SMOOTH
    if foreseen:
        for k in range(ORDER):
            foretold += channel.course[k] * channel.past[k]
        energy = (z - foretold) * (z - foretold) / channel.noise
        channel.energy += ((WILDEST if energy > WILDEST else energy) - channel.energy) / SMOOTH
    for k in range(ORDER - 1, 0, -1):
        channel.past[k] = channel.past[k - 1]
    channel.past[0] = z


cdef void pull(Channel* channels, const double* precision, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i, j
    for i in range(n):
        channels[i].pull = 0.0
        for j in range(n):
            channels[i].pull += precision[i * n + j] * channels[j].level


cdef class Health:
    """The score of rows of some channels; `reference_health.Health` says what it promises."""

    cdef Py_ssize_t n
    cdef Py_ssize_t judged
    cdef int known
    cdef int still
    cdef bint adapts
    cdef double level_edge
    cdef double energy_edge
    cdef double edge
    cdef Channel* channels
    cdef double* precision
    cdef double* values
    cdef unsigned char* qualities

    def __cinit__(self, learned, edge, *, adapts):
        cdef Py_ssize_t i, k
        cdef Channel* channel
        check_learned(learned, edge)
        self.n = len(learned.centre)
        self.channels = <Channel*>allocate(self.n, sizeof(Channel))
        self.precision = <double*>allocate(self.n * self.n, sizeof(double))
        self.values = <double*>allocate(self.n, sizeof(double))
        self.qualities = <unsigned char*>allocate(self.n, 1)
        self.level_edge, self.energy_edge = learned.level_edge, learned.energy_edge
        self.edge, self.adapts = edge, bool(adapts)
        for i in range(self.n):
            channel = &self.channels[i]
            channel.centre, channel.scale, channel.noise = learned.centre[i], learned.scale[i], learned.noise[i]
            channel.judged = channel.scale > 0.0 and channel.noise > 0.0
            self.judged += channel.judged
            for k in range(ORDER):
                channel.course[k] = learned.course[i, k]
            for k in range(self.n):
                self.precision[i * self.n + k] = learned.precision[i, k]
        self.restart()

    def __dealloc__(self):
        free(self.channels)
        free(self.precision)
        free(self.values)
        free(self.qualities)

    def restart(self):
        """Forget the last rows; what was followed stays."""
        cdef Py_ssize_t i
        for i in range(self.n):
            self.channels[i].level = self.channels[i].pull = 0.0
            self.channels[i].energy = 1.0
            memset(self.channels[i].past, 0, ORDER * sizeof(double))
        self.known = self.still = 0

    def step(self, values, qualities):
        """The score with this row; NaN when fewer than half of the channels that are judged have a usable value."""
        if not copy_in(values, self.values, c'd', self.n):
            refuse("values", values, "float64", (self.n,))
        if not copy_in(qualities, self.qualities, c'B', self.n):
            refuse("qualities", qualities, "uint8", (self.n,))
        return self.judge()

    cdef double judge(self) noexcept nogil:
        cdef Py_ssize_t i
        cdef Py_ssize_t usable = 0
        cdef Channel* channel
        cdef double score
        for i in range(self.n):
            channel = &self.channels[i]
            channel.usable = channel.judged and self.qualities[i] <= 1 and self.values[i] - self.values[i] == 0.0
            usable += channel.usable
        if not self.judged or 2 * usable < self.judged:
            return NAN
        for i in range(self.n):
            if self.channels[i].usable:
                take(&self.channels[i], self.values[i], self.known == ORDER)
        if self.known < ORDER:
            self.known += 1
        score = self.score()
        if score > 1.0:
            self.still = STILL
        elif self.still:
            self.still -= 1
        if self.adapts and not self.still and score < FREEZE:
            for i in range(self.n):
                channel = &self.channels[i]
                if channel.usable:
                    channel.shift = within(channel.shift + channel.level / DRIFT, BOUND)
        return score

    cdef double score(self) noexcept nogil:
        cdef Py_ssize_t i
        cdef double square = 0.0
        cdef double energy = 0.0
        cdef double twice
        pull(self.channels, self.precision, self.n)
        for i in range(self.n):
            if self.channels[i].judged:
                square += self.channels[i].level * self.channels[i].pull
                twice = self.channels[i].energy * self.channels[i].energy
                energy += twice * twice
        square = sqrt(square if square > 0.0 else 0.0) / self.level_edge
        energy = sqrt(sqrt(sqrt(energy / self.judged)))
        return (MIX * square + (1.0 - MIX) * energy / self.energy_edge) / self.edge

    def parts(self, rows):
        """Into `rows` float64[n, 4] what moved the score, and from where to where."""
        cdef Part* parts = <Part*>allocate(self.n, sizeof(Part))
        cdef Py_ssize_t i
        cdef Channel* channel
        cdef double middle
        for i in range(self.n):
            channel = &self.channels[i]
            middle = channel.centre + channel.scale * channel.shift
            parts[i] = Part(
                channel.level * channel.pull, channel.energy, middle + channel.scale * channel.level, middle
            )
        done = copy_out(parts, rows, c'd', self.n, 4)
        free(parts)
        if not done:
            refuse("rows", rows, "float64", (self.n, 4))

    def shift(self, out):
        """Into `out` float64[n]: what was followed, in learned spreads."""
        cdef Py_ssize_t i
        for i in range(self.n):
            self.values[i] = self.channels[i].shift
        if not copy_out(self.values, out, c'd', self.n, -1):
            refuse("out", out, "float64", (self.n,))

    def follow(self, shift):
        """Go on from what was followed earlier."""
        cdef Py_ssize_t i
        check_finite("shift", shift, (self.n,))
        for i in range(self.n):
            self.channels[i].shift = within(<double>shift[i], BOUND)
