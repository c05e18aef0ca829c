"""A gateway at one moment, with one of everything that may be told of it."""

from dataclasses import fields, replace

from gatewayd.calculator import CalculationStatus
from gatewayd.calculator import State as Calculating
from gatewayd.clock import ClockState
from gatewayd.daemon.status import Status
from gatewayd.evidence import EvidenceStatus
from gatewayd.recorder import RecordStatus
from gatewayd.sources import Accounts, OwnProcess, State
from gatewayd.sources.health.status import Health
from gatewayd.state.storage import StorageStatus
from gatewayd.uplink import ClassStatus, OutboxStatus, UplinkStatus


def made(kind, **known):
    """A record of which only some fields matter."""
    return kind(**{field.name: 0 for field in fields(kind)} | known)


ACCOUNTS = Accounts(calls=13, failures=3, seconds=0.026, longest=0.012, holds=1, memory=4000, growth=10, busy=2.5)
SOURCE = replace(
    Health("pump1", "modbus").status(0, {}),
    state=State.OK,
    polls=12,
    failed=2,
    missed=1,
    last_error="no answer",
    last_error_age=60.0,
    duration=0.02,
    bad={"flow": "sensor fault"},
    bad_count=1,
    accounts=ACCOUNTS,
    process=OwnProcess(4711, 30_000_000, 2),
    line="tcp://10.0.0.5:502",
)
CALCULATION = CalculationStatus(
    name="pump1.acceleration",
    plugin="tank",
    state=Calculating.SLOW,
    count=9,
    failed=1,
    passed_over=2,
    mean_ms=3.0,
    longest_ms=12.0,
    last_error="",
)
ALARM = {"state": "raised", "raised": 65.0, "reason": "pump1.flow: 0 l/min, below 1 l/min"}
STATUS = made(
    Status,
    version="0.1.0",
    gateway="hafen-01",
    config="/etc/gatewayd/gatewayd.toml",
    seconds=93784.0,
    problems=("line 3: nonsense",),
    sources=(SOURCE,),
    plugins={},
    calculations=(CALCULATION,),
    abandoned={},
    alarms=[
        {**ALARM, "rule": "dry_run", "severity": "critical", "acknowledged": False},
        {**ALARM, "rule": "hot", "severity": "warning", "acknowledged": True},
    ],
    shelved=[{"rule": "loud", "left": 60.0}],
    suspended=[],
    maintenance=[],
    models=[{"name": "pump1", "state": "judging", "score": 0.4, "progress": None, "version": 1, "why": ""}],
    verdicts=(),
    uplink=made(
        UplinkStatus,
        connected=True,
        seconds=5.0,
        last_error="",
        throttled=False,
        sent=40,
        acked=39,
        refused=1,
        reconnects=2,
    ),
    outbox=made(
        OutboxStatus,
        waiting=2,
        oldest=0.5,
        bytes=1234567,
        lost=3,
        set_aside=1,
        committed=50,
        commits=20,
        written=400_000,
        epoch="e",
        unstored=4,
        failing="",
        classes={"event": ClassStatus(given=7, waiting=2, lost=1, set_aside=0)},
    ),
    storage=StorageStatus(
        {"outbox": 64_000_000, "evidence": 16_000_000}, 1_000_000, 2_000_000_000, 400_000, 900_000, ""
    ),
    clock=ClockState.SET,
    record=made(RecordStatus, on=True, bytes=5, inputs=6, missed=7, failing=""),
    evidence=made(EvidenceStatus, files=3, bytes=123456, failing="the disk is full"),
)
