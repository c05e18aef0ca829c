"""The budget of each line: a config that asks for more time than a line has is wrong, and is told by whose fault."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from gatewayd.budget import LineBudget, PollBudget, line_budgets
from gatewayd.config.findings import Place
from gatewayd.config.words import quoted, spell
from gatewayd.configured import ConfiguredSource

AIM = 0.9
"""The part of a line's time that what we propose asks for: the rest is for what fails, and for the unforeseen."""
NAMED = 4
"""Sources that are named at most, the greediest first."""


def check_budgets(sources: Iterable[ConfiguredSource], place: Place) -> None:
    """Note lines that are asked for more than all of their time; `place` is that of the sources' tables.

    What a plugin does not know does not count.
    """
    sources = list(sources)
    intervals = {source.name: source.interval for source in sources}
    for line in line_budgets(sources):
        if line.load > 1:
            _note(line, intervals, place)


def _note(line: LineBudget, intervals: dict[str, float], place: Place) -> None:
    """The finding is at the interval of the greediest poll."""
    greediest = max(line.polls, key=lambda poll: poll.share)
    source = place.at(greediest.source)
    own = greediest.interval == intervals[greediest.source]
    at = source.at("interval") if own else source.at("channels", greediest.channels[0], "interval")
    called = f"line {line.name!r}" if line.name else "its line"
    what = f"{called} would be busy for {_percent(line.load)} of the time: {', '.join(_shares(line))}"
    at.wrong(what, _fix(line, greediest))


def _shares(line: LineBudget) -> Iterator[str]:
    """The sources with their shares, the greediest first."""
    shares: dict[str, float] = {}
    for poll in line.polls:
        shares[poll.source] = shares.get(poll.source, 0.0) + poll.share
    ranked = sorted(shares, key=lambda source: -shares[source])
    yield from (f"{source} {_percent(shares[source])}" for source in ranked[:NAMED])
    if rest := ranked[NAMED:]:
        yield f"{len(rest)} others {_percent(sum(shares[source] for source in rest))}"


def _fix(line: LineBudget, greediest: PollBudget) -> str:
    """How it would fit: by the interval of the greediest poll alone, if it asks for half of the load, else by all."""
    left = AIM - (line.load - greediest.share)
    takes = f"{quoted(greediest.source)} takes {greediest.seconds:.2g} s of every {greediest.interval:g} s"
    if greediest.share / line.load < 0.5 or left <= 0:
        return f"{takes}; poll all of them {_rounded(line.load / AIM):g} times as seldom, or read less"
    return f'{takes}; give it interval = "{spell(round(_rounded(greediest.seconds / left) * 1e9))}", or read less'


def _rounded(number: float) -> float:
    """The next larger number with two digits."""
    unit = 10.0 ** (math.floor(math.log10(number)) - 1)
    return round(math.ceil(number / unit - 1e-9) * unit, 9)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
