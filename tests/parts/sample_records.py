"""One record of each kind, as a pump's gateway might make it; also the examples of docs/payloads.md."""

import numpy as np

from gatewayd.records import (
    Alarm,
    AlarmState,
    Cause,
    ChannelSummary,
    EpochBegun,
    Fault,
    Flood,
    FloodState,
    Loss,
    ModelEvent,
    ModelNews,
    Readings,
    Severity,
    Stamp,
    Summary,
    Verdict,
)

BOOT = "3f0c5a0e-6a43-4c19-9d5e-0d6f6f2f7c11"
MS, SECOND = 1_000_000, 1_000_000_000
START = 1_000 * SECOND

ALARM = Alarm(
    boot=BOOT,
    rule="overpressure",
    channel="pump1.pressure",
    state=AlarmState.RAISED,
    severity=Severity.CRITICAL,
    time=START + 33_250 * MS,
    since=Stamp(BOOT, START + 23_250 * MS),
    raised=Stamp(BOOT, START + 33_250 * MS),
    value=6.4,
    limit=6.0,
    unit="bar",
    reason="pump1.pressure: 6.4 bar, above 6 bar for 10 s",
    text="Close valve V3 and call the operator",
)
RETURNED = Alarm(
    boot=BOOT,
    rule="pump1_unwell",
    channel="health.pump1",
    state=AlarmState.RETURNED,
    severity=Severity.WARNING,
    time=START + 80 * SECOND,
    since=Stamp(BOOT, START + 30 * SECOND),
    raised=Stamp(BOOT, START + 40 * SECOND),
    value=0.92,
    limit=1.0,
    unit="1",
    reason="health.pump1: 0.92, no longer above 1",
    causes=(
        Cause(
            channel="pump1.flow",
            share=0.52,
            value=31.0,
            normal=35.0,
            low=34.0,
            high=36.0,
            unit="l/min",
            since=Stamp(BOOT, START + 25 * SECOND),
        ),
        Cause(channel="pump1.vibration.rms", share=0.31, part="course"),
    ),
    group="suction",
    first_out=True,
)
FLOOD = Flood(
    boot=BOOT,
    state=FloodState.ENDED,
    time=START + 1500 * SECOND,
    since=Stamp(BOOT, START + 60 * SECOND),
    limit=20,
    within=600 * SECOND,
    rules={"low_flow": 31, "overpressure": 2},
    severities={"warning": 31, "info": 2},
    open=("low_flow",),
    reason="the flood of alarms is over: 33 alarms were counted, not told, of which 1 is open",
)
VERDICT = Verdict(
    boot=BOOT,
    bearing="drive_end",
    channel="pump1.acceleration",
    fault=Fault.OUTER_RACE,
    before=Fault.NONE,
    time=START + 45 * SECOND,
    score=9.6,
    votes=4,
    windows=5,
    shaft=24.7,
    frequency=88.426,
    reason=(
        "drive_end: outer race in 4 of 5 windows, "
        "lines at 88.43 Hz (BPFO) and its harmonics stand out by 9.6 standard deviations"
    ),
)
MODEL_NEWS = ModelNews(
    boot=BOOT,
    model="pump1",
    channel="health.pump1",
    event=ModelEvent.LEARNED,
    time=START + 50 * SECOND,
    point="",
    version=1,
    rows=86_212,
    seconds=86_400.0,
    spread=0.31,
    doubts=(),
    reason="pump1: version 1 is learned from 86212 rows (24 h of running)",
)
SUMMARY = Summary(
    boot=BOOT,
    source="pump1",
    start=START,
    end=START + 60 * SECOND,
    channels=(
        ChannelSummary(name="pressure", count=60, mean=4.21, min=4.02, max=6.4, last=6.38),
        ChannelSummary(
            name="body_temp", count=58, bad=2, mean=41.3, min=41.1, max=41.6, last=41.6, reason="device busy"
        ),
        ChannelSummary(name="flow", count=0, bad=60, reason="illegal data address"),
        ChannelSummary(name="vibration.rms", count=12, mean=2.74, min=2.6, max=2.91, last=2.83),
    ),
    alarms=("overpressure",),
    polls=60,
    suspended={"dry_run": "pump1.running is bad"},
)


def readings(times, values, qualities=None, channels=("pressure", "flow")):
    """Readings of pump1: a row of values, and of qualities, for each time."""
    return Readings(
        boot=BOOT,
        source="pump1",
        channels=channels,
        times=np.array(times, "<i8").tobytes(),
        values=np.array(values, "<f8").tobytes(),
        qualities=b"" if qualities is None else np.array(qualities, np.uint8).tobytes(),
    )


READINGS = readings(
    [START, START + 100 * MS, START + 200 * MS + 40_000],
    [[4.2, 118.0], [4.25, float("nan")], [4.3, 117.5]],
    [[0, 0], [0, 2], [0, 1]],
)
LOSS = Loss(
    boot=BOOT,
    time=START + 90 * SECOND,
    message_class="readings",
    epoch="8c1f2a5e9b7d4c30",
    first=120,
    last=185,
    count=66,
    why="the outbox was full",
)
EPOCH_BEGUN = EpochBegun(
    boot=BOOT,
    time=START,
    epoch="8c1f2a5e9b7d4c30",
    previous="51d0c7a2f3be9610",
    ends={"event": 12, "summary": 4031, "readings": 0},
    why="the outbox was damaged and set aside as outbox.db.damaged-1",
)
