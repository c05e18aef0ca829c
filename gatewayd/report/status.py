"""The report of everything: what `gatewayd status` prints. It stays short: what takes more room has its own command."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gatewayd.report.accounts import accounts
from gatewayd.report.models import headline as model_headline
from gatewayd.report.words import Answer, and_so_on, for_now, span

MOST = 8
"""Lines about things of one kind."""


def lines(status: Answer) -> Iterator[str]:
    """The whole answer, worst things not hidden at the end."""
    yield f"gatewayd {status['version']}   {status['gateway']}   up {span(status['seconds'])}   {status['config']}"
    for problem in status["problems"]:
        yield f"  config problem: {problem}"
    yield ""
    yield from _sources(status["sources"])
    yield ""
    if status["plugins"]:
        yield from accounts(status["plugins"], status["sources"], status["seconds"])
        yield ""
    if status["calculations"] or status["abandoned"]:
        yield from _calculations(status["calculations"], status["abandoned"])
        yield ""
    yield from _alarms(status["alarms"])
    yield from _orders(status)
    yield from (f"bearing {verdict['reason']}" for verdict in status["verdicts"])
    yield from and_so_on(map(model_headline, status["models"]), MOST, "gatewayd model status")
    yield ""
    yield from _clock(status["clock"])
    yield from _uplink(status["uplink"], status["outbox"])
    yield from _kept(status["record"], status["evidence"])
    yield from _storage(status["storage"])


def _sources(sources: Sequence[Answer]) -> Iterator[str]:
    width = max([6, *(len(source["name"]) for source in sources)])
    row = f"{{name:<{width}}}  {{plugin:<10}} {{state:<12}} {{polls:>9}} {{failed:>8}} {{missed:>8}}  {{last_error}}"
    heading = ("name", "plugin", "state", "polls", "failed", "missed", "last_error")
    yield row.format(**{key: key.replace("_", " ").replace("name", "source") for key in heading})
    for source in sources:
        yield row.format(**{**source, "last_error": _last_error(source)}).rstrip()
        yield from _bad(source)
        yield from _slowed(source)
        if source["about"]:
            yield f"  {source['name']} is {', '.join(f'{key} {text}' for key, text in source['about'].items())}"


def _last_error(source: Answer) -> str:
    """With its age once it is over, else with the age of the trouble."""
    if not source["last_error"]:
        return ""
    when = f"{span(source['last_error_age'])} ago" if source["state"] == "ok" else f"for {span(source['seconds'])}"
    return f"{source['last_error']} ({when})"


def _bad(source: Answer) -> Iterator[str]:
    """The channels of which a source gives no good value, whether it answers or not, and waveforms with flaws."""
    for channel, reason in source["bad"].items():
        yield f"  {source['name']}.{channel} bad: {reason}"
    if more := source["bad_count"] - len(source["bad"]):
        yield f"  {source['name']}: {more} more channels are bad"
    for channel, flaw in source["flawed"].items():
        yield f"  {source['name']}.{channel} {flaw}"


def _slowed(source: Answer) -> Iterator[str]:
    """The polls that its line has no time for as often as the config asks for them."""
    for poll in source["slowed"]:
        paces = f"read every {poll['every']:.3g} s instead of {poll['interval']:g} s"
        yield f"  {source['name']} takes {poll['takes']:.2g} s: {paces}, for the sake of others on its line"


def _calculations(calculations: Sequence[Answer], abandoned: Mapping[str, int]) -> Iterator[str]:
    """What is computed outside the engine."""
    width = max([11, *(len(each["name"]) for each in calculations)])
    row = f"{{:<{width}}}  {{:<8}} {{:>9}} {{:>8}} {{:>11}} {{:>9}} {{:>10}}  {{}}"
    heading = ("calculation", "state", "done", "failed", "passed over", "mean ms", "longest ms", "last error")
    yield row.format(*heading)
    for each in calculations:
        counts = each["count"], each["failed"], each["passed_over"]
        times = _ms(each["mean_ms"]), _ms(each["longest_ms"])
        yield row.format(each["name"], each["state"], *counts, *times, each["last_error"]).rstrip()
    for plugin, count in abandoned.items():
        yield f"  calls of {plugin} that began before a reload and have not ended: {count}"


def _ms(milliseconds: float | None) -> str:
    return "" if milliseconds is None else f"{milliseconds:.1f}"


def _alarms(alarms: Sequence[Answer]) -> Iterator[str]:
    if not alarms:
        yield "no alarm is raised"
    yield from and_so_on(map(_alarm, alarms), MOST, "gatewayd alarm list")


def _alarm(alarm: Answer) -> str:
    states = [alarm["severity"]]
    states += ["acknowledged"] if alarm["acknowledged"] else []
    states += ["over, to be acknowledged"] if alarm["state"] == "returned" else []
    return f"alarm {alarm['rule']} ({', '.join(states)})  {alarm['reason']}"


def _orders(status: Answer) -> Iterator[str]:
    """What operators have ordered, and what is not judged."""
    for asset in status["maintenance"]:
        yield f"maintenance {asset['asset']} {for_now(asset['left'])}"
    shelved = {shelf["rule"] for shelf in status["shelved"]}
    shelves = (f"shelved {shelf['rule']} {for_now(shelf['left'])}" for shelf in status["shelved"])
    resting = {rule for asset in status["maintenance"] for rule in asset["rules"]}
    others = [each for each in status["suspended"] if each["rule"] not in shelved | resting]
    suspended = (f"not judged {each['rule']}  {each['reason']}" for each in others)
    yield from and_so_on(shelves, MOST, "gatewayd alarm list")
    yield from and_so_on(suspended, MOST, "gatewayd alarm list")


def _clock(state: str) -> Iterator[str]:
    """What is to be said of it unless it is right."""
    if state == "unset":
        yield "clock  not set: messages have no times, `gatewayd doctor` says what to do"
    elif state == "set":
        yield "clock  set, but no time service vouches for it"


def _uplink(uplink: Answer, outbox: Answer) -> Iterator[str]:
    since, counts = span(uplink["seconds"]), f"{uplink['acked']} messages acknowledged"
    if uplink["connected"]:
        held = ", but takes no more for now" if uplink["throttled"] else ""
        counts += f", {uplink['refused']} refused, {uplink['reconnects']} reconnects"
        yield f"broker  connected for {since}{held}; {counts}"
    else:
        yield f"broker  away for {since}: {uplink['last_error'] or 'not connected yet'}; {counts}"
    size = f"{outbox['bytes'] / 1e6:.1f} MB"
    yield f"outbox  {outbox['waiting']} messages wait, {size}; {outbox['lost']} lost, {outbox['set_aside']} set aside"
    if outbox["failing"]:
        yield f"outbox  in trouble: {outbox['failing']}; {outbox['unstored']} messages sent from memory"


def _storage(storage: Answer) -> Iterator[str]:
    """What all takes of the disk."""
    most, free = sum(storage["budget"].values()), storage["free"]
    left = "" if free is None else f", {free / 1e6:.0f} MB free"
    wear = storage["written_per_day"]
    per_day = "" if wear is None else f"; {wear / 1e6:.0f} MB written a day"
    yield f"disk  {storage['taken'] / 1e6:.1f} MB taken of {most / 1e6:.0f} MB at most{left}{per_day}"
    if storage["problem"]:
        yield f"disk  in trouble: {storage['problem']}"


def _kept(record: Answer, evidence: Answer) -> Iterator[str]:
    """What is kept on the gateway itself."""
    yield f"evidence  of {evidence['files']} alarms, {evidence['bytes'] / 1e6:.1f} MB{_without(evidence['without'])}"
    if evidence["failing"]:
        yield f"evidence  in trouble: {evidence['failing']}"
    if record["on"]:
        inputs = f"{record['inputs']} inputs of this run, {record['missed']} missed"
        yield f"record  {record['bytes'] / 1e6:.1f} MB, {inputs}"
    if record["failing"]:
        yield f"record  in trouble: {record['failing']}"


def _without(count: int) -> str:
    return f"; {count} alarms without" if count else ""
