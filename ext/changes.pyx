# cython: boundscheck=False, wraparound=False, cdivision=True, binding=False
"""Changes: rows from which on some channel has another level than before."""

from libc.math cimport fabs
from libc.stdlib cimport free
from libc.string cimport memset

from arrays cimport allocate, copy_in, copy_out

from gatewayd_ext import healthy
from gatewayd_ext.checks import refuse
from gatewayd_ext.healthy import check_learned

cdef Py_ssize_t RECENT = healthy.RECENT
cdef Py_ssize_t BEFORE = healthy.BEFORE
cdef Py_ssize_t FEWEST_BEFORE = healthy.FEWEST_BEFORE
cdef Py_ssize_t QUIET = healthy.QUIET
cdef Py_ssize_t ROOM = healthy.RECENT + healthy.BEFORE
cdef double REFERENCE = healthy.REFERENCE
cdef double ALLOWANCE = healthy.ALLOWANCE
cdef double SUM_EDGE = healthy.SUM_EDGE
cdef double HUGE = healthy.HUGE
cdef double HALF = healthy.HALF
cdef double PACE = healthy.PACE
cdef double WIDEST = healthy.WIDEST

cdef struct Channel:
    double centre
    double scale
    double edge
    double usual
    double width
    double away
    double last
    double recent
    double before
    double above
    double below
    double reference
    bint judged

cdef struct Moved:
    double reach
    double before
    double after


