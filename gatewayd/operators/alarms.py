"""Alarms before operators: those that are open, shelved or suspended; to acknowledge, shelve and unshelve them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from gatewayd.control.door import Commands
from gatewayd.engine.engine import Engine
from gatewayd.model import Order
from gatewayd.operators.requests import (
    Age,
    Do,
    OfRule,
    OfRuleForTime,
    RefusedError,
    Request,
    known,
    ordered,
    some,
    taking,
    told,
)
from gatewayd.records import Alarm


class AlarmDesk:
    """What operators ask of alarms."""

    def __init__(self, engine: Engine, do: Do, age: Age) -> None:
        self._engine = engine
        self._do = do
        self._age = age
        self._latched = {rule.name for rule in engine.plan.rules if rule.latch}

    def commands(self) -> Commands:
        """Those about alarms."""
        return {
            "alarm.list": taking(Request, self._list),
            "alarm.ack": taking(OfRule, self._acknowledge),
            "alarm.shelve": taking(OfRuleForTime, self._shelve),
            "alarm.unshelve": taking(OfRule, self._unshelve),
        }

    def standing(self) -> dict[str, Any]:
        """All alarms that are open or shelved, and the rules that do not judge."""
        return {
            "alarms": [self._open(alarm) for alarm in self._engine.alarms()],
            "shelved": [self._shelf(alarm) for alarm in self._engine.shelved()],
            "suspended": [
                {
                    "rule": each.rule,
                    "reason": each.reason,
                    "seconds": None if each.since is None else self._age(each.since),
                }
                for each in self._engine.suspended()
            ],
        }

    def _list(self, _: Request) -> dict[str, Any]:
        return self.standing()

    def _open(self, alarm: Alarm) -> dict[str, Any]:
        """An alarm with the age of its times."""
        plain: dict[str, Any] = msgspec.to_builtins(alarm)
        for key in ("kind", "boot", "time", "until"):
            del plain[key]
        plain.update(since=self._age(alarm.since), raised=self._age(alarm.raised))
        for cause, of in zip(plain["causes"], alarm.causes, strict=True):
            cause["since"] = None if of.since is None else self._age(of.since)
        return {"id": alarm.id, **plain, "latched": alarm.rule in self._latched}

    def _shelf(self, told_of: Alarm) -> dict[str, Any]:
        left = None if told_of.until is None else self._age(told_of.until)
        return {
            "rule": told_of.rule,
            "severity": told_of.severity,
            "since": self._age(told_of.raised),
            "left": None if left is None else max(0.0, -left),
            "by": told_of.by,
            "reason": told_of.reason,
        }

    def _acknowledge(self, request: OfRule) -> Sequence[str]:
        self._check(request.rule)
        alarms = {alarm.rule: alarm for alarm in self._engine.alarms()}
        alarm = alarms.get(request.rule)
        if alarm is None:
            raise RefusedError(f"{request.rule} is not raised; raised are: {some(alarms, 'none')}")
        if alarm.acknowledged:
            by = f" by {alarm.by}" if alarm.by else ""
            raise RefusedError(f"{request.rule} has been acknowledged already{by}")
        words = told(self._do(ordered(Order.ACKNOWLEDGE, request.rule, request)))
        return words or [f"{request.rule} is acknowledged"]

    def _shelve(self, request: OfRuleForTime) -> Sequence[str]:
        self._check(request.rule)
        if request.seconds < 1:
            raise RefusedError('say for how long, such as "8h": a shelf has an end')
        words = told(self._do(ordered(Order.SHELVE, request.rule, request, seconds=request.seconds)))
        return words[-1:] or [f"{request.rule} is shelved"]

    def _unshelve(self, request: OfRule) -> Sequence[str]:
        self._check(request.rule)
        shelved = [alarm.rule for alarm in self._engine.shelved()]
        if request.rule not in shelved:
            raise RefusedError(f"{request.rule} is not shelved; shelved are: {some(shelved, 'none')}")
        return told(self._do(ordered(Order.UNSHELVE, request.rule, request))) or [
            f"{request.rule} is not shelved any more"
        ]

    def _check(self, rule: str) -> None:
        known(rule, (each.name for each in self._engine.plan.rules), "rule")
