"""The ledger: which numbers of each class were given, and what of them will not arrive."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gatewayd import clock
from gatewayd.records import AnyRecord, Loss
from gatewayd.uplink.outbox.database import checksum
from gatewayd.uplink.outbox.identity import CLASSES
from gatewayd.uplink.row import MessageClass

SEVERAL = "several reasons"
MOST_REASONS = 20
"""Reasons per class that are kept apart until they are reported."""


@dataclass(frozen=True, slots=True)
class Account:
    """One class in this epoch: the last number given, how many are lost or set aside, how many wait."""

    given: int = 0
    lost: int = 0
    aside: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Unreported:
    """Losses of one class, for one reason, of which no record tells yet: `count` numbers from `first` to `last`.

    `quiet` ones, reports of losses that were themselves refused, are told with the next that are not.
    """

    first: int
    last: int
    count: int
    quiet: bool


class Ledger:
    """The accounts of an epoch, in memory; `store` writes what differs from an earlier copy."""

    def __init__(self, epoch: str) -> None:
        self.epoch = epoch
        self.accounts = dict.fromkeys(CLASSES, Account())
        self.unreported: dict[tuple[MessageClass, str], Unreported] = {}

    def copy(self) -> Ledger:
        """The same, to be changed in a transaction and kept if that succeeds."""
        other = Ledger(self.epoch)
        other.accounts = dict(self.accounts)
        other.unreported = dict(self.unreported)
        return other

    def found(self, message_class: MessageClass, last: int, count: int) -> None:
        """So many rows of a class were found waiting. Raises ValueError if their `last` number was never given."""
        account = self.accounts[message_class]
        if last > account.given:
            raise ValueError(f"{message_class} {last} was never given")
        self.accounts[message_class] = replace(account, waiting=count)

    def give(self, message_class: MessageClass, count: int) -> int:
        """Give the next `count` numbers to rows that wait; gives the first of them."""
        account = self.accounts[message_class]
        given, waiting = account.given + count, account.waiting + count
        self.accounts[message_class] = replace(account, given=given, waiting=waiting)
        return account.given + 1

    def gone(self, message_class: MessageClass, count: int) -> None:
        """Rows that waited have been acknowledged."""
        account = self.accounts[message_class]
        self.accounts[message_class] = replace(account, waiting=account.waiting - count)

    def lose(self, message_class: MessageClass, first: int, last: int, count: int, why: str) -> None:
        """Rows that waited, `count` of the numbers from `first` to `last`, will not arrive."""
        account = self.accounts[message_class]
        lost, waiting = account.lost + count, account.waiting - count
        self.accounts[message_class] = replace(account, lost=lost, waiting=waiting)
        self._note(message_class, why, Unreported(first, last, count, quiet=False))

    def arrived(self, message_class: MessageClass, first: int, last: int, count: int, why: str) -> None:
        """Of the numbers from `first` to `last`, `count` that were lost on their way have been acknowledged."""
        account = self.accounts[message_class]
        self.accounts[message_class] = replace(account, lost=max(0, account.lost - count))
        told = self.unreported.get((message_class, why))
        if told is None or last < told.first or first > told.last:
            return
        del self.unreported[message_class, why]
        if told.count > count:
            self.unreported[message_class, why] = replace(told, count=told.count - count)

    def put_aside(self, message_class: MessageClass, seq: int, why: str, *, quiet: bool) -> None:
        """A row that waited is not sent, but kept."""
        account = self.accounts[message_class]
        aside, waiting = account.aside + 1, account.waiting - 1
        self.accounts[message_class] = replace(account, aside=aside, waiting=waiting)
        self._note(message_class, why, Unreported(seq, seq, 1, quiet))

    def forget_aside(self, message_class: MessageClass, count: int) -> None:
        """Rows that were set aside are not kept any longer; their loss was noted when they were set aside."""
        account = self.accounts[message_class]
        self.accounts[message_class] = replace(account, aside=account.aside - count, lost=account.lost + count)

    def take_back(self, record: AnyRecord | None, *, quiet: bool) -> None:
        """If `record` is a report of losses that will not arrive, what it tells is unreported again."""
        if isinstance(record, Loss) and record.epoch == self.epoch:
            told = Unreported(record.first, record.last, record.count, quiet)
            self._note(MessageClass(record.message_class), record.why, told)

    def reports_due(self) -> bool:
        """Whether there is a loss that should be reported."""
        return any(not each.quiet for each in self.unreported.values())

    def report(self) -> Iterator[Loss]:
        """A record of each loss that none tells of yet; they count as reported."""
        now, boot = clock.now(), clock.boot()
        for (message_class, why), told in self.unreported.items():
            yield Loss(
                boot=boot,
                time=now,
                message_class=message_class,
                epoch=self.epoch,
                first=told.first,
                last=told.last,
                count=told.count,
                why=why,
            )
        self.unreported = {}

    def _note(self, message_class: MessageClass, why: str, new: Unreported) -> None:
        if sum(each is message_class for each, _ in self.unreported) >= MOST_REASONS:
            why = why if (message_class, why) in self.unreported else SEVERAL
        key = (message_class, why)
        old = self.unreported.get(key, Unreported(new.first, new.last, 0, quiet=True))
        self.unreported[key] = Unreported(
            min(old.first, new.first), max(old.last, new.last), old.count + new.count, old.quiet and new.quiet
        )

    # --- on disk --------------------------------------------------------------------------------------------------

    @classmethod
    def load(cls, connection: sqlite3.Connection, epoch: str) -> Ledger:
        """Read the ledger, but for how many rows wait. Raises sqlite3.Error; ValueError if it makes no sense."""
        ledger = cls(epoch)
        for name, given, lost, aside, expected in connection.execute(
            "SELECT class, given, lost, aside, checksum FROM account"
        ):
            if checksum(name, given, lost, aside) != expected:
                raise ValueError(f"the account of {name!r} is spoilt")
            ledger.accounts[MessageClass(name)] = Account(given, lost, aside)
        for name, why, first, last, count, quiet in connection.execute(
            "SELECT class, why, first, last, count, quiet FROM unreported"
        ):
            ledger.unreported[MessageClass(name), why] = Unreported(first, last, count, bool(quiet))
        return ledger

    def store(self, connection: sqlite3.Connection, before: Ledger) -> None:
        """Write what differs from `before`."""
        for each, account in self.accounts.items():
            old = before.accounts[each]
            if (account.given, account.lost, account.aside) != (old.given, old.lost, old.aside):
                facts = account.given, account.lost, account.aside
                connection.execute(
                    "UPDATE account SET given = ?, lost = ?, aside = ?, checksum = ? WHERE class = ?",
                    (*facts, checksum(each, *facts), each),
                )
        if self.unreported != before.unreported:
            connection.execute("DELETE FROM unreported")
            connection.executemany(
                "INSERT INTO unreported VALUES (?, ?, ?, ?, ?, ?)",
                [(each, why, x.first, x.last, x.count, x.quiet) for (each, why), x in self.unreported.items()],
            )
