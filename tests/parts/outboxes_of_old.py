"""Outboxes as earlier versions of gatewayd wrote them, in plain SQL: that does not change any more."""

import sqlite3
import zlib

import msgspec

VERSION_1 = """
CREATE TABLE event (seq INTEGER PRIMARY KEY, batch INTEGER NOT NULL, checksum INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE summary (seq INTEGER PRIMARY KEY, batch INTEGER NOT NULL, checksum INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE readings (seq INTEGER PRIMARY KEY, batch INTEGER NOT NULL, checksum INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE aside (class TEXT, seq INTEGER, why TEXT NOT NULL, data BLOB NOT NULL, PRIMARY KEY (class, seq));
CREATE TABLE account (
    class TEXT PRIMARY KEY, given INTEGER NOT NULL, lost INTEGER NOT NULL, aside INTEGER NOT NULL,
    checksum INTEGER NOT NULL
);
CREATE TABLE unreported (
    class TEXT, why TEXT, first INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL, quiet INTEGER NOT NULL,
    PRIMARY KEY (class, why)
);
CREATE TABLE saved (
    stage TEXT, name TEXT, definition TEXT NOT NULL, checksum INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (stage, name)
);
CREATE TABLE boot (id TEXT PRIMARY KEY, wall_offset INTEGER NOT NULL);
CREATE TABLE epoch (id TEXT PRIMARY KEY, version INTEGER NOT NULL, checksum INTEGER NOT NULL);
PRAGMA application_id = 1734440055;
PRAGMA user_version = 1;
"""
EPOCH = "0123456789abcdef"
BOOT = "3f0c5a0e-6a43-4c19-9d5e-0d6f6f2f7c11"
RECORDS_1 = {
    "event": {
        "kind": "alarm",
        "boot": BOOT,
        "rule": "overpressure",
        "channel": "pump1.pressure",
        "state": "raised",
        "severity": "critical",
        "time": 1_033_250_000_000,
        "since": [BOOT, 1_023_250_000_000],
        "raised": [BOOT, 1_033_250_000_000],
        "value": 6.4,
        "limit": 6.0,
        "unit": "bar",
        "reason": "pump1.pressure: 6.4 bar, above 6 bar for 10 s",
        "causes": [],
        "until": None,
    },
    "summary": {
        "kind": "summary",
        "boot": BOOT,
        "source": "pump1",
        "start": 1_000_000_000_000,
        "end": 1_060_000_000_000,
        "channels": [{"name": "pressure", "count": 60, "mean": 4.21, "min": 4.02, "max": 6.4, "last": 6.38}],
        "alarms": ["overpressure"],
        "polls": 60,
        "suspended": {"dry_run": "pump1.running is bad"},
    },
    "readings": {
        "kind": "readings",
        "boot": BOOT,
        "source": "pump1",
        "channels": ["pressure"],
        "times": (1_000_000_000_000).to_bytes(8, "little"),
        "values": b"\xcd\xcc\xcc\xcc\xcc\xcc\x10@",
        "qualities": b"\0",
    },
}


def outbox_of_version_1(path):
    """An alarm, a summary and readings wait; one part of the engine's state is saved."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(VERSION_1)
    connection.execute("INSERT INTO epoch VALUES (?, 1, ?)", (EPOCH, zlib.crc32(f"{EPOCH}|1".encode())))
    for batch, (table, seq) in enumerate((("event", 5), ("summary", 9), ("readings", 2)), 1):
        data = msgspec.msgpack.encode(RECORDS_1[table])
        connection.execute(f"INSERT INTO {table} VALUES (?, ?, ?, ?)", (seq, batch, zlib.crc32(data, seq), data))
        account = (table, seq, 0, 0)
        connection.execute("INSERT INTO account VALUES (?, ?, ?, ?, ?)", (*account, crc_of(*account)))
    state = ("rules", "overpressure", "d", zlib.crc32(b"state"), b"state")
    connection.execute("INSERT INTO saved VALUES (?, ?, ?, ?, ?)", state)
    connection.commit()
    connection.close()


def crc_of(*facts):
    return zlib.crc32("|".join(map(str, facts)).encode())
