"""The records that the engine gives: what goes upstream, and what is saved with it.

A record outlives the process, so it names the boot that its times belong to; wall-clock time is only worked out when it
is encoded for the uplink.
"""

from gatewayd.records.alarms import Alarm, AlarmKind, AlarmState, Cause, Flood, FloodState, Severity
from gatewayd.records.delivery import EpochBegun, Loss
from gatewayd.records.judgement import Fault, ModelEvent, ModelNews, SensorFault, Verdict
from gatewayd.records.output import NOTHING, AnyRecord, Output, Saved, definition_hash
from gatewayd.records.record import Record, Stamp
from gatewayd.records.summaries import ChannelSummary, Readings, Summary

__all__ = [
    "NOTHING",
    "Alarm",
    "AlarmKind",
    "AlarmState",
    "AnyRecord",
    "Cause",
    "ChannelSummary",
    "EpochBegun",
    "Fault",
    "Flood",
    "FloodState",
    "Loss",
    "ModelEvent",
    "ModelNews",
    "Output",
    "Readings",
    "Record",
    "Saved",
    "SensorFault",
    "Severity",
    "Stamp",
    "Summary",
    "Verdict",
    "definition_hash",
]
