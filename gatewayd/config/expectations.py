"""Expectations: what `gatewayd test` holds the alarms of a recording against, as one writes it in a config."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time

from gatewayd.duration import Duration

ANY = "any"
"""In the place of a rule's name: any rule."""
NOTHING = "nothing"
ANYTHING_ELSE = "anything else"
FORMS = (
    '"RULE at 60s", "RULE at 60s for 5s", "RULE from 50s to 70s", "RULE within 30s of labels", "nothing" '
    'or "anything else"'
)

_SPAN = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+")
_PART = re.compile(r"\d+(?:\.\d+)?(?:ms|s|m|h|d)")
_FORM = re.compile(
    r"(?P<rule>\S+)\s+(?:"
    r"at\s+(?P<at>\S+)(?:\s+for\s+(?P<lasting>\S+))?"
    r"|from\s+(?P<begin>\S+)\s+to\s+(?P<end>\S+)(?:\s+for\s+(?P<long>\S+))?"
    r"|within\s+(?P<within>\S+)\s+of\s+labels?"
    r")"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in a recording: ns after its first row, or the date or the time of day that its clock shows."""

    after: int = 0
    clock: datetime | time | None = None

    @classmethod
    def parse(cls, text: str) -> Moment:
        """Read `90s`, `1h30m`, `10:25:34` or `2026-11-26T10:25:34`. Raises ValueError."""
        if _SPAN.fullmatch(text):
            return cls(_span(text))
        for kind in (time, datetime):
            try:
                clock = kind.fromisoformat(text)
            except ValueError:
                continue
            if clock.tzinfo is None and ":" in text:
                return cls(clock=clock)
        raise ValueError(f"{text!r} is no time; write it as 90s, 1h30m, 10:25:34 or 2026-11-26T10:25:34")


@dataclass(frozen=True, slots=True)
class Expectation:
    """An alarm of `rule` (`any`: of whichever) is raised between two moments, which may be the same one.

    `lasting`: it is there for so many ns. `within`: instead of between two moments, it is raised within so many ns of
    the beginning of each labelled span. Without a rule: `others`, further alarms may be raised, too.
    """

    text: str
    rule: str = ""
    begin: Moment | None = None
    end: Moment | None = None
    lasting: int | None = None
    within: int | None = None
    others: bool = False

    @classmethod
    def parse(cls, text: str) -> Expectation:
        """Read what a config says. Raises ValueError."""
        words = " ".join(text.split())
        if words in (NOTHING, ANYTHING_ELSE):
            return cls(words, others=words == ANYTHING_ELSE)
        form = _FORM.fullmatch(words)
        if form is None:
            raise ValueError(f"{text!r} is no expectation; write {FORMS}")
        parts = form.groupdict()
        begin, end = parts["at"] or parts["begin"], parts["at"] or parts["end"]
        lasting = parts["lasting"] or parts["long"]
        return cls(
            words,
            form["rule"],
            None if begin is None else Moment.parse(begin),
            None if end is None else Moment.parse(end),
            None if lasting is None else _length(lasting),
            None if parts["within"] is None else _length(parts["within"]),
        )


def _length(text: str) -> int:
    if not _SPAN.fullmatch(text):
        raise ValueError(f"{text!r} is no length of time; write it as 5s or 1h30m")
    return _span(text)


def _span(text: str) -> int:
    return sum(Duration.parse(part).nanoseconds for part in _PART.findall(text))
