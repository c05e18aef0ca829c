"""What a daemon answers when it is asked for its status."""

SOURCE = {
    "name": "pump1",
    "plugin": "modbus",
    "state": "ok",
    "seconds": 61.0,
    "polls": 12,
    "failed": 0,
    "missed": 0,
    "last_error": "",
    "last_error_age": None,
    "bad": {},
    "bad_count": 0,
    "flawed": {},
    "about": {},
    "slowed": [],
    "accounts": {
        "calls": 13,
        "failures": 3,
        "seconds": 0.026,
        "longest": 0.012,
        "holds": 0,
        "memory": None,
        "growth": None,
        "busy": 0.0,
    },
    "process": None,
    "line": "10.0.0.5:502",
    "duration": 0.02,
}
STATUS = {
    "version": "0.1.0",
    "gateway": "hafen-01",
    "config": "/etc/gatewayd/gatewayd.toml",
    "seconds": 93784.0,
    "problems": [],
    "sources": [
        SOURCE,
        {
            **SOURCE,
            "name": "pump22",
            "state": "failing",
            "failed": 3,
            "last_error": "no answer within 1 s",
            "last_error_age": 2.0,
        },
    ],
    "plugins": {},
    "calculations": [],
    "abandoned": {},
    "alarms": [],
    "verdicts": [],
    "clock": "synchronized",
    "uplink": {
        "connected": True,
        "seconds": 65.0,
        "acked": 40,
        "refused": 0,
        "reconnects": 1,
        "last_error": "",
        "throttled": False,
    },
    "outbox": {
        "waiting": 2,
        "oldest": 0.2,
        "written": 4000,
        "bytes": 1234567,
        "lost": 0,
        "set_aside": 0,
        "unstored": 0,
        "failing": "",
    },
    "shelved": [],
    "suspended": [],
    "maintenance": [],
    "models": [],
    "record": {"on": False, "bytes": 0, "inputs": 0, "missed": 0, "written": 0, "failing": ""},
    "evidence": {"files": 3, "bytes": 123456, "without": 0, "written": 0, "failing": ""},
    "storage": {
        "budget": {"outbox": 64_000_000, "evidence": 16_000_000},
        "taken": 7_000_000,
        "free": 2_000_000_000,
        "written": 4000,
        "written_per_day": 75_000_000,
        "problem": "",
    },
}
ALARM = {"rule": "dry_run", "severity": "critical", "state": "raised", "acknowledged": False, "raised": 65.0,
         "reason": "pump1.flow: 0 l/min, below 1 l/min"}  # fmt: skip
CHANNEL = {"name": "pump1.flow", "unit": "l/min", "kind": "scalar", "derived": False, "value": 12.3456,
           "quality": "good", "reason": "", "age": 0.3, "length": 0, "rate": 0.0}  # fmt: skip


def many(count, **more):
    return [{**SOURCE, "name": f"pump{number}", "line": f"bus{number % 2}", **more} for number in range(count)]


def later(status, seconds=2.0, **more):
    """The same gateway a little later: each source was polled twice and had its line for half a second."""
    sources = [
        {**each, "polls": each["polls"] + 2, "accounts": {**each["accounts"], "busy": each["accounts"]["busy"] + 0.5}}
        for each in status["sources"]
    ]
    return {**status, "seconds": status["seconds"] + seconds, "sources": sources, **more}