cdef class Changes:
    """Change points in rows of some channels; `reference_changes.Changes` says what it promises."""

    cdef Py_ssize_t n
    cdef Py_ssize_t held
    cdef Py_ssize_t place
    cdef Py_ssize_t quiet
    cdef Channel* channels
    cdef Moved* told
    cdef double* ring
    cdef double* values
    cdef unsigned char* qualities

    def __cinit__(self, learned, edge):
        cdef Py_ssize_t i
        check_learned(learned, edge)
        self.n = len(learned.centre)
        self.channels = <Channel*>allocate(self.n, sizeof(Channel))
        self.told = <Moved*>allocate(self.n, sizeof(Moved))
        self.ring = <double*>allocate(self.n * ROOM, sizeof(double))
        self.values = <double*>allocate(self.n, sizeof(double))
        self.qualities = <unsigned char*>allocate(self.n, 1)
        for i in range(self.n):
            self.channels[i].centre, self.channels[i].scale = learned.centre[i], learned.scale[i]
            self.channels[i].edge = learned.change[i] * edge
            self.channels[i].usual = learned.change[i] * HALF
            self.channels[i].judged = learned.scale[i] > 0 and learned.change[i] > 0
        self.restart()

    def __dealloc__(self):
        free(self.channels)
        free(self.told)
        free(self.ring)
        free(self.values)
        free(self.qualities)

    def restart(self):
        """Forget the last rows."""
        cdef Py_ssize_t i
        cdef Channel* channel
        memset(self.ring, 0, self.n * ROOM * sizeof(double))
        for i in range(self.n):
            channel = &self.channels[i]
            channel.recent = channel.before = channel.above = channel.below = channel.reference = 0.0
            channel.width = 1.0
        self.held = self.place = self.quiet = 0

    def step(self, values, qualities):
        """Whether this row is a change point."""
        if not copy_in(values, self.values, c'd', self.n):
            refuse("values", values, "float64", (self.n,))
        if not copy_in(qualities, self.qualities, c'B', self.n):
            refuse("qualities", qualities, "uint8", (self.n,))
        return self.changed()

    cdef bint changed(self) noexcept nogil:
        cdef Py_ssize_t i
        cdef Channel* channel
        self.take()
        if self.quiet:
            self.quiet -= 1
            for i in range(self.n):
                self.channels[i].above = self.channels[i].below = 0.0
            return False
        if self.held < RECENT + FEWEST_BEFORE:
            return False
        if not self.stands_out():
            for i in range(self.n):
                widen(&self.channels[i])
            return False
        for i in range(self.n):
            channel = &self.channels[i]
            channel.reference = channel.recent / RECENT
            channel.before = channel.above = channel.below = 0.0
        self.held = RECENT
        self.quiet = QUIET
        return True

    cdef bint stands_out(self) noexcept nogil:
        """Whether a channel does; then how far each went is kept."""
        cdef Py_ssize_t i
        cdef bint found = False
        cdef Channel* channel
        cdef double after, before, reach, total
        for i in range(self.n):
            channel = &self.channels[i]
            after, before = channel.recent / RECENT, channel.before / (self.held - RECENT)
            total = (channel.above if channel.above > channel.below else channel.below) / SUM_EDGE
            channel.away = fabs(after - before)
            reach = channel.away / (channel.edge * channel.width) if channel.judged else 0.0
            reach = total if channel.judged and total > reach else reach
            found = found or reach > 1.0
            self.values[i] = reach
        if found:
            for i in range(self.n):
                channel = &self.channels[i]
                after, before = channel.recent / RECENT, channel.before / (self.held - RECENT)
                self.told[i] = Moved(
                    self.values[i], before * channel.scale + channel.centre, after * channel.scale + channel.centre
                )
        return found

    cdef void take(self) noexcept nogil:
        """Take the row in: its values, those that were not usable as before, into ring and sums."""
        cdef Py_ssize_t i
        cdef Py_ssize_t leaving = (self.place + BEFORE) % ROOM
        cdef Channel* channel
        cdef double* oldest = self.ring + self.place * self.n
        cdef const double* aged = self.ring + leaving * self.n
        for i in range(self.n):
            channel = &self.channels[i]
            see(channel, self.values[i], self.qualities[i])
            if self.held >= RECENT:
                channel.recent -= aged[i]
                channel.before += aged[i]
            if self.held == ROOM:
                channel.before -= oldest[i]
            oldest[i] = channel.last
            channel.recent += channel.last
            add_up(channel, self.held == 0)
        if self.held < ROOM:
            self.held += 1
        self.place = (self.place + 1) % ROOM
        if self.place == 0:
            self.renew()

    cdef void renew(self) noexcept nogil:
        """The sums anew, from the ring."""
        cdef Py_ssize_t i, row
        for i in range(self.n):
            self.channels[i].recent = self.channels[i].before = 0.0
        for row in range(ROOM - self.held, ROOM):
            for i in range(self.n):
                if row < BEFORE:
                    self.channels[i].before += self.ring[row * self.n + i]
                else:
                    self.channels[i].recent += self.ring[row * self.n + i]

    def moved(self, rows):
        """Into `rows` float64[n, 3] how far each channel went at the last change point."""
        if not copy_out(self.told, rows, c'd', self.n, 3):
            refuse("rows", rows, "float64", (self.n, 3))


cdef inline void widen(Channel* channel) noexcept nogil:
    cdef double width
    if channel.away > channel.usual * channel.width:
        width = channel.width * PACE
        channel.width = WIDEST if width > WIDEST else width
    else:
        width = channel.width / PACE
        channel.width = 1.0 if width < 1.0 else width


cdef inline void see(Channel* channel, double value, unsigned char quality) noexcept nogil:
    cdef double z
    if channel.judged and quality <= 1 and value - value == 0.0:
        z = (value - channel.centre) / channel.scale
        channel.last = HUGE if z > HUGE else -HUGE if z < -HUGE else z


cdef inline void add_up(Channel* channel, bint first) noexcept nogil:
    cdef double away
    if first:
        channel.reference = channel.last
    away = channel.last - channel.reference
    channel.above = channel.above + away - ALLOWANCE
    channel.above = channel.above if channel.above > 0.0 else 0.0
    channel.below = channel.below - away - ALLOWANCE
    channel.below = channel.below if channel.below > 0.0 else 0.0
    channel.reference += away / REFERENCE
