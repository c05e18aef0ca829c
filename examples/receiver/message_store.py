"""The messages of gateways in an SQLite file: each once, and the proof that none is missing.

Messages are those of docs/payloads.md, version 1. It needs nothing but Python: copy it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TABLES = """
CREATE TABLE IF NOT EXISTS message (
    gateway TEXT, epoch TEXT, class TEXT, seq INTEGER, topic TEXT, payload BLOB,
    PRIMARY KEY (gateway, epoch, class, seq)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS loss (gateway TEXT, epoch TEXT, class TEXT, first INTEGER, last INTEGER, count INTEGER);
CREATE TABLE IF NOT EXISTS ending (
    gateway TEXT, epoch TEXT, class TEXT, last INTEGER, PRIMARY KEY (gateway, epoch, class)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS settled (
    gateway TEXT, epoch TEXT, class TEXT, upto INTEGER, PRIMARY KEY (gateway, epoch, class)
) WITHOUT ROWID;
"""
GAPS = """
WITH edge (seq) AS (
    SELECT seq FROM message WHERE gateway = :gateway AND epoch = :epoch AND class = :class
    UNION ALL VALUES (0), (:end + 1)
)
SELECT seq + 1, following - 1 FROM (SELECT seq, lead(seq) OVER (ORDER BY seq) AS following FROM edge)
WHERE following > seq + 1
"""
SETTLE = """
INSERT INTO settled SELECT gateway, epoch, class, max(seq) FROM message WHERE gateway = ? GROUP BY epoch, class
ON CONFLICT DO UPDATE SET upto = max(upto, excluded.upto)
"""

END = """
INSERT INTO ending VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET last = max(last, excluded.last)
"""
CLASSES = "event", "summary", "readings"

Range = tuple[int, int]
"""The first and the last of numbers that follow each other."""


@dataclass(frozen=True)
class Account:
    """What is known of the numbers 1 to `end` of one class of one epoch: each has arrived, or is in one of the ranges.

    reported       a loss names them: at most `lost` of them will never arrive
    left_behind    they were in a store that was damaged, or only in the gateway's memory
    on_their_way   the gateway has not said yet that nothing is waiting
    unexplained    none of these: it must not happen where the broker kept this receiver's session all the time
    """

    gateway: str
    epoch: str
    message_class: str
    end: int
    received: int
    lost: int
    reported: tuple[Range, ...]
    left_behind: tuple[Range, ...]
    on_their_way: tuple[Range, ...]
    unexplained: tuple[Range, ...]

    @property
    def complete(self) -> bool:
        """Whether each number has arrived."""
        return self.received == self.end


class MessageStore:
    """An SQLite file of messages; `path` may be ":memory:"."""

    def __init__(self, path: Path | str) -> None:
        self._database = sqlite3.connect(path)
        self._database.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; {TABLES}")

    def take(self, topic: str, payload: bytes) -> bool:
        """Store a message; whether it is new. It is on the disk then: acknowledge it only now.

        Raises ValueError for what is no message of a gateway.
        """
        try:
            message = json.loads(payload)
            if message["v"] != 1:
                raise ValueError(f"{topic}: version {message['v']}, not 1")
            with self._database:
                return self._take(topic, payload, message)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{topic}: not a message of a gateway ({error!r})") from error

    def _take(self, topic: str, payload: bytes, message: dict[str, Any]) -> bool:
        if "seq" in message:
            return self._take_numbered(topic, payload, message)
        if message["kind"] == "status" and message.get("waiting") == 0:
            self._database.execute(SETTLE, [message["gateway"]])
        return True

    def _take_numbered(self, topic: str, payload: bytes, message: dict[str, Any]) -> bool:
        row = (*(message[name] for name in ("gateway", "epoch", "class", "seq")), topic, payload)
        if not self._database.execute("INSERT OR IGNORE INTO message VALUES (?, ?, ?, ?, ?, ?)", row).rowcount:
            return False
        gateway = message["gateway"]
        if message["kind"] == "loss":
            loss = (gateway, *(message["of"][name] for name in ("epoch", "class", "first", "last", "count")))
            self._database.execute("INSERT INTO loss VALUES (?, ?, ?, ?, ?, ?)", loss)
        elif message["kind"] == "epoch":
            ends = [(gateway, message["previous"], name, message["ends"].get(name, 0)) for name in CLASSES]
            self._database.executemany(END, ends if message["previous"] else ())
        if message.get("volatile"):
            self._database.execute(END, (*row[:3], 0))
        return True

    def accounts(self) -> Iterator[Account]:
        """What is known of each class of each epoch of each gateway."""
        keys = "SELECT gateway, epoch, class FROM message UNION SELECT gateway, epoch, class FROM ending"
        for key in self._database.execute(f"{keys} ORDER BY 1, 2, 3").fetchall():
            yield self._account(dict(zip(("gateway", "epoch", "class"), key, strict=True)))

    def _account(self, key: dict[str, str]) -> Account:
        of = "FROM {} WHERE gateway = :gateway AND epoch = :epoch AND class = :class"
        received, highest = self._one(f"SELECT count(*), coalesce(max(seq), 0) {of.format('message')}", key)
        (ended,) = self._one(f"SELECT max(last) {of.format('ending')}", key)
        (settled,) = self._one(f"SELECT coalesce(max(upto), 0) {of.format('settled')}", key)
        losses = self._database.execute(f"SELECT first, last, count {of.format('loss')}", key).fetchall()
        end = max(highest, ended or 0)
        missing = [] if received == end else self._database.execute(GAPS, {**key, "end": end}).fetchall()
        reported, others = split(missing, [(first, last) for first, last, _ in losses])
        past, future = split(others, [(1, settled)])
        return Account(
            gateway=key["gateway"],
            epoch=key["epoch"],
            message_class=key["class"],
            end=end,
            received=received,
            lost=min(sum(count for *_, count in losses), size(reported)),
            reported=tuple(reported),
            left_behind=tuple(others) if ended is not None else (),
            on_their_way=tuple(future) if ended is None else (),
            unexplained=tuple(past) if ended is None else (),
        )

    def _one(self, query: str, key: dict[str, str]) -> Any:
        return self._database.execute(query, key).fetchone()


def split(ranges: Iterable[Range], by: Iterable[Range]) -> tuple[list[Range], list[Range]]:
    """The parts of ranges that are in some of the others, and those that are in none."""
    inside: list[Range] = []
    outside = list(ranges)
    for first, last in by:
        outside, before = [], outside
        for low, high in before:
            inner = max(low, first), min(high, last)
            if inner[0] > inner[1]:
                outside.append((low, high))
                continue
            inside.append(inner)
            outside += [part for part in ((low, inner[0] - 1), (inner[1] + 1, high)) if part[0] <= part[1]]
    return sorted(inside), sorted(outside)


def size(ranges: Iterable[Range]) -> int:
    """How many numbers these are."""
    return sum(last - first + 1 for first, last in ranges)
