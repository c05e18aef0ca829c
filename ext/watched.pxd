"""One channel under guard: what is checked of it, what is remembered, and each step of judging one value of it."""

from libc.math cimport INFINITY, fabs

from polls cimport ABSENT, UNCERTAIN, is_usable

cdef enum:
    FINE = 0
    OUT_OF_RANGE
    CLIPPED
    STUCK
    FLAT
    JUMPS
    DROPOUTS

cdef enum:
    BAD = 2
    # as guarding has them
    RESTS = 60
    PAUSE = 8
    FEW = 4
    TAUGHT = 64
    REMEMBERED = 256
    NOVELTY = 64
    STEPS = 4096
    IMPLAUSIBLE = 4
    PERSISTS = 3
    SPIKES = 3

cdef struct Checked:
    double low
    double high
    long long rest
    double jump
    double missing
    # ns: from poll to poll; until the last value says nothing any more; that a rest must last; that spikes matter
    long long interval
    long long patience
    long long least
    long long recent

cdef struct Channel:
    # as guarding.FIELDS has them
    long long seen
    long long taught
    long long time
    double last
    double step
    long long moves
    double noise
    double largest
    double level
    double spread
    double novelty
    long long known
    double recent[FEW]
    long long same
    long long same_since
    long long few
    long long few_since
    long long few_counts
    long long still
    long long still_since
    long long still_counts
    long long rests
    double rested
    long long away
    long long astray
    long long shared
    double spike
    long long spikes
    long long spiked[SPIKES]
    double missing
    long long fault
    long long since
    double value
    long long resting


cdef inline bint follows(const Channel* c, const Checked* k, long long time) noexcept nogil:
    return c.seen > 0 and time - c.time <= k.patience


cdef inline double limit(const Channel* c, const Checked* k, long long time) noexcept nogil:
    cdef long long elapsed = max(time - c.time, k.interval)
    if k.jump != 0.0:
        return k.jump * (<double>elapsed / 1e9)
    if c.moves < TAUGHT:
        return INFINITY
    if elapsed == k.interval:
        return IMPLAUSIBLE * c.largest
    return IMPLAUSIBLE * c.largest * (<double>elapsed / <double>k.interval)


cdef inline bint jumps(const Channel* c, const Checked* k, long long time, double value) noexcept nogil:
    return follows(c, k, time) and fabs(value - c.last) > limit(c, k, time)


cdef inline void count(Channel* c, long long missed, bint usable) noexcept nogil:
    cdef long long _
    for _ in range(min(missed, 4 * REMEMBERED)):
        c.missing += (1.0 - c.missing) / REMEMBERED
    c.missing += ((0.0 if usable else 1.0) - c.missing) / REMEMBERED


cdef inline long long lasting(const Channel* c, const Checked* k, long long time) noexcept nogil:
    cdef long long first = c.spiked[0 if c.fault == JUMPS else SPIKES - 1]
    if c.spikes >= SPIKES and time - first <= k.recent:
        return JUMPS
    return DROPOUTS if c.missing > (k.missing / 2 if c.fault == DROPOUTS else k.missing) else FINE


cdef inline long long beyond(const Checked* k, double value) noexcept nogil:
    if value < k.low or value > k.high:
        return OUT_OF_RANGE
    return CLIPPED if value == k.high or (value == k.low and k.low != 0.0) else FINE


cdef inline void spiked(Channel* c, long long time) noexcept nogil:
    c.spikes += 1
    c.spiked[2] = c.spiked[1]
    c.spiked[1] = c.spiked[0]
    c.spiked[0] = time


cdef inline bint persists(const Channel* c, double value) noexcept nogil:
    cdef double before = c.spike - c.last, now = value - c.last
    return now >= before / 2 if before > 0 else now <= before / 2


cdef inline bint believed(Channel* c, const Checked* k, long long time, double value, bint shared) noexcept nogil:
    cdef double step = fabs(value - c.last)
    if not follows(c, k, time):
        c.away = c.astray = 0
        return True
    if step <= limit(c, k, time):
        if c.away and not c.shared:
            spiked(c, time)
        c.away = c.astray = 0
        return True
    if c.away and persists(c, value):
        c.away += 1
    else:
        c.away = 1
        c.shared = 0
    c.spike = value
    c.shared |= shared
    c.astray += 1
    if c.away < PERSISTS:
        if c.astray % PERSISTS == 0 and not c.shared:
            spiked(c, time)
        return False
    c.largest = max(c.largest, step)
    c.away = c.astray = 0
    return True


cdef inline bint is_new(Channel* c, double value) noexcept nogil:
    cdef long long place = 0, i
    cdef bint new
    while place < c.known and c.recent[place] != value:
        place += 1
    new = place == c.known
    c.known = min(c.known + new, <long long>FEW)
    for i in range(min(place, <long long>(FEW - 1)), 0, -1):
        c.recent[i] = c.recent[i - 1]
    c.recent[0] = value
    return new


