# cython: boundscheck=False, wraparound=False, cdivision=True, binding=False
"""Guard: is each value of a group plausible as one of its sensor, by what came before?"""

from cpython.bytes cimport PyBytes_AsString, PyBytes_FromStringAndSize
from libc.math cimport NAN
from libc.stdlib cimport free
from libc.string cimport memcpy

from arrays cimport allocate, copy_in, copy_out
from polls cimport is_usable, nanoseconds
from watched cimport FINE, Channel, Checked, jumps, take

from gatewayd_ext.checks import check_row, refuse
from gatewayd_ext.guarding import MINUTE, PATIENCE, RESTS, Fact, check_checks, check_missed, packed, unpacked

cdef class Guard:
    """Judges each value of the channels of one group; `reference_guard.Guard` says what it promises."""

    cdef object checks
    cdef Py_ssize_t n
    cdef object interval
    cdef Channel* channels
    cdef Checked* checked
    cdef double* values
    cdef double* faults
    cdef unsigned char* qualities
    cdef unsigned char* lowered

    def __cinit__(self, interval, checks):
        check_checks(interval, checks)
        self.interval, self.checks, self.n = interval, checks, len(checks)
        self.channels = <Channel*>allocate(self.n, sizeof(Channel))
        self.checked = <Checked*>allocate(self.n, sizeof(Checked))
        self.values = <double*>allocate(self.n, sizeof(double))
        self.faults = <double*>allocate(self.n, sizeof(double))
        self.qualities = <unsigned char*>allocate(self.n, 1)
        self.lowered = <unsigned char*>allocate(self.n, 1)
        cdef Py_ssize_t i
        for i in range(self.n):
            low, high, rest, jump, missing = checks[i]
            least = rest if rest > 0 else max(MINUTE, RESTS * interval)
            recent = max(10 * MINUTE, 100 * interval)
            self.checked[i] = Checked(low, high, rest, jump, missing, interval, PATIENCE * interval, least, recent)
            self.channels[i].spike = self.channels[i].value = NAN

    def __dealloc__(self):
        free(self.channels)
        free(self.checked)
        free(self.values)
        free(self.faults)
        free(self.qualities)
        free(self.lowered)

    def rest(self, column, resting):
        """From now on the channel may rest (its machine does): neither stuck nor flat is found, nothing learned."""
        check_row(column, self.n)
        self.channels[<Py_ssize_t>column].resting = bool(resting)

    def push(self, time, values, qualities, missed):
        """Judge one poll of the group; of how many channels something is found, or the quality lowered."""
        cdef long long now = nanoseconds(time), missing = nanoseconds(missed)
        if not 0 <= missing < 1LL << 31:
            check_missed(missed)
        if not copy_in(values, self.values, c'd', self.n):
            refuse("values", values, "float64", (self.n,))
        if not copy_in(qualities, self.qualities, c'B', self.n):
            refuse("qualities", qualities, "uint8", (self.n,))
        return self.judge(now, missing)

    def read(self, lowered, faults):
        """Write the qualities of the last poll into `lowered` uint8[n], what is found into `faults` float64[n]."""
        cdef Py_ssize_t i
        for i in range(self.n):
            self.faults[i] = <double>self.channels[i].fault
        if not copy_out(self.lowered, lowered, c'B', self.n, -1):
            refuse("lowered", lowered, "uint8", (self.n,))
        if not copy_out(self.faults, faults, c'd', self.n, -1):
            refuse("faults", faults, "float64", (self.n,))

    cdef Py_ssize_t judge(self, long long time, long long missed) noexcept nogil:
        cdef Py_ssize_t i, jumping = 0, found = 0
        for i in range(self.n):
            if is_usable(self.values[i], self.qualities[i]):
                jumping += jumps(&self.channels[i], &self.checked[i], time, self.values[i])
        for i in range(self.n):
            self.lowered[i] = take(&self.channels[i], &self.checked[i], time, self.values[i], self.qualities[i], missed,
                                   jumping > 1)
            found += self.lowered[i] != self.qualities[i] or self.channels[i].fault != FINE
        return found

    def fact(self, column):
        """What is known of a channel."""
        check_row(column, self.n)
        cdef const Channel* c = &self.channels[<Py_ssize_t>column]
        return Fact(c.fault, c.since, c.value, bool(c.same_since <= c.since), c.spike, c.missing)

    def state(self):
        """All that was learned, for `restore`; the same bytes from the kernel and from its twin."""
        rows = PyBytes_FromStringAndSize(<const char*>self.channels, self.n * sizeof(Channel))
        return packed(self.interval, self.checks, rows)

    def restore(self, bytes data not None, later=0):
        """Go on where `state` was taken, all times `later` by so many ns: those of another boot, say."""
        rows = unpacked(self.interval, self.checks, data, later)
        memcpy(self.channels, PyBytes_AsString(rows), self.n * sizeof(Channel))
