"""Findings: what a check says."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Grade(enum.StrEnum):
    """How bad it is: a problem keeps the gateway from its work; a warning will one day, or makes data worth less."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found by a check, and what to do about it."""

    check: str
    grade: Grade
    what: str
    remedy: str = ""


def ok(check: str, what: str) -> Finding:
    """All is well."""
    return Finding(check, Grade.OK, what)


def warning(check: str, what: str, remedy: str) -> Finding:
    """It works, but not for ever, or not as it should."""
    return Finding(check, Grade.WARNING, what, remedy)


def problem(check: str, what: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(check, Grade.PROBLEM, what, remedy)