cdef inline bint counts(const Channel* c, double value) noexcept nogil:
    if c.rests and fabs(value - c.rested) <= 4 * c.spread:
        return False
    return c.taught >= TAUGHT and c.novelty >= 0.5 and fabs(value - c.level) <= 4 * c.spread


cdef inline bint teaches(const Channel* c) noexcept nogil:
    return c.fault != STUCK and c.fault != FLAT and c.few < PAUSE and c.still < PAUSE


cdef inline void keep_rest(Channel* c, long long time, double value, double step) noexcept nogil:
    cdef bint new = is_new(c, value)
    if c.same and step == 0.0:
        c.same += 1
    else:
        c.same = 1
        c.same_since = time
    if c.few and not new:
        c.few += 1
    else:
        c.few = 1
        c.few_since = time
        c.few_counts = counts(c, value)
    if c.still and 5 * step <= c.noise:
        c.still += 1
    else:
        c.still = 1
        c.still_since = time
        c.still_counts = counts(c, value)
    if teaches(c):
        c.novelty += ((1.0 if new else 0.0) - c.novelty) / NOVELTY


cdef inline long long stuck(const Channel* c, const Checked* k, long long time) noexcept nogil:
    if k.rest == 0:
        return FINE
    if k.rest > 0 and time - c.same_since >= k.rest:
        return STUCK
    if c.few_counts and c.few >= RESTS and time - c.few_since >= k.least:
        return STUCK
    return FLAT if c.still_counts and c.still >= RESTS and time - c.still_since >= k.least else FINE


cdef inline double part(const Channel* c) noexcept nogil:
    return 1.0 / (c.taught + 1) if c.taught < REMEMBERED else 1.0 / REMEMBERED


cdef inline void learn_noise(Channel* c, double bend) noexcept nogil:
    cdef double share = part(c)
    if c.taught >= TAUGHT and bend > c.noise:
        share /= 4
        if 0.0 < 4 * c.noise < bend:
            bend = 4 * c.noise
    c.noise += share * (bend - c.noise)


cdef inline void learn(Channel* c, double value, double step, double bend) noexcept nogil:
    cdef double off, faded
    if step > 0.0:
        c.moves += 1
        faded = c.largest * (1.0 - 1.0 / STEPS)
        c.largest = step if step > faded else faded
    if c.few < PAUSE and c.still < 2 * RESTS:
        learn_noise(c, bend)
    if not teaches(c):
        return
    off = fabs(value - c.level) if c.taught else 0.0
    if c.taught >= TAUGHT and 0.0 < 3 * c.spread < off:
        off = 3 * c.spread
    c.spread += part(c) * (off - c.spread)
    c.level = c.level + part(c) * (value - c.level) if c.taught else value
    c.taught += 1


cdef inline long long rested(Channel* c, const Checked* k, long long time, double value) noexcept nogil:
    cdef bint known = follows(c, k, time) or c.fault == STUCK or c.fault == FLAT
    cdef double step = value - c.last if known else 0.0
    cdef long long found = FINE
    if not known or c.resting:
        c.same = c.few = c.still = 0
    if not c.resting:
        keep_rest(c, time, value, fabs(step))
        found = stuck(c, k, time)
        if found == FINE:
            if c.few == RESTS or c.still == RESTS:
                c.rests += 1
                c.rested = value
            learn(c, value, fabs(step), fabs(step - c.step))
    c.seen += 1
    c.time = time
    c.last = value
    c.step = step
    return found


cdef inline void find(Channel* c, long long fault, long long since) noexcept nogil:
    if fault != c.fault:
        c.fault = fault
        c.since = since


cdef inline unsigned char take(
    Channel* c, const Checked* k, long long time, double value, unsigned char quality, long long missed, bint shared
) noexcept nogil:
    cdef bint usable = is_usable(value, quality), plausible
    cdef long long found, since = time
    if quality == ABSENT:
        return quality
    count(c, missed, usable)
    if not usable:
        if c.fault == FINE or c.fault == JUMPS or c.fault == DROPOUTS:
            find(c, lasting(c, k, time), time)
        return max(quality, <unsigned char>BAD)
    c.value = value
    found = beyond(k, value)
    plausible = found == FINE and believed(c, k, time, value, shared)
    if plausible:
        found = rested(c, k, time, value)
    if found == STUCK:
        since = c.same_since if time - c.same_since >= k.least else c.few_since
    elif found == FLAT:
        since = c.still_since
    find(c, found if found != FINE else lasting(c, k, time), since)
    if found != FINE or not plausible:
        return BAD
    return max(quality, <unsigned char>UNCERTAIN) if c.fault == DROPOUTS else quality
