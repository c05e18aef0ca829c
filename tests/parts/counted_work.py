"""How much work something is, counted in instructions of Python's, which are the same in each run."""

import sys


def instructions(work):
    """How many instructions of Python's `work` takes."""
    done = 0

    def trace(frame, event, _):
        nonlocal done
        frame.f_trace_opcodes = True
        done += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return done
