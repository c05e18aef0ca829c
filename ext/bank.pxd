"""The columns of a Sliding, in C: see bank.h, sliding.h and two_stack.h."""

cdef extern from "bank.h" nogil:
    long long LATEST

    ctypedef struct TwoStack:
        Py_ssize_t kept
        Py_ssize_t older
        Py_ssize_t newer

    TwoStack* stack_new(Py_ssize_t pairs, Py_ssize_t capacity, Py_ssize_t phase) noexcept
    double* stack_push(TwoStack* stack, long long stamp, long long time) noexcept
    void stack_resume(TwoStack* stack, Py_ssize_t older, Py_ssize_t newer) noexcept
    long long stack_stamp(const TwoStack* stack, Py_ssize_t age) noexcept
    long long stack_time(const TwoStack* stack, Py_ssize_t age) noexcept
    double* stack_value(TwoStack* stack, Py_ssize_t age, Py_ssize_t column) noexcept

    ctypedef struct SlidingTerm:
        int kind                # place in terms.SLIDING
        double scale

    ctypedef struct Stray:
        TwoStack* stack         # NULL: the column is in step with its tile
        long long number        # of values and bad ones so far
        Py_ssize_t sound        # polls since the last value that was not usable

    ctypedef struct Bank:
        Py_ssize_t columns
        Py_ssize_t capacity
        long long span          # 0: by number
        Py_ssize_t width        # columns of a tile
        Py_ssize_t tiles
        Py_ssize_t astray
        long long number        # of polls so far
        int in_a_row
        long long* chosen
        TwoStack** stacks       # of the tiles
        Stray* strays           # one for each column

    bint bank_open(Bank* bank, Py_ssize_t columns, long long span, Py_ssize_t capacity) noexcept
    void bank_close(Bank* bank) noexcept
    void bank_forget(Bank* bank) noexcept
    bint bank_push(Bank* bank, long long time, const double* values, const unsigned char* qualities) noexcept
    void bank_describe(
        const Bank* bank, long long time, const SlidingTerm* terms, Py_ssize_t count, double* out, long long* counts
    ) noexcept
