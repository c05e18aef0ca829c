"""The record: everything that the engine was fed, in order, kept in the state folder within a byte budget.

To replay it, `read` a folder of segments, or one of them:

    for entry in read(Path("/var/lib/gatewayd/record")):
        match entry:
            case Heading():   a segment begins: the boot of its times, the config's digest, the names behind numbers
            case Begun():     an engine began: Engine(plan, boot).restore(entry.saved, entry.time), or .take_over(the
                              one before, entry.saved, entry.going_on, entry.time) if there are any `going_on`
            case Stopped():   it was stopped: engine.stop(entry.time)
            case Clock():     the wall clock was set: another Heading.offset (add it to a time: ns since 1970)
            case Missed():    inputs are missing here: from here to the next `Begun` a replay is not exact
            case _:           an input: engine.feed(entry)

The engine's requests need no answer in a replay: each `Computed` that came of them is in the record. With the config of
the same digest the engine gives the same records, byte for byte, from each `Begun` on; what stands before the first
one is the end of a run whose beginning has been dropped. docs/evidence.md tells of files and budgets.
"""

from gatewayd.recorder.entries import Begun, Clock, Entry, Heading, Missed, Stopped
from gatewayd.recorder.reading import RecordError, read
from gatewayd.recorder.recorder import Recorder, RecordStatus

__all__ = [
    "Begun",
    "Clock",
    "Entry",
    "Heading",
    "Missed",
    "RecordError",
    "RecordStatus",
    "Recorder",
    "Stopped",
    "read",
]
